import { sha256Base64Url } from '../encoding/bytes.ts'
import { canonicalJson } from '../encoding/canonical-json.ts'
import { cleanLabel } from '../encoding/text.ts'
import { isScope } from '../grant/scopes.ts'
import { parseProofJwk, type ProofJwk } from '../proof/proof-key.ts'
import { PROOF_FUTURE_MS } from '../proof/proof.ts'
import { MINUTE, SECOND, type Millis } from '../time.ts'

/** Who is to be let in, as it describes itself. */
export interface RelayedDevice {
  /** 1 to 80 printable characters. */
  label: string
  kind: 'browser' | 'app' | 'agent'
  /** Its proof key: P-256 or Ed25519, the public members alone. */
  publicKey: ProofJwk
}

/** What a client asks an environment for by way of a relay. It signs all of it; the relay only carries it. */
export interface MintWish {
  /** The environment's audience: an http or https URL without query, fragment and slash at its end. */
  audience: string
  /** The relay that carries it, by its id in the environment's options. */
  relayId: string
  /** 16 to 128 characters of base64url, random, used once. The answer repeats it. */
  nonce: string
  /** When the client asked; whole seconds since 1970. */
  requestedAt: number
  device: RelayedDevice
  /** Default `dpop`. A client without a key has no way in here. */
  transport?: 'cookie' | 'dpop'
  /** Default: all that the relay may give. 1 to 64, each once. */
  scopes?: readonly string[]
}

/** The claims of a mint request, as a relay signs them. Instants in seconds. */
export interface MintRequest extends MintWish {
  jti: string
  iat: number
  exp: number
  /** The client's DPoP proof of its wish. */
  proof: string
}

/** A relay and an environment believe nothing that is older. */
export const RELAYED_MS: Millis = 5 * MINUTE

const RELAY_ID = /^[A-Za-z0-9._-]{1,64}$/
const ONCE = /^[A-Za-z0-9_-]{16,128}$/
const KINDS: readonly unknown[] = ['browser', 'app', 'agent']
const SCOPES = 64
const PROOF_LIMIT = 2_048

/** May a relay be called that? 1 to 64 letters, digits, dots, dashes and underscores. */
export function isRelayId(text: unknown): text is string {
  return typeof text === 'string' && RELAY_ID.test(text)
}

/** Can this name an environment: an http or https URL in its normal form, without query, fragment, user and slash at its end? */
export function isAudience(text: unknown): text is string {
  if (typeof text !== 'string' || text.length > 512 || !URL.canParse(text)) return false
  const { protocol, origin, pathname } = new URL(text)
  const path = pathname === '/' ? '' : pathname
  return /^https?:$/.test(protocol) && text === origin + path && !text.endsWith('/')
}

/** Where that environment mints. A client makes its proof for a POST to it. */
export function mintUrlOf(audience: string): string {
  return `${audience}/relay/mint`
}

/** The SHA-256 of all that a client asks for, base64url: what its proof says as `bodyHash`. @see RFC 8785 */
export function hashOfWish(wish: MintWish): string {
  const { audience, relayId, nonce, requestedAt, device, transport = 'dpop', scopes } = wish
  const { label, kind, publicKey } = device
  return sha256Base64Url(
    canonicalJson({
      aud: audience,
      relay: relayId,
      nonce,
      requestedAt,
      // What an exported key has beside its own members says nothing of it.
      device: { label, kind, publicKey: { ...(parseProofJwk(publicKey) ?? publicKey) } },
      transport,
      ...(scopes === undefined ? {} : { scopes: [...scopes] }),
    }),
  )
}

/** The claims of a mint request, all there and of their types, or `null`. What it says beside them is passed over. */
export function parseMintRequest(payload: Readonly<Record<string, unknown>>): MintRequest | null {
  const { iss, aud, jti, nonce, iat, exp, requestedAt, scopes, proof } = payload
  const { transport = 'dpop' } = payload
  const device = parseDevice(payload['device'])
  if (!isRelayId(iss) || !isAudience(aud) || !isOnce(jti) || !isOnce(nonce) || !device) return null
  if (!isSeconds(iat) || !isSeconds(exp) || !isSeconds(requestedAt)) return null
  if (transport !== 'cookie' && transport !== 'dpop') return null
  if (typeof proof !== 'string' || proof.length > PROOF_LIMIT) return null
  if (scopes !== undefined && !isScopes(scopes)) return null
  return {
    audience: aud,
    relayId: iss,
    nonce,
    requestedAt,
    device,
    transport,
    ...(scopes === undefined ? {} : { scopes }),
    jti,
    iat,
    exp,
    proof,
  }
}

function parseDevice(value: unknown): RelayedDevice | null {
  if (typeof value !== 'object' || value === null) return null
  const { label, kind, publicKey: given } = value as Record<string, unknown>
  const publicKey = parseProofJwk(given)
  if (publicKey === null || !KINDS.includes(kind)) return null
  // What is shown is what was signed: nothing is made fit here.
  if (typeof label !== 'string' || cleanLabel(label) !== label) return null
  return { label, kind: kind as RelayedDevice['kind'], publicKey }
}

/** Random and said once: no two of them are alike. */
export function isOnce(value: unknown): value is string {
  return typeof value === 'string' && ONCE.test(value)
}

/** An instant of a token: whole seconds, up to the last that has a date. */
export function isSeconds(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) > 0 && (value as number) <= 8.64e12
}

function isScopes(value: unknown): value is string[] {
  return (
    Array.isArray(value) &&
    value.length > 0 &&
    value.length <= SCOPES &&
    new Set(value).size === value.length &&
    value.every((scope) => typeof scope === 'string' && isScope(scope))
  )
}

/** What is wrong with the times of a request at that moment; `null`: nothing. Clocks may be 5 s apart. */
export function faultOfTimes(
  { iat, exp, requestedAt }: Pick<MintRequest, 'iat' | 'exp' | 'requestedAt'>,
  maxAgeMs: Millis,
  now: Millis,
): string | null {
  const isFresh = (seconds: number): boolean => {
    const age = now - seconds * SECOND
    return age <= maxAgeMs && age >= -PROOF_FUTURE_MS
  }
  if (!(exp > iat && (exp - iat) * SECOND <= RELAYED_MS)) return 'its life is none, or too long'
  if (!(now < exp * SECOND)) return 'it has run out'
  if (!isFresh(iat)) return 'it was not signed lately'
  if (!isFresh(requestedAt)) return 'the client did not ask lately'
  return null
}
