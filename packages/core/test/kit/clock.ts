/** 2026-11-22T12:00:00Z, a whole second. */
export const NOON = Date.UTC(2026, 10, 22, 12)
