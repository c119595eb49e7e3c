import type { ErrorCode } from '@pair/core'

/** What each code means beyond its sentence: when it is answered, and what was used up. Markdown. */
export const ERRORS: Readonly<Record<ErrorCode, string>> = {
  invalid_request:
    'The body or a parameter is not as the route wants it; `detail` names the member. Nothing was spent.',
  code_malformed:
    'What was typed has a character that no code has, or another length. It costs no guess.',
  duplicate_credentials:
    'Two `Authorization` or `DPoP` headers, or two cookies of our name: one of them was put there by somebody else.',
  code_invalid:
    'The one answer for a code that is unknown, used, expired, revoked, or bound to another key. The log tells which. Whoever used it is [answered again](sessions.md#lost-answers) for a minute.',
  session_required: 'No credentials came with the request.',
  session_expired:
    'The cookie or token ran out. A device with a key renews at `POST /auth/renew`; `client.fetch` does it by itself.',
  session_revoked: 'The session, its device, or all sessions were ended.',
  session_invalid:
    'Not a credential of this server, or presented another way than its transport; also a spent ticket, and a refresh token that was [used before](sessions.md#refresh-tokens).',
  proof_required:
    'A cookie or token of a device with a key is not enough here: the `DPoP` header is missing.',
  proof_invalid:
    'The proof is for another request, of another key, or was used before. `time` is the clock of the server.',
  use_dpop_nonce:
    'All else about it is right: it is more than 300 seconds old or 5 ahead, so the clock of the device is off, or the nonce in it is older than that, or not of this server. `nonce` is a fresh one, the header `DPoP-Nonce` too; `time` is the clock of the server. [Proofs](proofs.md#a-clock-that-is-off) shows the whole answer.',
  device_key_required:
    "A device without a key can not have this: a code that gives only `access:*`, a route with `proof: 'required'`, or `keyless: 'refuse'`.",
  insufficient_scope: 'The session, code or issuer lacks the scopes in `scopes`.',
  resource_required:
    'A session alone came, or a token of another resource or of a weaker mode. The log tells which.',
  agent_key_required:
    "The route is for agents, and what came with the request is none of their keys: nothing, a person's session, or a key that is unknown, has run out or was revoked. The log tells which.",
  agent_mismatch:
    'The key is live, and of another agent than the one whose place the request takes (`Need.agent`), or the place that is meant can not be told.',
  agent_taken:
    'The agent of that name has a live key already, and nobody takes its place with a code or a shared key.',
  agent_key_rotated: 'Of one key there is one heir: whoever rotates second changes nothing.',
  policy_refused:
    'A hook of the `policy` option vetoed, threw, or did not answer in time. Nothing was used up. The log has its sentence; strangers are told none.',
  relay_refused:
    'The one answer for a mint request that is malformed, not signed by a relay that is registered here, for another server, out of time, changed, or used before. The log tells which. Nothing is used up by a request that is refused.',
  origin_refused:
    'A page of another origin asks to change something or to open a socket. Other ports of localhost are other origins.',
  host_refused:
    'The `Host` header is neither loopback nor declared: `publicUrl` or `allowedHosts`. This is what stops DNS rebinding.',
  insecure_transport:
    'Plain http for a host that is not loopback. Behind a proxy that ends TLS, declare `proxy`.',
  admission_refused:
    'The server is closed to newcomers, or takes codes alone, or wants a person to decide: `admission` names the mode. Codes and devices that are paired are not touched.',
  admission_unknown:
    'A newer version, or somebody by hand, stored another mode; the log names it. Paired devices go on.',
  admission_changed:
    'Somebody else set it since the `version` that you named was read. Nothing was changed.',
  approval_rejected:
    'It holds for this key for 30 days, until it is forgotten, or until the key paired in another way.',
  approval_expired:
    'Nobody decided or collected it in time, it was withdrawn, or what it hung on is gone; also the one answer for a claim that is unknown or of somebody else.',
  approval_collected: 'Of any number who collect, one gets the session.',
  approval_changed:
    'Its device asked for something else, or from elsewhere, after you looked: it has another `digest` and another match code.',
  approval_decided: 'Somebody decided first, its device took it back, or it ran out.',
  approval_pending: 'There is no decision of it that could be forgotten.',
  approval_limited:
    'The queue is full for you, or your network or code cools down after a rejection. `Retry-After` is set.',
  user_code_required:
    'It came by the device grant: only whoever sees the device, and types its code, lets it in.',
  rate_limited:
    'So many of that kind go from one address in a window; `RateLimit` headers say how many are left. `Retry-After` is set.',
  locked_out:
    'Ten in a row lock an address out; what it tries meanwhile is not looked at, does not count and uses nothing up. `Retry-After` is set.',
  codes_suspended: 'Links and QR codes go on working: nobody guesses them. `Retry-After` is set.',
  not_found: 'No such route, or no such live code, session, device or request.',
  method_not_allowed: 'The route has other methods: see `Allow`.',
  body_too_large: 'Bodies end at 16 KiB.',
  unsupported_media_type: 'Bodies are `application/json`.',
  store_unavailable:
    'The store failed, took too long, or could not tell whether a change was made. Nothing was granted. `Retry-After` is set.',
  store_busy: 'Too many changed the same record at once. Nothing was granted.',
  clock_skew:
    "It differs from that of the store by more than five seconds, so this instance makes no session, code or ticket until it is put right; it compares itself anew within a second of being asked. Sessions go on, and revoking works. The operator's log has the figures, once a minute. `Retry-After` is set.",
  internal: 'A fault of the server; its log has the cause.',
  config_invalid: 'Thrown by `createPair`: the message names the option, the hint the mend.',
}
