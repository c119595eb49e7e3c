/** The stable names of refusals; each answers as a problem of type `urn:pair:problem:<code>`. */
export type ErrorCode =
  | 'invalid_request'
  | 'code_malformed'
  | 'duplicate_credentials'
  | 'code_invalid'
  | 'session_required'
  | 'session_expired'
  | 'session_revoked'
  | 'session_invalid'
  | 'proof_required'
  | 'proof_invalid'
  | 'use_dpop_nonce'
  | 'device_key_required'
  | 'insufficient_scope'
  | 'resource_required'
  | 'agent_key_required'
  | 'agent_mismatch'
  | 'agent_taken'
  | 'agent_key_rotated'
  | 'policy_refused'
  | 'relay_refused'
  | 'origin_refused'
  | 'host_refused'
  | 'insecure_transport'
  | 'admission_refused'
  | 'admission_unknown'
  | 'admission_changed'
  | 'approval_rejected'
  | 'approval_expired'
  | 'approval_collected'
  | 'approval_changed'
  | 'approval_decided'
  | 'approval_pending'
  | 'approval_limited'
  | 'user_code_required'
  | 'rate_limited'
  | 'locked_out'
  | 'codes_suspended'
  | 'not_found'
  | 'method_not_allowed'
  | 'body_too_large'
  | 'unsupported_media_type'
  | 'store_unavailable'
  | 'store_busy'
  | 'clock_skew'
  | 'internal'
  | 'config_invalid'

/** Every refusal that reaches a caller or the wire, with its status and its fixed sentence and mend. */
export const ERROR_TABLE: Readonly<
  Record<ErrorCode, readonly [status: number, message: string, hint: string]>
