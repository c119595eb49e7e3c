// Clients by themselves: a key each, what they wish, and what they make of the answers.
import { createHash, randomBytes } from 'node:crypto'
import { mintProofClaims, verifyMintAnswer, type MintAnswer, type MintWish } from '@pair/core/relay'
import { answerParent, tellReady } from './answering.ts'
import type { Carried, Lie } from './relay.ts'

/** To ask by a relay, or to bring what an answer gave. */
export type Ask =
  | {
      do: 'ask'
      /** Whose key. */
      who: string
      environment: string
      /** Where the relay listens. */
      relay: number
      lie?: Lie
      wish?: Partial<MintWish>
      /** How much later it looks at the answer. */
      lateMs?: number
    }
  | { do: 'bring'; who: string; environment: string; way: MintAnswer }

export interface Asked extends Carried {
  wish: MintWish
  /** What it believes. */
  way: MintAnswer | null
}

export interface Brought {
  status: number
  thumbprint: string | null
}

interface Key {
  jwk: { kty: 'OKP'; crv: 'Ed25519'; x: string }
  thumbprint: string
  prove(claims: object): Promise<string>
}

const sha256 = (text: string): string => createHash('sha256').update(text).digest('base64url')

async function createKey(): Promise<Key> {
  const made = await crypto.subtle.generateKey('Ed25519', false, ['sign', 'verify'])
  const { publicKey, privateKey } = made as CryptoKeyPair
  const { x = '' } = await crypto.subtle.exportKey('jwk', publicKey)
  const jwk = { kty: 'OKP', crv: 'Ed25519', x } as const
  return {
    jwk,
    thumbprint: sha256(`{"crv":"Ed25519","kty":"OKP","x":"${x}"}`),
    async prove(claims) {
      const header = { typ: 'dpop+jwt', alg: 'EdDSA', jwk }
      const iat = Math.floor(Date.now() / 1_000)
      const payload = { jti: randomBytes(16).toString('base64url'), iat, ...claims }
      const signed = [header, payload]
        .map((part) => Buffer.from(JSON.stringify(part)).toString('base64url'))
        .join('.')
      const signature = await crypto.subtle.sign('Ed25519', privateKey, Buffer.from(signed))
      return `${signed}.${Buffer.from(signature).toString('base64url')}`
    },
  }
}

const keys = new Map<string, Promise<Key>>()

function keyOf(who: string): Promise<Key> {
  const key = keys.get(who) ?? createKey()
  keys.set(who, key)
  return key
}

async function ask(question: Extract<Ask, { do: 'ask' }>): Promise<Asked> {
  const { who, environment, relay, lie = {}, lateMs = 0 } = question
  const { jwk, thumbprint, prove } = await keyOf(who)
  const wish: MintWish = {
    audience: environment,
    relayId: 'hub',
    nonce: randomBytes(16).toString('base64url'),
    requestedAt: Math.floor(Date.now() / 1_000),
    device: { label: 'A phone', kind: 'app', publicKey: jwk },
    scopes: ['notes:read'],
    ...question.wish,
  }
  const response = await fetch(`http://127.0.0.1:${relay}`, {
    method: 'POST',
    body: JSON.stringify({ wish, proof: await prove(mintProofClaims(wish)), lie }),
  })
  const carried = (await response.json()) as Carried
  if (carried.answer === null) return { ...carried, wish, way: null }
  // Asked of the environment itself: a relay that named these keys could name its own.
  const jwks = await fetch(`${environment}/jwks.json`)
  const way = await verifyMintAnswer(carried.answer, {
    environmentKeys: (await jwks.json()) as { keys: unknown[] },
    environment,
    relayId: 'hub',
    nonce: wish.nonce,
    thumbprint,
    now: Date.now() + lateMs,
  })
  return { ...carried, wish, way }
}

async function bring({ who, environment, way }: Extract<Ask, { do: 'bring' }>): Promise<Brought> {
  const { jwk, prove } = await keyOf(who)
  const device = { label: 'A phone', kind: 'app', publicKey: jwk }
  const [path, body] =
    way.status === 'authorized'
      ? ['redeem', { code: way.code, device, transport: 'dpop' }]
      : ['claim', { claim: way.claim }]
  // The body of a redemption is proven too, in the one spelling of RFC 8785.
  const canonical = (value: object): string =>
    JSON.stringify(value, (_, part: unknown) =>
      typeof part === 'object' && part !== null
        ? Object.fromEntries(Object.entries(part).toSorted(([a], [b]) => (a < b ? -1 : 1)))
        : part,
    )
  const htu = `${environment}/${String(path)}`
  const dpop = await prove({ htm: 'POST', htu, bodyHash: sha256(canonical(body as object)) })
  const response = await fetch(htu, {
    method: 'POST',
    headers: { 'content-type': 'application/json', dpop },
    body: JSON.stringify(body),
  })
  const { session } = (await response.json()) as { session?: { device: { thumbprint: string } } }
  return { status: response.status, thumbprint: session?.device.thumbprint ?? null }
}

answerParent((question: Ask): Promise<Asked | Brought> =>
  question.do === 'ask' ? ask(question) : bring(question),
)
tellReady(0)
