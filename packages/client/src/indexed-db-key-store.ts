import type { KeyStore, StoredKey } from './key-store.ts'

const DATABASE = 'pair'
const TABLE = 'keys'

/**
 * A key that survives reloads and that no script can read out: IndexedDB holds the `CryptoKeyPair` itself. `name` keeps
 * servers apart that share an origin.
 */
export function indexedDbKeyStore(name: string): KeyStore {
  return {
    load: () => run<StoredKey | null>('readonly', (table, done) => read(table, name, done)),
    keep: (pair) =>
      run('readwrite', (table, done) =>
        read(table, name, (kept) => {
          const key = kept ?? { pair, paired: false }
          if (!kept) table.put(key, name)
          done(key)
        }),
      ),
    mark: (paired) =>
      run<void>('readwrite', (table, done) =>
        read(table, name, (kept) => {
          if (kept) table.put({ ...kept, paired }, name)
          done()
        }),
      ),
  }
}

function read(table: IDBObjectStore, name: string, then: (kept: StoredKey | null) => void): void {
  const request: IDBRequest<StoredKey | undefined> = table.get(name)
  request.onsuccess = () => then(request.result ?? null)
}

/** One transaction; the answer counts when it is on disk. */
async function run<T>(
  mode: IDBTransactionMode,
  work: (table: IDBObjectStore, done: (value: T) => void) => void,
): Promise<T> {
  const database = await open()
  try {
    return await new Promise<T>((resolve, reject) => {
      const transaction = database.transaction(TABLE, mode)
      let settle = (): void => reject(new Error('no answer'))
      transaction.oncomplete = () => settle()
      transaction.onabort = () => reject(transaction.error)
      work(transaction.objectStore(TABLE), (value) => (settle = () => resolve(value)))
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
    request.onblocked = () => reject(new Error('blocked'))
  })
}
