import { isId, type SessionId } from '../ids.ts'
import { isBegun, type Millis } from '../time.ts'
import type { Session } from './session.ts'

/** The generation of a session's first refresh token. */
export const FIRST_REFRESH = 1

/** A refresh token as it was brought: `<session>.<generation>.<secret>`. */
export interface RefreshToken {
  sessionId: SessionId
  generation: number
  /** 43 characters of base64url. */
  secret: string
}

export type BySecret = Extract<Session['renewal'], { by: 'secret' }>

export type RefreshOutcome =
  /** `rotated`: whether this is the use that turned it over, or one more of the same within the grace window. */
  | { ok: true; renewal: BySecret; rotated: boolean }
  /** It was used long ago: somebody holds a copy. `renewal`: with that noted, where it was not before. */
  | { ok: false; reason: 'reused'; renewal: BySecret; isNew: boolean }
  | { ok: false; reason: 'unknown' }

const TEXT = /^([^.]+)\.([1-9][0-9]{0,8})\.([A-Za-z0-9_-]{43})$/

export function parseRefreshToken(text: string): RefreshToken | null {
  const [, sessionId = '', generation = '', secret = ''] = TEXT.exec(text) ?? []
  return isId('ses', sessionId) ? { sessionId, generation: Number(generation), secret } : null
}

/**
 * What becomes of a genuine refresh token of that generation. The one before the last is answered like the last for a short
 * time: two tabs bring the same at once, and answers get lost. Anything older was copied.
 */
export function judgeRefresh(
  renewal: BySecret,
  generation: number,
  graceMs: number,
  now: Millis,
): RefreshOutcome {
  const { generation: current, rotatedAt, reusedAt } = renewal
  if (generation > current) return { ok: false, reason: 'unknown' }
  if (generation === current) {
    const next = { by: 'secret', generation: current + 1, rotatedAt: now, reusedAt: null } as const
    return { ok: true, renewal: next, rotated: true }
  }
  const isInGrace = rotatedAt !== null && isBegun(rotatedAt, now) && now < rotatedAt + graceMs
  if (generation === current - 1 && isInGrace) return { ok: true, renewal, rotated: false }
  const isNew = reusedAt === null
  return {
    ok: false,
    reason: 'reused',
    renewal: isNew ? { ...renewal, reusedAt: now } : renewal,
    isNew,
  }
}
