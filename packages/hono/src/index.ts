export { guardEvents, requireSocket, type GuardEventsOptions } from './sockets.ts'
export { limitRequests } from './limits.ts'
export {
  optionalSession,
  requireAgent,
  requireAny,
  requireSession,
  type AgentNeed,
  type AnyNeed,
  type AnyNeedOf,
  type NeedOf,
} from './guards.ts'
export { pairHono } from './pair-hono.ts'
export type { PairHonoOptions } from './request-info.ts'
