import type { Followed } from '../audit/journal-service.ts'
import { PairError } from '../errors.ts'
import type { EndReason } from '../session/live-service.ts'
import { SECOND } from '../time.ts'
import { SECURITY_HEADERS } from './problem.ts'
import type { Route, Visit } from './route.ts'
import { toEvent } from './views.ts'

const READ = { scopes: ['access:read'] } as const
const BEAT_MS = 15 * SECOND
const CURSOR = /^[!-~]{1,64}$/

/** What the reader is told of the end; `null`: nothing, it may come again at once. */
const END: Readonly<Record<EndReason, string | null>> = {
  revoked: 'session_revoked',
  invalid: 'session_revoked',
  expired: 'session_expired',
  unconfirmed: 'store_unavailable',
  closed: null,
}

/** The journal as server-sent events: resumable, ended with the session, never buffered for a slow reader. */
export const eventRoutes: readonly Route[] = [
  { method: 'GET', path: 'access/events', handle: streamEvents },
]

async function streamEvents(visit: Visit): Promise<Response> {
  const { parts, facts } = visit
  const { session, proven, credentialExpiresAt } = await visit.require(READ)
  const cursor =
    facts.request.headers.get('last-event-id') ??
    facts.url.searchParams.get('after') ??
    (await parts.journal.now())
  if (!CURSOR.test(cursor))
    throw new PairError('invalid_request', { message: 'The cursor is not one of ours.' })

  const follower = parts.journal.follow(cursor)
  const encoder = new TextEncoder()
  let over = false
  let why: string | null = null
  let release: () => void = () => {}
  const close = (code: string | null): void => {
    if (!over) why = code
    over = true
    release()
    follower.close()
  }
  release = parts.live.hold(
    session,
    {
      changed: ({ scopes }) => {
        if (!scopes.includes('access:read')) close('insufficient_scope')
      },
      ended: (reason) => close(END[reason]),
    },
    proven ? Infinity : credentialExpiresAt,
  )
  const body = new ReadableStream<Uint8Array>(
    {
      start: (controller) => controller.enqueue(encoder.encode(': open\n\n')),
      // Asked for only when the reader has room: back-pressure reaches the journal.
      async pull(controller) {
        const told = over ? null : await follower.next(BEAT_MS).catch(() => null)
        if (told !== null && !over) return controller.enqueue(encoder.encode(frame(told)))
        close('store_unavailable')
        if (why !== null)
          controller.enqueue(
            encoder.encode(`event: end\ndata: ${JSON.stringify({ code: why })}\n\n`),
          )
        controller.close()
      },
      cancel: () => close(null),
    },
    { highWaterMark: 1 },
  )
  return new Response(body, {
    headers: {
      ...SECURITY_HEADERS,
      'content-type': 'text/event-stream; charset=utf-8',
      'x-accel-buffering': 'no',
    },
  })
}

function frame(told: Followed): string {
  switch (told.kind) {
    case 'idle':
      return ': beat\n\n'
    case 'reset':
      return `id: ${told.cursor}\nevent: reset\ndata: {}\n\n`
    case 'events':
      return told.events
        .map(
          (event) => `id: ${event.id}\nevent: change\ndata: ${JSON.stringify(toEvent(event))}\n\n`,
        )
        .join('')
  }
}
