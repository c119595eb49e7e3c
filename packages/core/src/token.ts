/** Tokens by themselves, for who verifies them elsewhere: pure functions, without a clock, a store or a secret. */
export type { PublicJwk } from './token/eddsa-crypto.ts'
export {
  verifyByPublicKeys,
  type PublicClaims,
  type VerifyOptions,
} from './token/public-keys-crypto.ts'
export { parseResourceClaims, type ResourceClaims } from './token/resource-claims.ts'
export { parseSessionClaims, type SessionClaims } from './token/session-claims.ts'
export { parseTokenText, TOKEN_LIMIT, type TokenText } from './token/token-text.ts'
export type { SessionId, Thumbprint } from './ids.ts'
export type { Millis } from './time.ts'
