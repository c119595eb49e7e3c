import { accessSync, closeSync, constants, mkdirSync, openSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import { isPairError, PairError } from '@pair/core'
import { quietly } from '@pair/core/store'
import { isBusy, randomWait } from './busy.ts'
import { createConnection, type Connection } from './connection.ts'
import type { SqliteDriver } from './driver.ts'
import { createFileGuard, type FileGuard } from './file-guard.ts'
import { migrate } from './migrate.ts'

/** How long opening may wait for other processes; it blocks, as nothing is served yet. */
const OPEN_MS = 10_000

/** A connection to the file, which is made where there is none, with its schema up to date. @throws PairError `config_invalid` */
export function openDatabase(
  file: string,
  driver: SqliteDriver,
): { connection: Connection; guard: FileGuard } {
  const path = toPath(file)
  try {
    makePrivate(path)
    const connection = createConnection(new driver(path))
    try {
      connection.script(`PRAGMA busy_timeout = ${OPEN_MS}`)
      useWal(connection, path)
      // fullfsync counts on a Mac alone: without it a commit may be gone after a power cut
      connection.script('PRAGMA synchronous = FULL; PRAGMA fullfsync = ON')
      migrate(connection)
      // from here on a lock is waited for without stopping the event loop
      connection.script('PRAGMA busy_timeout = 0')
      return { connection, guard: createFileGuard(path) }
    } catch (error) {
      quietly(connection.close)
      throw error
    }
  } catch (error) {
    throw isPairError(error) ? error : cannotOpen(path, error)
  }
}

function toPath(file: string): string {
  if (typeof file !== 'string' || file === '' || /^file:/i.test(file))
    throw new PairError('config_invalid', {
      message: 'sqliteStore: the file is a path.',
      hint: "sqliteStore('.data/pair.db')",
    })
  if (file === ':memory:')
    throw new PairError('config_invalid', {
      message: 'sqliteStore: a database in memory is not kept and not shared.',
      hint: 'Use memoryStore() of @pair/core.',
    })
  return resolve(file) // stays the same file when the process changes its folder
}

/** Makes folder and file for this user alone. SQLite gives its two side files the mode of the file. */
function makePrivate(path: string): void {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 })
  try {
    closeSync(openSync(path, 'wx', 0o600))
  } catch (error) {
    if ((error as { code?: unknown }).code !== 'EEXIST') throw error
  }
  accessSync(path, constants.R_OK | constants.W_OK)
  accessSync(dirname(path), constants.W_OK | constants.X_OK)
}

function useWal(connection: Connection, path: string): void {
  const mode = retryWhileBusy(() => {
    const [row] = connection.query<Record<string, unknown>>('PRAGMA journal_mode = WAL')()
    return Object.values(row ?? {})[0]
  })
  if (mode === 'wal') return
  throw new PairError('config_invalid', {
    message: `sqliteStore: no write-ahead log is possible for ${path}.`,
    hint: 'Put the file on a local disk: network file systems have no shared memory.',
  })
}

/** SQLite doesn't wait for the lock that a change of the journal mode needs. */
function retryWhileBusy<T>(call: () => T): T {
  const start = performance.now()
  for (;;) {
    try {
      return call()
    } catch (error) {
      const waited = performance.now() - start
      if (!isBusy(error) || waited > OPEN_MS) throw error
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, randomWait(waited))
    }
  }
}

function cannotOpen(path: string, cause: unknown): PairError {
  const why = cause instanceof Error ? cause.message : String(cause)
  return new PairError('config_invalid', {
    message: `sqliteStore: ${path} can not be used: ${why}.`,
    hint: isBusy(cause)
      ? 'Another process holds the file: end it, or wait until it is done.'
      : 'Check that it is a SQLite file, and that this user may write to it and to its folder.',
    cause,
  })
}
