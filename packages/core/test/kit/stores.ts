import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'
import { fileStore } from '../../../node/src/index.ts'
import { lendRedis } from '../../../store-redis/test/kit/lend.ts'
import { sqliteStore } from '../../../store-sqlite/src/index.ts'
import type { Store } from '../../src/ports/store.ts'
import { memoryStore } from '../../src/storage/memory/memory-store.ts'
import { freshFolder } from './fresh-folder.ts'
import { borrowPostgres } from '../../../store-postgres/test/kit/lend.ts'

export interface StoreKind {
  name: string
  /** A fresh one, until the test has finished. */
  open(): Store
  /** Two that share what is fresh, as two processes do: each with lines of its own. In memory they are one. */
  openTwo(): readonly [Store, Store]
  /** Of a long race: each commit of a file writes it whole, and it grows from round to round. */
  rounds: 20 | 40
}

/** Their own patience is tested elsewhere. */
const PATIENCE_MS = 60_000

/** What holds on one of them holds on the others. */
export const STORES: readonly StoreKind[] = [
  kind('the memory store', (count) => {
    const store = memoryStore()
    return Array.from({ length: count }, () => store)
  }),
  kind('SQLite', (count) => {
    const folder = lendFolder()
    return openEach(count, () => {
      const store = sqliteStore(join(folder, 'pair.db'), { busyMs: PATIENCE_MS })
      onTestFinished(() => store.close())
      return store
    })
  }),
  kind('Postgres', (count) => {
    const { open, giveBack } = borrowPostgres({ timeoutMs: PATIENCE_MS })
    onTestFinished(giveBack)
    return openEach(count, open)
  }),
  kind('Redis', (count) => lendRedis(count, { timeoutMs: PATIENCE_MS })),
  kind(
    'a plain file',
    (count) => {
      const folder = lendFolder()
      return openEach(count, () => {
        const store = fileStore(join(folder, 'pair.json'), { busyMs: PATIENCE_MS })
        onTestFinished(() => store.close())
        return store
      })
    },
    20,
  ),
]

export function storeOf(name: string): StoreKind {
  return STORES.find((each) => each.name === name)!
}

function kind(
  name: string,
  open: (count: number) => readonly Store[],
  rounds: StoreKind['rounds'] = 40,
): StoreKind {
  const openTwo = (): [Store, Store] => open(2) as [Store, Store]
  return { name, open: () => open(1)[0]!, openTwo, rounds }
}

function openEach(count: number, open: () => Store): Store[] {
  return Array.from({ length: count }, open)
}

/** It goes when all that was opened in it is closed. */
function lendFolder(): string {
  const folder = freshFolder()
  onTestFinished(() => rmSync(folder, { recursive: true }))
  return folder
}