> = {
  invalid_request: [
    400,
    'The request is not well formed.',
    'Check the body against the documentation of this route.',
  ],
  code_malformed: [
    400,
    'That is not a pairing code.',
    'A typed code has letters and digits in groups of three and never 0, O, 1, I or L.',
  ],
  duplicate_credentials: [
    400,
    'A credential was sent more than once.',
    'Send one Authorization, one DPoP header and one cookie of ours.',
  ],
  code_invalid: [
    401,
    'This code can not be used.',
    'Ask for a fresh code: each works once and for a short time.',
  ],
  session_required: [
    401,
    'This needs a paired device.',
    'Open the pairing page with a fresh link or code.',
  ],
  session_expired: [401, 'This pairing has run out.', 'Renew it, or pair again with a fresh code.'],
  session_revoked: [401, 'This device was signed out.', 'Pair again with a fresh code.'],
  session_invalid: [401, 'These credentials are not valid here.', 'Pair again with a fresh code.'],
  proof_required: [
    401,
    'This needs a proof of the device key.',
    'Send a DPoP header made with the key that this device paired with.',
  ],
  proof_invalid: [
    401,
    'The proof of the device key does not hold.',
    'Sign a new proof for exactly this request. `time` is the clock of this server.',
  ],
  use_dpop_nonce: [
    401,
    'The proof of the device key is not of this moment.',
    'Sign again with the `nonce` of this answer as a claim, or by `time`, the clock of this server.',
  ],
  device_key_required: [
    403,
    'This needs a device with a key.',
    'Send `device.publicKey` and a DPoP proof when pairing.',
  ],
  insufficient_scope: [
    403,
    'This device may not do that.',
    'Pair it with a code that carries the scopes named in `scopes`.',
  ],
  resource_required: [
    403,
    'This is for one resource, and these credentials are not for it.',
    'Ask `/resource-tokens` for a token, or `/tickets` for a ticket, that names this resource and a mode that is enough.',
  ],
  agent_key_required: [
    401,
    'This needs the key of an agent.',
    'Issue one at `/agent-keys` and send it as `Authorization: Bearer`. Credentials of people are not taken here.',
  ],
  agent_mismatch: [
    403,
    'This key is of another agent.',
    'Each agent comes with the key that was issued for it, under its own name.',
  ],
  agent_taken: [
    409,
    'This agent has a key already.',
    'Rotate its key, or revoke it first. Nothing was used up.',
  ],
  agent_key_rotated: [
    409,
    'This key was rotated already.',
    'Go on with the key that took its place, or issue a new one.',
  ],
  policy_refused: [
    403,
    'The owner of this server does not allow that.',
    '`policy` of this server refused it; its log says why.',
  ],
  relay_refused: [
    401,
    'What the relay sent does not hold.',
    'Sign a new mint request for exactly this server, with a new `jti` and `nonce` and a clock that is right.',
  ],
  origin_refused: [
    403,
    'Requests from this page are not accepted.',
    'Add its origin to `allowedOrigins` if it is yours.',
  ],
  host_refused: [
    403,
    'This server does not answer to that host name.',
    'Add the name to `allowedHosts`, or set `publicUrl`, if it is yours.',
  ],
  insecure_transport: [
    403,
    'This server is not to be used over plain http from elsewhere.',
    'Use https, or set `allowInsecureLan` for a network that you trust.',
  ],
  admission_refused: [
    403,
    'Nobody comes in that way here.',
    '`admission` says how devices are paired with this server.',
  ],
  admission_unknown: [
    403,
    'Nobody new can come in until the operator mends a setting.',
    'The stored admission mode is not one of this version: `pair.admission.recover(mode)` sets it anew.',
  ],
  admission_changed: [
    409,
    'The admission mode was changed meanwhile.',
    'Read it again and decide with its `version`.',
  ],
  approval_rejected: [
    403,
    'This device was turned away.',
    'Ask the owner of the server to forget the decision, then request again.',
  ],
  approval_expired: [
    410,
    'This request is no longer waiting.',
    'Request again. A claim goes with the key, or the cookie, that its request was made with.',
  ],
  approval_collected: [
    410,
    'This request was approved and collected already.',
    'Go on with the session that it gave, or request again.',
  ],
  approval_changed: [
    409,
    'The request is not what was shown any more. Nothing was decided.',
    'Read it again, and decide with its `digest`.',
  ],
  approval_decided: [
    409,
    'This request is not waiting for a decision any more.',
    '`state` says what became of it.',
  ],
  approval_pending: [
    409,
    'This request is still waiting.',
    'Approve or reject it; a decision can be forgotten.',
  ],
  approval_limited: [
    429,
    'Too many are waiting, or a request from here was turned away a moment ago.',
    'Try again when `retryAfter` seconds have passed.',
  ],
  user_code_required: [
    403,
    'This request is approved with the code that its device shows.',
    'Type that code, and send it with the decision as `userCode`. Rejecting needs none.',
  ],
  rate_limited: [
    429,
    'Too many requests from here.',
    'Try again when `retryAfter` seconds have passed.',
  ],
  locked_out: [
    429,
    'Too many wrong codes from here.',
    'Wait until `retryAfter` seconds have passed, then use a fresh code. Nothing was used up meanwhile.',
  ],
  codes_suspended: [
    429,
    'Typed codes are not taken for a moment: too many were tried, by anybody.',
    'Use the pairing link or its QR code, or try again when `retryAfter` seconds have passed.',
  ],
  not_found: [404, 'There is nothing here.', 'Check the address.'],
  method_not_allowed: [405, 'That method is not for this address.', 'See the Allow header.'],
  body_too_large: [413, 'The body is too large.', 'Bodies end at 16 KiB.'],
  unsupported_media_type: [415, 'That media type is not accepted.', 'Send application/json.'],
  store_unavailable: [
    503,
    'The server can not confirm this now.',
    'Try again in a moment. Nothing was granted.',
  ],
  store_busy: [
    503,
    'Too many are changing this at once.',
    'Try again in a moment. Nothing was granted.',
  ],
  clock_skew: [
    503,
    'The clock of this server is off.',
    'Let NTP set the clocks of the server and of its store. Nothing was granted, and nothing was used up.',
  ],
  internal: [500, 'Something went wrong on the server.', 'See the log of the server.'],
  config_invalid: [500, 'The configuration is not usable.', 'See the message.'],
}
