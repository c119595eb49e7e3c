import { compactVerify, CompactSign, importJWK, type JWK } from 'jose'
import { utf8 } from '../encoding/bytes.ts'
import { openProof } from '../proof/proof-crypto.ts'
import { parseProofJwk, thumbprintOf } from '../proof/proof-key.ts'
import { checkProof } from '../proof/proof.ts'
import type { Thumbprint } from '../ids.ts'
import { SECOND, type Millis } from '../time.ts'
import { payloadByPublicKeys } from '../token/public-keys-crypto.ts'
import { typOf } from '../token/token-crypto.ts'
import { parseTokenText, TOKEN_LIMIT } from '../token/token-text.ts'
import { isAnswerTo, parseMintAnswer, type Expected, type MintAnswer } from './mint-answer.ts'
import {
  faultOfTimes,
  hashOfWish,
  mintUrlOf,
  parseMintRequest,
  type MintRequest,
  type MintWish,
} from './mint-request.ts'
import type { Relay, RelaySettings } from './relay-options.ts'

const TYP = typOf('relay')

export type OpenedRequest =
  | {
      ok: true
      relay: Relay
      request: MintRequest
      /** Of the client's key, which made the proof. */
      thumbprint: Thumbprint
      proofJti: string
    }
  /** `reason` is the operator's to know. */
  | { ok: false; reason: string }

/**
 * What a mint request asks for, where a relay of these signed it lately for this environment and the client's key made a proof of
 * all of it. Asks nobody: whether it was said before is not known here.
 *
 * @see RFC 8725 §3, RFC 9449 §4.3
 */
export async function openMintRequest(
  text: string,
  { audience, relays, maxAgeMs }: Omit<RelaySettings, 'maxPerMinute'>,
  now: Millis,
): Promise<OpenedRequest> {
  const fail = (reason: string): OpenedRequest => ({ ok: false, reason })
  const parsed = parseTokenText(text)
  if (!parsed) return fail('it is no compact JWS')
  const { typ, alg, kid, ...others } = parsed.header
  // The header is written out here: no `alg` is chosen by who sends it.
  if (typ !== TYP || alg !== 'EdDSA' || Object.keys(others).length > 0)
    return fail('its header is not that of a mint request')
  const request = parseMintRequest(parsed.payload)
  if (!request) return fail('a claim is missing or not as it must be')
  const relay = relays.get(request.relayId)
  if (!relay) return fail('no such relay is registered')
  const isSigned = kid === relay.kid && parsed.signature.length === 64
  if (!isSigned || !(await holds(text, relay)))
    return fail('it is not signed by the key of its relay')
  if (request.audience !== audience) return fail('it is for another environment')
  const late = faultOfTimes(request, maxAgeMs, now)
  if (late !== null) return fail(late)
  const proof = await openProof(request.proof)
  const thumbprint = thumbprintOf(request.device.publicKey)
  if (!proof || proof.claims.nonce !== undefined) return fail('the proof of the client is none')
  const target = {
    method: 'POST',
    url: mintUrlOf(audience),
    ath: null,
    bodyHash: hashOfWish(request),
    thumbprint,
  }
  const outcome = checkProof(proof.claims, proof.thumbprint, target, now)
  if (!outcome.ok) return fail(`the proof of the client is of something else: ${outcome.fault}`)
  return { ok: true, relay, request, thumbprint, proofJti: proof.claims.jti }
}

async function holds(text: string, { publicKey }: Relay): Promise<boolean> {
  try {
    await compactVerify(text, publicKey, { algorithms: ['EdDSA'] })
    return true
  } catch {
    return false
  }
}

/** What a relay signs a request with, and says of itself. */
export interface MintRequestBy {
  /** The relay's Ed25519 key as a private JWK (RFC 8037 §2). */
  privateKey: JWK
  /** 16 to 128 characters of base64url, random: no two requests have the same. */
  jti: string
  /** The client's DPoP proof of its wish: what `mintProofClaims` says, signed by its key. */
  proof: string
  /** How long it counts: 1 to 300 whole seconds. Default 60. */
  lifeSeconds?: number
  now: Millis
}

