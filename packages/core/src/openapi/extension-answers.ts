import * as z from 'zod/mini'
import type { AgentKeyWire, IssuedAgentKeyAnswer, SupportCodeAnswer } from '../http/agent-wire.ts'
import type { MintAnswerWire, RelayAnswer } from '../http/relay-routes.ts'
import { Code } from './answer-schemas.ts'

// What the routes of extensions answer, as schemas of the wire types.

const Time = z.iso.datetime()
const nullableTime = z.nullable(Time)

export const AgentKey: z.ZodMiniType<AgentKeyWire> = z.object({
  id: z.string(),
  agent: z.string(),
  label: z.nullable(z.string()),
  scopes: z.array(z.string()),
  issuedBy: z.nullable(z.object({ sessionId: z.string(), deviceId: z.string() })),
  predecessor: z.nullable(z.string()),
  successor: z.nullable(z.string()),
  createdAt: Time,
  expiresAt: nullableTime,
  lastUsedAt: nullableTime,
})

export const IssuedAgentKey: z.ZodMiniType<IssuedAgentKeyAnswer> = z.object({
  agentKey: AgentKey,
  key: z.string(),
})

export const SupportCode: z.ZodMiniType<SupportCodeAnswer> = z.object({
  code: Code,
  typed: z.string(),
})

export const Relay: z.ZodMiniType<RelayAnswer> = z.object({
  audience: z.string(),
  maxAgeSeconds: z.int(),
  time: Time,
})

export const MintAnswer: z.ZodMiniType<MintAnswerWire> = z.object({ answer: z.string() })

/** RFC 8628 §3.1 */
export const DeviceAuthorizationForm: z.ZodMiniType = z.object({
  client_id: z.string(),
  scope: z.optional(z.string()),
})

/** RFC 8628 §3.2 */
export const DeviceAuthorization: z.ZodMiniType = z.object({
  device_code: z.string(),
  user_code: z.string(),
  verification_uri: z.string(),
  expires_in: z.int(),
  interval: z.int(),
})

/** RFC 8628 §3.4, RFC 6749 §6 */
export const TokenForm: z.ZodMiniType = z.object({
  client_id: z.string(),
  grant_type: z.enum(['urn:ietf:params:oauth:grant-type:device_code', 'refresh_token']),
  device_code: z.optional(z.string()),
  refresh_token: z.optional(z.string()),
  scope: z.optional(z.string()),
})

/** RFC 6749 §5.1 */
export const OAuthToken: z.ZodMiniType = z.object({
  access_token: z.string(),
  token_type: z.enum(['Bearer', 'DPoP']),
  expires_in: z.int(),
  scope: z.string(),
  refresh_token: z.optional(z.string()),
})

/** RFC 6749 §5.2 */
export const OAuthError: z.ZodMiniType = z.object({
  error: z.string(),
  error_description: z.optional(z.string()),
})

/** RFC 8414 §2 */
export const OAuthMetadata: z.ZodMiniType = z.object({
  issuer: z.string(),
  device_authorization_endpoint: z.string(),
  token_endpoint: z.string(),
  jwks_uri: z.string(),
  scopes_supported: z.array(z.string()),
  response_types_supported: z.array(z.string()),
  grant_types_supported: z.array(z.string()),
  token_endpoint_auth_methods_supported: z.array(z.string()),
  dpop_signing_alg_values_supported: z.array(z.string()),
})

/** How many were refused in a slice of time. */
export const RefusalCount: z.ZodMiniType = z.object({
  from: Time,
  until: Time,
  counts: z.record(z.string(), z.int()),
  addresses: z.array(z.object({ address: z.string(), count: z.int() })),
  elsewhere: z.int(),
})
