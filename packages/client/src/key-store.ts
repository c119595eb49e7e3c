import type { PendingWire } from '@pair/core'

/** What WebCrypto makes. By its prototype, since Node's types know `CryptoKey` as a value only. */
export interface DeviceKeyPair {
  readonly privateKey: (typeof CryptoKey)['prototype']
  readonly publicKey: (typeof CryptoKey)['prototype']
}

/** A device key and whether a server knows it. */
export interface StoredKey {
  readonly pair: DeviceKeyPair
  /** Set after pairing, cleared after signing out. */
  readonly paired: boolean
}

/** A request of this device that a person has yet to decide, and what it is collected with. */
export type PendingRequest = Pick<PendingWire, 'approval' | 'claim'>

/** Where the one key of this device for one server is kept, and beside it the one request that waits. */
export interface KeyStore {
  load(): Promise<StoredKey | null>
  /** Keeps this key unless there is one, in one step, and answers the one that is kept: two tabs may try at once. */
  keep(pair: DeviceKeyPair): Promise<StoredKey>
  /** Notes whether a server knows the kept key. */
  mark(paired: boolean): Promise<void>
  loadPending(): Promise<PendingRequest | null>
  /** Keeps this request in place of any other. */
  keepPending(pending: PendingRequest): Promise<void>
  /** Forgets the kept request if this is its claim, in one step: another tab may have kept a newer one. */
  dropPending(claim: string): Promise<void>
}

/** A key that lives as long as this process or page. */
export function memoryKeyStore(): KeyStore {
  let kept: StoredKey | null = null
  let waiting: PendingRequest | null = null
  return {
    load: async () => kept,
    keep: async (pair) => (kept ??= { pair, paired: false }),
    async mark(paired) {
      if (kept) kept = { ...kept, paired }
    },
    loadPending: async () => waiting,
    keepPending: async (pending) => void (waiting = pending),
    async dropPending(claim) {
      if (waiting?.claim === claim) waiting = null
    },
  }
}
