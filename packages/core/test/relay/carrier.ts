import { generateKeyPairSync, randomBytes } from 'node:crypto'
import type { JWK } from 'jose'
import { expect } from 'vitest'
import type { Refusal } from '../../src/audit/event.ts'
import type { PairOptions } from '../../src/pair-options.ts'
import {
  mintProofClaims,
  relay,
  signMintRequest,
  verifyMintAnswer,
  type MintAnswer,
  type MintWish,
  type RelayRegistration,
} from '../../src/relay.ts'
import { createEdge, HERE, type Answer, type Edge } from '../kit/edge.ts'
import { createDeviceKey, createEd25519Key, type DeviceKey } from '../kit/device.ts'

export const AUDIENCE = `${HERE}/auth`
export const HUB = 'hub'

export interface RelayKey {
  privateKey: JWK
  publicKey: { kty: string; crv: string; x: string }
}

export function createRelayKey(): RelayKey {
  const {
    kty = '',
    crv = '',
    x = '',
    d = '',
  } = generateKeyPairSync('ed25519').privateKey.export({
    format: 'jwk',
  }) as Record<string, string>
  return { privateKey: { kty, crv, x, d }, publicKey: { kty, crv, x } }
}

export const once = (): string => randomBytes(16).toString('base64url')

/** How a request is to differ from a right one. */
export interface Change {
  wish?: Partial<MintWish>
  /** What the relay says in place of what the client signed. */
  carried?: Partial<MintWish>
  /** Members of the client's proof. */
  proof?: Readonly<Record<string, unknown>>
  /** Whose proof it is. Default: that of the key in the wish. */
  prover?: DeviceKey
  by?: RelayKey
  jti?: string
  lifeSeconds?: number
  /** When the relay signs it. */
  now?: number
}

/** An environment with a relay in front, and a client behind the relay. */
export interface Carrier extends Edge {
  key: RelayKey
  client: DeviceKey
  /** What the client last asked for. */
  wish: MintWish
  /** A fresh wish of the client's. */
  wishFor(more?: Partial<MintWish>): MintWish
  /** The client's proof of a wish. */
  prove(wish: MintWish, more?: Readonly<Record<string, unknown>>, by?: DeviceKey): Promise<string>
  /** A fresh request, carried by the relay. */
  request(change?: Change): Promise<string>
  mint(request: string, edge?: Pick<Edge, 'call'>): Promise<Answer>
  /** What an answer says to the client that made this wish. */
  open(
    answer: Answer,
    of?: Partial<{ nonce: string; thumbprint: string; now: number }>,
  ): Promise<MintAnswer | null>
  /** The client brings what the answer gave. */
  redeem(way: MintAnswer | null, key?: DeviceKey): Promise<Answer>
  collect(way: MintAnswer | null, key?: DeviceKey): Promise<Answer>
}

export interface CarrierOptions extends Partial<PairOptions> {
  hub?: Partial<RelayRegistration>
  others?: RelayRegistration[]
  key?: RelayKey
  maxPerMinute?: number
  maxAgeMs?: number
  clientKey?: 'ES256' | 'EdDSA'
  /** The time that the store tells, if not that of the instance's own clock. */
  storeClock?: () => number
}

export async function createCarrier(options: CarrierOptions = {}): Promise<Carrier> {
  const { hub, others = [], key = createRelayKey(), clientKey = 'ES256', ...rest } = options
  const { maxPerMinute = 6_000, maxAgeMs, storeClock, ...pairOptions } = rest
  const extension = relay({
    audience: AUDIENCE,
    relays: [{ id: HUB, publicKey: key.publicKey, authorize: true, ...hub }, ...others],
    maxPerMinute,
    ...(maxAgeMs === undefined ? {} : { maxAgeMs }),
  })
  const edge = createEdge({ extensions: [extension], ...pairOptions }, storeClock)
  const client: DeviceKey =
    clientKey === 'ES256' ? await createDeviceKey() : await createEd25519Key()
  const carrier: Carrier = {
    ...edge,
    key,
    client,
    wish: undefined as unknown as MintWish,
    wishFor: (more = {}) => ({
      audience: AUDIENCE,
      relayId: HUB,
      nonce: once(),
      requestedAt: Math.floor(edge.now() / 1_000),
      device: { label: 'A phone', kind: 'app', publicKey: client.jwk },
      ...more,
    }),
    prove(wish, more = {}, by = client) {
      const { htm, htu, bodyHash } = mintProofClaims(wish)
      return by.prove({ htm, htu, at: edge.now(), claims: { bodyHash, ...more } })
    },
    async request({
      wish: more,
      carried,
      proof,
      prover,
      by = key,
      jti = once(),
      now,
      lifeSeconds,
    } = {}) {
      const wish = (carrier.wish = carrier.wishFor(more))
      return signMintRequest(
        { ...wish, ...carried },
        {
          privateKey: by.privateKey,
          jti,
          proof: await carrier.prove(wish, proof, prover),
          now: now ?? edge.now(),
          ...(lifeSeconds === undefined ? {} : { lifeSeconds }),
        },
      )
    },
    mint: (request, at = edge) => at.call('/auth/relay/mint', { body: { request } }),
    async open(answer, { nonce = carrier.wish.nonce, thumbprint, now = edge.now() } = {}) {
      const { body: environmentKeys } = await edge.call('/auth/jwks.json')
      return verifyMintAnswer(answer.body.answer, {
        environmentKeys,
        environment: AUDIENCE,
        relayId: HUB,
        nonce,
        thumbprint: thumbprint ?? client.thumbprint,
        now,
      })
    },
    async redeem(way, by = client) {
      const code = way?.status === 'authorized' ? way.code : ''
      const device = { label: 'A phone', kind: 'app', publicKey: by.jwk }
      const body = { code, device, transport: 'dpop' }
      return send('redeem', body, by)
    },
    async collect(way, by = client) {
      const claim = way?.status === 'pending' ? way.claim : ''
      return send('claim', { claim }, by)
    },
  }
  async function send(path: string, body: object, by: DeviceKey): Promise<Answer> {
    const dpop = await by.prove({ htm: 'POST', htu: `${AUDIENCE}/${path}`, at: edge.now(), body })
    return edge.call(`/auth/${path}`, { body, headers: { dpop } })
  }
  return carrier
}

/** The answer to a stranger, and what the operator hears. */
export async function refusalOf(carrier: Carrier, request: string): Promise<unknown[]> {
  const heard: Refusal[] = []
  const stop = carrier.pair.on('refused', (refusal) => void heard.push(refusal))
  const { status, body } = await carrier.mint(request)
  stop()
  const { type, title, detail, hint, code, time } = body
  expect({ ...body, type, title, detail, hint, code, time }).toEqual(body)
  return [status, code, heard[0]?.reason.replace(/^relay: /, '')]
}
