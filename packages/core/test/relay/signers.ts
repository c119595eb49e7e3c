import { toBase64Url } from '../../src/encoding/base64url.ts'
import { deriveKey, utf8 } from '../../src/encoding/bytes.ts'
import { pairKey } from '../../src/token/eddsa-crypto.ts'
import type { Carrier } from './carrier.ts'

/** What an instance of these tests derives its keys from. */
const MASTER = 'a secret of these tests, 32 bytes or more'

type Sign = (head: string, body: string) => Promise<string>

const ed25519 =
  (key: CryptoKey): Sign =>
  async (head, body) =>
    toBase64Url(new Uint8Array(await crypto.subtle.sign('Ed25519', key, utf8(`${head}.${body}`))))

/** By the key of the relay. */
export async function relaySigner({ key }: Carrier): Promise<Sign> {
  return ed25519(
    await crypto.subtle.importKey('jwk', key.privateKey as JsonWebKey, 'Ed25519', false, ['sign']),
  )
}

/** By the key of the environment's answers. */
export async function environmentSigner(): Promise<Sign> {
  const seed = deriveKey(utf8(MASTER), 'pair/token/relay/eddsa/key_first')
  return ed25519((await pairKey('relay', seed)).privateKey as CryptoKey)
}
