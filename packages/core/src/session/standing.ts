import type { Device } from '../device/device.ts'
import type { Grant } from '../grant/grant.ts'
import type { EpochId } from '../ids.ts'
import { DAY, isBegun, type Millis } from '../time.ts'
import { endOf, type Session } from './session.ts'

/** All that the validity of a session hangs on, as it was read. */
export interface StandingFacts {
  /** Of the way by which the session came in. */
  epoch: EpochId | null
  session: Session | null
  sessionRevoked: boolean
  grant: Grant | null
  device: Device | null
  deviceRevoked: boolean
}

export type NoStanding = 'expired' | 'revoked' | 'invalid'

export type Standing =
  | { ok: true; session: Session; grant: Grant; device: Device }
  | { ok: false; reason: NoStanding }

/** Does this session stand now? Derived at each use: epoch, grant, device, session. Anything missing denies. */
export function judgeStanding(facts: StandingFacts, now: Millis): Standing {
  const { epoch, session, grant, device } = facts
  if (session === null) return { ok: false, reason: 'invalid' }
  if (session.epoch !== epoch || facts.deviceRevoked || facts.sessionRevoked)
    return { ok: false, reason: 'revoked' }
  if (
    grant === null ||
    device === null ||
    grant.id !== session.grantId ||
    device.id !== session.deviceId
  ) {
    return { ok: false, reason: 'invalid' }
  }
  if (session.thumbprint !== device.thumbprint) return { ok: false, reason: 'invalid' }
  const { from, until } = standsWithin(session)
  // Written so that a clock that answers NaN denies.
  if (!isBegun(from, now) || !(now < until)) return { ok: false, reason: 'expired' }
  return { ok: true, session, grant, device }
}

/**
 * Between which instants a session may stand at all. By a clock that fell far behind its making or last renewal it might have
 * run out long ago. A day is let pass: where a clock was put right, or starts a little late, nobody should have to pair again.
 */
export function standsWithin(session: Session): { from: Millis; until: Millis } {
  const { expiresAt, slidingMs, createdAt } = session
  const begun = expiresAt !== null && slidingMs !== null ? expiresAt - slidingMs : createdAt
  return { from: Math.max(begun, createdAt) - DAY, until: endOf(session) ?? Infinity }
}
