export { optionalSession, requireSession } from './guards.ts'
export { limitRequests } from './limits.ts'
export type { ExpressRequest, Middleware } from './middleware.ts'
export { pairExpress } from './pair-express.ts'
