// Runs every promise of the store contract on one SQLite driver, with two handles on one file.
import { mkdtempSync, rmSync, symlinkSync, unlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
import { sqliteStore } from '@pair/store-sqlite'
import { storePromises } from '@pair/testkit/store'

const drivers = {
  'node:sqlite': () => undefined,
  'better-sqlite3': async () => (await import('better-sqlite3')).default,
  libsql: async () => (await import('libsql')).default,
  'bun:sqlite': async () => (await import('bun:sqlite')).Database,
}
const driver = await drivers[process.argv[2]]()
const options = driver ? { driver } : {}

for (const promise of storePromises) {
  const folder = mkdtempSync(join(tmpdir(), 'pair-store-'))
  const file = join(folder, 'pair.db')
  const handles = [sqliteStore(file, options)]
  // reached by a link, this handle alone can be cut off
  const link = join(folder, 'link.db')
  symlinkSync(file, link)
  const store = sqliteStore(link, options)
  try {
    await promise.holds({
      store,
      others: [...handles],
      async reopen() {
        handles.at(-1).close()
        handles.push(sqliteStore(file, options))
        return handles.at(-1)
      },
      dropWatch: () => unlinkSync(link),
      restoreWatch: () => symlinkSync(file, link),
    })
  } catch (cause) {
    throw new Error(`${promise.id} ${promise.name}`, { cause })
  } finally {
    for (const handle of [store, ...handles]) handle.close()
    rmSync(folder, { recursive: true, force: true })
  }
}
await waitsForLock()
console.log(`ok, ${storePromises.length} promises of a store`)

/** Another connection holds the lock: the commit is given up in time and never lands. */
async function waitsForLock() {
  const folder = mkdtempSync(join(tmpdir(), 'pair-store-'))
  const file = join(folder, 'pair.db')
  const store = sqliteStore(file, { ...options, busyMs: 50 })
  const Holder = driver ?? process.getBuiltinModule('node:sqlite').DatabaseSync
  const holder = new Holder(file)
  const commit = () => store.commit([], [{ key: ['a'], value: 'x', purgeAt: null }])
  holder.exec('BEGIN IMMEDIATE')
  const refusal = await commit().catch((error) => error)
  if (refusal.code !== 'store_busy') throw new Error('no store_busy', { cause: refusal })
  holder.exec('COMMIT')
  if (await store.read(['a'])) throw new Error('what was given up landed late')
  if (!(await commit())) throw new Error('no commit once the lock is free')
  holder.close()
  store.close()
  rmSync(folder, { recursive: true, force: true })
}
