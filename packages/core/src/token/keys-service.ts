import { PairError } from '../errors.ts'
import type { Clock } from '../ports/runtime.ts'
import type { FreshCache } from '../storage/fresh-cache.ts'
import { signingIn, type KeyRing } from './key-ring.ts'
import { RING_KEY, type KeyRingRecords } from './key-ring-records.ts'
import type { Keys } from './keys-crypto.ts'

export interface KeysPorts {
  /** Derives the keys of a ring; asks the secret source once. */
  deriver: () => Promise<(ring: KeyRing, now: number) => Keys>
  ring: KeyRingRecords
  cache: FreshCache<KeyRing>
  clock: Clock
}

/**
 * The keys as the ring stands now. It is read again whenever it may have changed, so that a rotation needs no restart.
 *
 * @throws PairError `store_unavailable`
 */
export function createKeysService({ deriver, ring, cache, clock }: KeysPorts): () => Promise<Keys> {
  const name = RING_KEY.join('/')

  async function read(): Promise<KeyRing> {
    const look = cache.begin()
    try {
      const found = (await ring.read()).ring
      if (found === null || signingIn(found, clock()) === null)
        throw new PairError('store_unavailable', {
          reason: 'the key ring can not be read, or holds no key that may sign',
        })
      cache.keep(look, name, found, RING_KEY)
      return found
    } finally {
      cache.end(look)
    }
  }

  return async () => {
    const derive = await deriver()
    return derive(cache.get(name) ?? (await read()), clock())
  }
}
