import { mintProofClaims, relay, signMintRequest, type MintWish } from '../../src/relay.ts'
import type { Extension } from '../../src/extension.ts'
import type { DeviceKey } from '../kit/device.ts'
import { ORIGIN } from '../kit/server.ts'

/** What came by a relay: a request that was answered, and one that was never sent. */
export interface RelayedTexts {
  spent: string
  unsent: string
}

/** The key of the story's relay, which is the same in each. */
const KEY = {
  kty: 'OKP',
  crv: 'Ed25519',
  x: '11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo',
  d: 'nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A',
}
const AUDIENCE = `${ORIGIN}/auth`

/** What every server of the story has. */
export function storyRelay(): Extension {
  const { kty, crv, x } = KEY
  return relay({
    audience: AUDIENCE,
    relays: [{ id: 'hub', publicKey: { kty, crv, x }, authorize: true }],
  })
}

/** A request for that key by the story's relay. */
export async function relayedBy(key: DeviceKey, at: number, nth: number): Promise<string> {
  const seconds = Math.floor(at / 1_000)
  const wish: MintWish = {
    audience: AUDIENCE,
    relayId: 'hub',
    nonce: `nonce-of-request-${nth}`,
    requestedAt: seconds,
    device: { label: 'By a relay', kind: 'app', publicKey: key.jwk },
    scopes: ['notes:read'],
  }
  const { htm, htu, bodyHash } = mintProofClaims(wish)
  const proof = await key.prove({ htm, htu, at, claims: { bodyHash } })
  const jti = `jti-of-request-${nth}`
  return signMintRequest(wish, { privateKey: KEY, jti, proof, lifeSeconds: 300, now: at })
}
