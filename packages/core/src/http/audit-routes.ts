import type { ExportWish } from '../audit/journal-service.ts'
import { PairError } from '../errors.ts'
import type { EndReason } from '../session/live-service.ts'
import { parseRfc3339, toRfc3339 } from '../time.ts'
import { SECURITY_HEADERS } from './problem.ts'
import { json, READ, type Route, type Visit } from './route.ts'

/** The journal as JSON lines, and how many were refused. */
export const auditRoutes: readonly Route[] = [
  { method: 'GET', path: 'audit', handle: exportJournal },
  { method: 'GET', path: 'audit/refusals', handle: listRefusals },
]

const WORD = /^[!-~]{1,64}$/
const LINES = 64

/** Lines as they are read, a page at a time; ended with the session that asks. */
async function exportJournal(visit: Visit): Promise<Response> {
  const { parts } = visit
  const { session, proven, credentialExpiresAt } = await visit.require(READ)
  const lines = parts.journal.export(wishOf(visit))[Symbol.asyncIterator]()
  // What can't be read at all is answered as that.
  let next = await lines.next()
  const encoder = new TextEncoder()
  let ended: EndReason | 'narrowed' | null = null
  const release = parts.live.hold(
    session,
    {
      changed: ({ scopes }) => {
        if (!scopes.includes('access:read')) ended ??= 'narrowed'
      },
      ended: (reason) => void (ended ??= reason),
    },
    proven ? Infinity : credentialExpiresAt,
  )
  const body = new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        let text = ''
        try {
          for (let count = 0; count < LINES && !next.done && ended === null; count++) {
            text += `${next.value}\n`
            next = await lines.next()
          }
        } catch (error) {
          release()
          throw error
        }
        if (ended === null && text !== '') controller.enqueue(encoder.encode(text))
        if (ended === null && !next.done) return
        release()
        // Cut short: the line that says where to go on is missing.
        if (ended !== null) await lines.return?.()
        controller.close()
      },
      async cancel() {
        release()
        await lines.return?.()
      },
    },
    { highWaterMark: 1 },
  )
  return new Response(body, {
    headers: { ...SECURITY_HEADERS, 'content-type': 'application/jsonl; charset=utf-8' },
  })
}

/** @throws PairError `invalid_request` */
function wishOf({ facts }: Visit): ExportWish {
  const { searchParams } = facts.url
  const word = (name: string): string | undefined => {
    const text = searchParams.get(name)
    if (text !== null && !WORD.test(text))
      throw new PairError('invalid_request', { message: `\`${name}\` is none of ours.` })
    return text ?? undefined
  }
  const [after, actor, about] = [word('after'), word('actor'), word('about')]
  const types = searchParams.getAll('type')
  const limit = searchParams.get('limit')
  if (limit !== null && !/^[1-9][0-9]{0,8}$/.test(limit))
    throw new PairError('invalid_request', { message: '`limit` must be a whole number from 1.' })
  return {
    ...(after === undefined ? {} : { after }),
    ...(actor === undefined ? {} : { actor }),
    ...(about === undefined ? {} : { about }),
    ...(types.length === 0 ? {} : { types }),
    ...(limit === null ? {} : { limit: Number(limit) }),
  }
}

async function listRefusals(visit: Visit): Promise<Response> {
  await visit.require(READ)
  const since = visit.facts.url.searchParams.get('since')
  const at = since === null ? 0 : parseRfc3339(since)
  if (at === null)
    throw new PairError('invalid_request', { message: '`since` must be an instant of RFC 3339.' })
  const { items, next } = await visit.parts.refusalCounts.refusals({ since: at })
  return json({
    items: items.map(({ from, until, ...counted }) => ({
      from: toRfc3339(from),
      until: toRfc3339(until),
      ...counted,
    })),
    next: toRfc3339(next),
  })
}
