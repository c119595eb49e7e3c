import { utf8 } from '../../src/encoding/bytes.ts'
import { FIRST_GENERATION, type KeyRing } from '../../src/token/key-ring.ts'
import { createKeyDeriver, type Keys, type Signing } from '../../src/token/keys-crypto.ts'

/** A ring that was never rotated. */
export const UNROTATED: KeyRing = { generations: [FIRST_GENERATION] }

/** The keys that a server of that secret has. */
export function keysFrom(
  secret: string,
  {
    namespace = 'pair',
    signing = 'hs256',
    ring = UNROTATED,
    now = Date.UTC(2026, 10, 22),
  }: {
    namespace?: string
    signing?: Signing
    ring?: KeyRing
    now?: number
  } = {},
): Keys {
  return createKeyDeriver(utf8(secret), namespace, signing)(ring, now)
}
