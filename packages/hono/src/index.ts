export { guardEvents, requireSocket, type GuardEventsOptions } from './sockets.ts'
export { optionalSession, requireSession } from './guards.ts'
export { pairHono } from './pair-hono.ts'
export type { PairHonoOptions } from './request-info.ts'
