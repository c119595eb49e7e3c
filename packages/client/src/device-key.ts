import type { PublicKeyJwk } from '@pair/core'
import { sha256 } from './base64url.ts'
import { canonicalJson } from './canonical-json.ts'
import { PairClientError } from './client-error.ts'
import type { KeyStore, StoredKey } from './key-store.ts'

const ALGORITHM = { name: 'ECDSA', namedCurve: 'P-256' }

type EcJwk = Extract<PublicKeyJwk, { kty: 'EC' }>

/** The key that is this device's identity. */
export interface DeviceKey {
  readonly privateKey: CryptoKey
  readonly publicKey: EcJwk
  /** @see https://www.rfc-editor.org/rfc/rfc7638 */
  readonly thumbprint: string
  /** Whether a server knows it. */
  readonly paired: boolean
}

export interface DeviceKeys {
  /** The key in use; `null` where there is none. */
  current(): Promise<DeviceKey | null>
  /** Reads the store anew: another tab may have made or marked the key. */
  reload(): Promise<DeviceKey | null>
  /** The key, made now where there is none; `null` where this page may not sign. */
  make(): Promise<DeviceKey | null>
  mark(paired: boolean): Promise<void>
}

/** Whether signing works here: browsers offer it on https and on localhost only. */
export function canSign(): boolean {
  return globalThis.crypto?.subtle !== undefined
}

/** The RFC 7638 thumbprint of a public key: base64url of SHA-256 over its required members. */
export function thumbprint({ crv, kty, x, y }: PublicKeyJwk & { y?: string }): Promise<string> {
  return sha256(canonicalJson({ crv, kty, x, y }))
}

export function createDeviceKeys(store: KeyStore): DeviceKeys {
  let key: Promise<DeviceKey | null> | undefined

  // a store that can't be read holds no key: the server decides what such a visitor may do
  const reload = (): Promise<DeviceKey | null> =>
    (key = canSign() ? store.load().then(open, () => null) : Promise.resolve(null))
  const current = (): Promise<DeviceKey | null> => key ?? reload()

  return {
    current,
    reload,
    async make() {
      const kept = await reload()
      if (kept || !canSign()) return kept
      try {
        const made = await crypto.subtle.generateKey(ALGORITHM, false, ['sign', 'verify'])
        key = open(await store.keep(made))
        return await key
      } catch (cause) {
        key = undefined
        throw new PairClientError('key_refused', { cause })
      }
    },
    async mark(paired) {
      await store.mark(paired).catch(() => undefined)
      await reload()
    },
  }
}

async function open(stored: StoredKey | null): Promise<DeviceKey | null> {
  if (!stored) return null
  const { privateKey, publicKey } = stored.pair
  const { x = '', y = '' } = await crypto.subtle.exportKey('jwk', publicKey)
  const jwk: EcJwk = { kty: 'EC', crv: 'P-256', x, y }
  return { privateKey, publicKey: jwk, thumbprint: await thumbprint(jwk), paired: stored.paired }
}
