import { parseStrictJson } from '../encoding/strict-json.ts'
import { sha256Base64Url } from '../encoding/bytes.ts'
import type { Thumbprint } from '../ids.ts'
import type { Need, SessionAuth } from '../pair.ts'
import type { SessionView } from '../session/session.ts'
import type { EndReason } from '../session/live-service.ts'
import type { Frame } from '../resource/message-class.ts'
import { narrowAccess, reaches } from '../resource/resource.ts'
import type { AttachedSocket, SocketGuard } from '../socket-guard.ts'
import { SECOND } from '../time.ts'
import type { RequestFacts } from './request-facts.ts'
import { neededAccess } from './resource-need.ts'
import type { HttpParts } from './route.ts'
import { createInputFilter } from './socket-input.ts'

const HELLO_MS = 10 * SECOND
const HELLO_LIMIT = 8_192
/** Frames that may wait while the first one is verified. */
const WAITING = 32

/** How a socket is closed, by why. */
export const CLOSE: Readonly<Record<EndReason, readonly [number, string]>> = {
  revoked: [4003, 'session ended'],
  invalid: [4003, 'session ended'],
  expired: [4004, 'session expired'],
  unconfirmed: [1013, 'try again later'],
  closed: [1001, 'server is closing'],
}

/** A socket that was let through: held to its session, and where it came by a key-bound ticket, shut until `hello`. */
export function guardSocket(
  parts: HttpParts,
  facts: RequestFacts,
  auth: SessionAuth,
  need: Need,
  hello: { ticket: string; thumbprint: Thumbprint } | null,
): SocketGuard {
  let current: SessionAuth = auth
  const kinds = parts.settings.resources
  const needed = neededAccess(need, kinds)
  const opened = auth.resource ?? null
  // A copied cookie or token opens nothing for longer than it lives itself; a resource token never does.
  const isLasting = hello !== null || (auth.proven && opened === null)
  const until = isLasting ? Infinity : auth.credentialExpiresAt
  return {
    get auth() {
      return current
    },
    attach(socket, ready) {
      let open = true
      let cancelDeadline = (): void => {}
      const shut = (code: number, reason: string): void => {
        if (!open) return
        open = false
        cancelDeadline()
        release()
        socket.close(code, reason)
      }
      const release = parts.live.hold(
        auth.session,
        {
          changed: (session: SessionView) => {
            const left = opened && narrowAccess(kinds, opened, session.scopes)
            current = { ...current, session, ...(left ? { resource: left } : {}) }
            // Judged again, as a request would be: what was taken away is gone from open sockets too.
            const isBelow = needed !== null && (left === null || !reaches(kinds, left, needed))
            if (isBelow || need.scopes?.some((scope) => !session.scopes.includes(scope)))
              shut(4003, 'no longer allowed')
          },
          ended: (reason) => shut(...CLOSE[reason]),
        },
        until,
      )
      const closed = (): void => {
        open = false
        cancelDeadline()
        release()
      }
      const admits = createInputFilter(parts, facts, need, () => current.resource)
      if (hello === null) {
        ready()
        return { receive: async (frame) => open && admits(frame), closed }
      }
      cancelDeadline = parts.timers.after(HELLO_MS, () => shut(4001, 'no hello'))
      const { receive } = awaitHello(parts, facts, hello, {
        shut,
        isOpen: () => open,
        ready,
        settled: () => cancelDeadline(),
      })
      return { receive: async (frame) => (await receive(frame)) && open && admits(frame), closed }
    },
  }
}

interface Door {
  shut(code: number, reason: string): void
  isOpen(): boolean
  ready(): void
  settled(): void
}

/** The first frame is ours; those behind it wait in order until it is judged. */
function awaitHello(
  parts: HttpParts,
  facts: RequestFacts,
  hello: { ticket: string; thumbprint: Thumbprint },
  door: Door,
): Pick<AttachedSocket, 'receive'> {
  let judged: Promise<void> | undefined
  let waiting = 0
  let done = false
  const judge = async (frame: Frame): Promise<void> => {
    const proof = proofOf(frame)
    try {
      if (proof === null) throw new Error('not a hello')
      await parts.proofs.prove(proof, {
        method: 'GET',
        url: facts.externalUrl,
        ath: sha256Base64Url(hello.ticket),
        bodyHash: null,
        thumbprint: hello.thumbprint,
      })
      done = true
      door.settled()
      if (door.isOpen()) door.ready()
    } catch (error) {
      parts.refused(error, facts)
      door.shut(4001, 'hello refused')
    }
  }
  return {
    async receive(frame) {
      if (!door.isOpen()) return false
      if (done) return true
      if (judged === undefined) {
        judged = judge(frame)
        await judged
        return false
      }
      if (++waiting > WAITING) door.shut(4008, 'too much before hello')
      await judged
      return done && door.isOpen()
    },
  }
}

function proofOf(frame: Frame): string | null {
  if (typeof frame !== 'string' || frame.length > HELLO_LIMIT) return null
  const parsed = parseStrictJson(frame, { maxDepth: 2 })
  if (!parsed.ok || typeof parsed.value !== 'object' || parsed.value === null) return null
  const { type, proof } = parsed.value as { type?: unknown; proof?: unknown }
  return type === 'hello' && typeof proof === 'string' ? proof : null
}