/**
 * A mint request for `POST <audience>/relay/mint`: what a client asks for, word for word, signed by the relay that carries it.
 *
 * @throws TypeError for a wish, a proof or a life that no environment takes, or a key that is no private Ed25519 JWK
 * @example
 * ```ts
 * import { signMintRequest } from '@pair/core/relay'
 * const request = await signMintRequest(wish, { privateKey, jti: crypto.randomUUID(), proof, now: Date.now() })
 * ```
 * @see RFC 7515 §7.1, RFC 8037 §3.1
 */
export async function signMintRequest(
  wish: MintWish,
  { privateKey, jti, proof, lifeSeconds = 60, now }: MintRequestBy,
): Promise<string> {
  const { audience, relayId, nonce, requestedAt, device, transport = 'dpop', scopes } = wish
  const iat = Math.floor(now / SECOND)
  const claims = {
    iss: relayId,
    aud: audience,
    jti,
    nonce,
    iat,
    exp: iat + lifeSeconds,
    requestedAt,
    device,
    transport,
    ...(scopes === undefined ? {} : { scopes }),
    proof,
  }
  const { d: secret, kty, crv, x } = privateKey
  const publicKey = parseProofJwk({ kty, crv, x })
  if (publicKey?.kty !== 'OKP' || secret === undefined)
    throw new TypeError('A relay signs with a private Ed25519 JWK')
  if (!parseMintRequest(claims) || !(lifeSeconds > 0 && lifeSeconds <= 300))
    throw new TypeError('No environment takes such a request')
  const key = await importJWK({ ...publicKey, d: secret }, 'EdDSA')
  const text = await new CompactSign(utf8(JSON.stringify(claims)))
    .setProtectedHeader({ alg: 'EdDSA', kid: thumbprintOf(publicKey), typ: TYP })
    .sign(key)
  if (text.length > TOKEN_LIMIT) throw new TypeError('A mint request has at most 4 KiB')
  return text
}

export interface VerifyMintAnswer extends Expected {
  /** What `GET <audience>/jwks.json` answered, asked for otherwise than by the relay. */
  environmentKeys: { readonly keys: readonly unknown[] }
}

/**
 * What an environment answered to that request, or `null` where it signed no such thing, said it to somebody else, or it comes too
 * late. A relay says its `jti`, a client the `thumbprint` of its key. The same answer is good twice: whoever keeps the nonce of
 * a wish forgets it with the first.
 *
 * @example
 * ```ts
 * import { verifyMintAnswer } from '@pair/core/relay'
 * const environment = 'https://home.example/auth'
 * const environmentKeys = (await (await fetch(`${environment}/jwks.json`)).json()) as { keys: unknown[] }
 * const way = await verifyMintAnswer(answer, { environmentKeys, environment, relayId: 'hub', nonce, now: Date.now() })
 * if (way?.status === 'authorized') await client.redeem(way.code)
 * ```
 * @see RFC 7519 §7.2, RFC 8725 §3
 */
export async function verifyMintAnswer(
  answer: string,
  { environmentKeys, ...expected }: VerifyMintAnswer,
): Promise<MintAnswer | null> {
  const payload = await payloadByPublicKeys('relay', answer, environmentKeys)
  const parsed = payload && parseMintAnswer(payload)
  return parsed && isAnswerTo(parsed, expected) ? parsed : null
}

/**
 * What the DPoP proof of a wish has to say beside `jti` and `iat` (RFC 9449 §4.2): a client signs it with the key that its wish
 * names, and hands wish and proof to the relay.
 */
export function mintProofClaims(wish: MintWish): { htm: 'POST'; htu: string; bodyHash: string } {
  return { htm: 'POST', htu: mintUrlOf(wish.audience), bodyHash: hashOfWish(wish) }
}
