import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'
import { lendPostgres } from '../../../store-postgres/test/kit/lend.ts'
import { sqliteStore } from '../../../store-sqlite/src/index.ts'
import type { Store } from '../../src/ports/store.ts'
import { memoryStore } from '../../src/storage/memory/memory-store.ts'

export interface StoreKind {
  name: string
  /** A fresh one, until the test has finished. */
  open(): Store
}

/** What holds on one of them holds on the others. */
export const STORES: readonly StoreKind[] = [
  { name: 'the memory store', open: () => memoryStore() },
  {
    name: 'SQLite',
    open() {
      const folder = mkdtempSync(join(tmpdir(), 'pair-'))
      // Its own patience is tested elsewhere.
      const store = sqliteStore(join(folder, 'pair.db'), { busyMs: 60_000 })
      onTestFinished(() => {
        store.close()
        rmSync(folder, { recursive: true })
      })
      return store
    },
  },
  { name: 'Postgres', open: () => lendPostgres({ timeoutMs: 60_000 }) },
]
