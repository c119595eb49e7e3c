import { MINUTE, SECOND, type Millis } from '../time.ts'

export interface Presence {
  lastSeenAt: Millis
}

/** How often presence is written at most, for each session and instance. */
export const PRESENCE_EVERY_MS: Millis = MINUTE

/** Seen so lately counts as online: one write a minute, and room for a slow one. */
const ONLINE_MS = 90 * SECOND

export interface PresenceView extends Presence {
  online: boolean
}

/** Presence as it is shown; a session never seen since pairing was seen then. */
export function viewPresence(
  presence: Presence | null,
  pairedAt: Millis,
  now: Millis,
): PresenceView {
  const lastSeenAt = presence?.lastSeenAt ?? pairedAt
  return { lastSeenAt, online: now - lastSeenAt < ONLINE_MS }
}
