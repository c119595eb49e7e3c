import type { SessionId } from '../ids.ts'
import type { ServicePorts } from '../service-ports.ts'
import type { Millis } from '../time.ts'
import { PRESENCE_EVERY_MS } from './presence.ts'
import { KEEP_AFTER_END_MS } from './pairing-records.ts'

export interface PresenceService {
  /** This session was seen. Written once a minute at most; a store that fails here fails nothing else. */
  seen(id: SessionId, expiresAt: Millis | null): Promise<void>
}

/** How many sessions are remembered as seen; beyond it the longest forgotten is written once more. */
const REMEMBERED = 10_000

export function createPresenceService({ space, records, clock }: ServicePorts): PresenceService {
  const written = new Map<SessionId, Millis>()
  return {
    async seen(id, expiresAt) {
      const now = clock()
      if (Math.abs(now - (written.get(id) ?? -Infinity)) < PRESENCE_EVERY_MS) return
      written.delete(id)
      written.set(id, now)
      if (written.size > REMEMBERED) written.delete(written.keys().next().value as SessionId)
      const purgeAt = expiresAt === null ? null : expiresAt + KEEP_AFTER_END_MS
      await space
        .commit({
          checks: [],
          writes: [records.presence.put(id, { lastSeenAt: now }, purgeAt)],
          journal: [],
        })
        .catch(() => written.delete(id))
    },
  }
}
