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
   * This session was seen; `null`: nothing has to be waited for. Written once a minute at most; a store that fails here fails nothing else, but while a session may
   * be handed out once more: then its first use counts only where it is on record.
   *
   * @throws PairError `store_unavailable`
   */
  seen(session: Seen): Promise<void> | null
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

  async function settled({ isKept }: Sight, isYoung: boolean): Promise<void> {
    if (!(await isKept) && isYoung)
      throw new PairError('store_unavailable', { reason: 'the first use can not be kept' })
  }

  return {
    seen({ id, createdAt, expiresAt }) {
      const now = clock()
      const last = sights.get(id)
      const isYoung = isRepeatable(createdAt, now)
      if (last === undefined || Math.abs(now - last.at) >= PRESENCE_EVERY_MS)
        return settled(write(id, expiresAt, now), isYoung)
      // Also who comes while the first one is on its way.
      return isYoung ? settled(last, true) : null
    },
  }
}
