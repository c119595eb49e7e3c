export {
  optionalSession,
  requireAgent,
  requireAny,
  requireSession,
  type AgentNeed,
  type AnyNeed,
  type NeedOf,
  type RoutedRequest,
} from './guards.ts'
export { limitRequests } from './limits.ts'
export type { ExpressRequest, Middleware } from './middleware.ts'
export { pairExpress } from './pair-express.ts'
