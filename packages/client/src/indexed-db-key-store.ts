import type { KeyStore, PendingRequest, StoredKey } from './key-store.ts'

const DATABASE = 'pair'
const TABLE = 'keys'

/**
 * A key that survives reloads and that no script can read out: IndexedDB holds the `CryptoKeyPair` itself. `name` keeps
 * servers apart that share an origin.
 */
export function indexedDbKeyStore(name: string): KeyStore {
  const pendingName = `${name}#pending`
  return {
    load: () => run<StoredKey>(name),
    keep: (pair) => run<StoredKey, StoredKey>(name, (kept) => kept ?? { pair, paired: false }),
    async mark(paired) {
      await run<StoredKey>(name, (kept) => kept && { ...kept, paired })
    },
    loadPending: () => run<PendingRequest>(pendingName),
    async keepPending(pending) {
      await run(pendingName, () => pending)
    },
    async dropPending(claim) {
      await run<PendingRequest>(pendingName, (kept) => (kept?.claim === claim ? null : kept))
    },
  }
}

/** What is kept, after this change of it, in one transaction; it counts when it is on disk. */
async function run<T, R extends T | null = T | null>(
  name: string,
  change?: (kept: T | null) => R,
): Promise<R> {
  const database = await open()
  try {
    return await new Promise<R>((resolve, reject) => {
      const transaction = database.transaction(TABLE, change ? 'readwrite' : 'readonly')
      const table = transaction.objectStore(TABLE)
      const request: IDBRequest<R | undefined> = table.get(name)
      let kept: R
      request.onsuccess = () => {
        kept = (request.result ?? null) as R
        if (!change) return
        kept = change(kept)
        if (kept) table.put(kept, name)
        else table.delete(name)
      }
      transaction.oncomplete = () => resolve(kept)
      transaction.onabort = () => reject(transaction.error)
    })
  } finally {
    database.close()
  }
}

function open(): Promise<IDBDatabase> {
  return new Promise((resolve, reject) => {
    const request = indexedDB.open(DATABASE, 1)
    request.onupgradeneeded = () => request.result.createObjectStore(TABLE)
    request.onsuccess = () => resolve(request.result)
    request.onerror = () => reject(request.error)
  })
}
