import { isRepeatable } from '../bootstrap/redemption.ts'
import { PairError } from '../errors.ts'
import type { SessionId } from '../ids.ts'
import type { ServicePorts } from '../service-ports.ts'
import type { Millis } from '../time.ts'
import { PRESENCE_EVERY_MS } from './presence.ts'
import { KEEP_AFTER_END_MS } from './pairing-records.ts'
import type { SessionView } from './session.ts'

/** Who was seen. */
export type Seen = Pick<SessionView, 'id' | 'createdAt' | 'expiresAt'>

export interface PresenceService {
  /**
   * This session was seen. Written once a minute at most; a store that fails here fails nothing else, but while a session may
   * be handed out once more: then its first use counts only where it is on record.
   *
   * @throws PairError `store_unavailable`
   */
  seen(session: Seen): Promise<void>
}

/** How many sessions are remembered as seen; beyond it the longest forgotten is written once more. */
const REMEMBERED = 10_000

interface Sight {
  at: Millis
  isKept: Promise<boolean>
}

export function createPresenceService({ space, records, clock }: ServicePorts): PresenceService {
  const sights = new Map<SessionId, Sight>()

  function write(id: SessionId, expiresAt: Millis | null, at: Millis): Sight {
    const purgeAt = expiresAt === null ? null : expiresAt + KEEP_AFTER_END_MS
    const sight: Sight = {
      at,
      isKept: space
        .commit({
          checks: [],
          writes: [records.presence.put(id, { lastSeenAt: at }, purgeAt)],
          journal: [],
        })
        .catch(() => {
          if (sights.get(id) === sight) sights.delete(id)
          return false
        }),
    }
    sights.delete(id)
    sights.set(id, sight)
    if (sights.size > REMEMBERED) sights.delete(sights.keys().next().value as SessionId)
    return sight
  }

  async function seen({ id, createdAt, expiresAt }: Seen): Promise<void> {
    const now = clock()
    const last = sights.get(id)
    const isFresh = last !== undefined && Math.abs(now - last.at) < PRESENCE_EVERY_MS
    const { isKept } = isFresh ? last : write(id, expiresAt, now)
    const isYoung = isRepeatable(createdAt, now)
    // Also who comes while the first one is on its way.
    if ((isYoung || !isFresh) && !(await isKept) && isYoung)
      throw new PairError('store_unavailable', { reason: 'the first use can not be kept' })
  }

  return { seen }
}
