import type { JWK } from 'jose'
import { mintProofClaims, signMintRequest } from '../../src/relay.ts'
import { thumbprintOf } from '../../src/proof/proof-key.ts'
import type { RelaySettings } from '../../src/relay/relay-options.ts'
import { createDeviceKey } from '../kit/device.ts'

const KEY: JWK = {
  kty: 'OKP',
  crv: 'Ed25519',
  x: '11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo',
  d: 'nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A',
}
const AUDIENCE = 'http://localhost/auth'
const PUBLIC = { kty: 'OKP', crv: 'Ed25519', x: KEY.x! } as const

/** The one relay of these stories; its word is as good as a code. */
export const RELAYS: RelaySettings = {
  audience: AUDIENCE,
  relays: new Map([
    [
      'hub',
      {
        id: 'hub',
        publicKey: PUBLIC,
        kid: thumbprintOf(PUBLIC),
        scopes: ['notes:read'],
        authorize: true,
      },
    ],
  ]),
  maxAgeMs: 300_000,
  maxPerMinute: 6_000,
}

/** A request that it carried for one client, signed at that instant. */
export async function relayedAt(at: number): Promise<string> {
  const client = await createDeviceKey()
  const wish = {
    audience: AUDIENCE,
    relayId: 'hub',
    nonce: 'nonce-of-the-request',
    requestedAt: at / 1_000,
    device: { label: 'By a relay', kind: 'app', publicKey: client.jwk },
  } as const
  const { htm, htu, bodyHash } = mintProofClaims(wish)
  const proof = await client.prove({ htm, htu, at, claims: { bodyHash } })
  const by = { privateKey: KEY, jti: 'jti-of-the-request', proof, lifeSeconds: 300, now: at }
  return signMintRequest(wish, by)
}
