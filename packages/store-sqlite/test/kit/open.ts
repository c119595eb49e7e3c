import { DatabaseSync } from 'node:sqlite'
import { onTestFinished } from 'vitest'
import { sqliteStore, type SqliteOptions, type SqliteStore } from '../../src/index.ts'
import { remoteStore, type RemoteOptions, type RemoteStore } from './remote-store.ts'

/** A store that is closed when the test is over. */
export function openStore(file: string, options?: SqliteOptions): SqliteStore {
  const store = sqliteStore(file, options)
  onTestFinished(() => store.close())
  return store
}

/** A store in another process, which ends when the test is over. */
export function openRemote(file: string, options?: RemoteOptions): RemoteStore {
  const store = remoteStore(file, options)
  onTestFinished(() => store.close())
  return store
}

/** The file as any SQLite tool sees it. */
export function openRaw(file: string): DatabaseSync {
  const database = new DatabaseSync(file, { timeout: 10_000 })
  onTestFinished(() => database.close())
  return database
}
