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

/** Where the one key of this device for one server is kept. */
export interface KeyStore {
  load(): Promise<StoredKey | null>
  /** Keeps this key unless there is one, in one step, and answers the one that is kept: two tabs may try at once. */
  keep(pair: DeviceKeyPair): Promise<StoredKey>
  /** Notes whether a server knows the kept key. */
  mark(paired: boolean): Promise<void>
}

/** A key that lives as long as this process or page. */
export function memoryKeyStore(): KeyStore {
  let kept: StoredKey | null = null
  return {
    load: async () => kept,
    keep: async (pair) => (kept ??= { pair, paired: false }),
    async mark(paired) {
      if (kept) kept = { ...kept, paired }
    },
  }
}
