const SQLITE_BUSY = 5

/** Did another connection hold the lock? Each driver says so in its own way. */
export function isBusy(error: unknown): boolean {
  if (typeof error !== 'object' || error === null) return false
  const { errcode, errno, code, message } = error as Partial<Record<string, unknown>>
  const number = errcode ?? errno // node:sqlite, bun:sqlite; the low byte is the primary code
  if (typeof number === 'number') return (number & 0xff) === SQLITE_BUSY
  if (typeof code === 'string' && code.startsWith('SQLITE_')) return code.startsWith('SQLITE_BUSY')
  return message === 'database is locked' // some calls of Deno's node:sqlite say no more
}

/** A short random wait in milliseconds, so that rivals for a lock come back apart; who waited long comes back sooner. */
export function randomWait(waitedMs: number): number {
  return 1 + Math.random() * Math.max(2, 8 - waitedMs / 100)
}
