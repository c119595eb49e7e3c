import process from 'node:process'
import type { DatabaseSync } from 'node:sqlite'
import { PairError } from '@pair/core'
import { hasCode, refused, unlessCode } from '../file-secrets-disk.ts'
import type { FileStoreDisk } from './disk-file.ts'
import { lockLost } from './refusals.ts'

/**
 * A lock that one holder in all processes of the machine may have. The system lets go of it when its holder dies, and only
 * then or by `release`: who is paused keeps it, so nobody else can have taken it meanwhile.
 */
export interface FileLock {
  /** `false`: another holds it. @throws PairError `config_invalid` where there is no such lock */
  take(): Promise<boolean>
  /** Passes while the path leads to what is held. @throws PairError `store_unavailable` */
  requireHeld(): Promise<void>
  release(): void
  close(): void
}

const SQLITE_BUSY = 5

/**
 * Node has no lock of files but the one that SQLite takes for its own (fcntl, LockFileEx): this is an empty database that is never
 * written.
 */
export function createFileLock(fs: FileStoreDisk, path: string): FileLock {
  const sqlite = process.getBuiltinModule?.('node:sqlite')
  let held: { database: DatabaseSync; file: string } | null = null

  async function fileOf(): Promise<string | null> {
    const stats = await fs.lstat(path, { bigint: true }).catch(unlessCode('ENOENT'))
    if (!stats) return null
    if (!stats.isFile()) throw refused(`${path} is not a plain file.`, 'Delete it.')
    return `${stats.dev} ${stats.ino}`
  }

  /** The one that stands there now: if it was deleted, others would take a new one. */
  async function open(): Promise<DatabaseSync> {
    if (held && held.file === (await fileOf())) return held.database
    close()
    if (!sqlite) throw noLock()
    for (let tries = 0; tries < 5; tries++) {
      // opened between two looks at the same file, it is that file; the first opening makes it
      const before = await fileOf()
      const database = new sqlite.DatabaseSync(path)
      try {
        // nothing is ever written to it: no journal is needed beside it
        database.exec('PRAGMA busy_timeout = 0; PRAGMA journal_mode = MEMORY')
        await fs.chmod(path, 0o600)
        const file = await fileOf()
        if (file !== null && file === before) {
          held = { database, file }
          return database
        }
      } catch (error) {
        database.close()
        throw error
      }
      database.close()
    }
    throw lockLost(path)
  }

  function release(): void {
    try {
      held?.database.exec('ROLLBACK')
    } catch {
      // closing lets go in any case
      close()
    }
  }

  function close(): void {
    const { database } = held ?? {}
    held = null
    database?.close()
  }

  async function requireHeld(): Promise<void> {
    if (held === null || (await fileOf()) !== held.file) throw lockLost(path)
  }

  return {
    async take() {
      try {
        const database = await open()
        database.exec('BEGIN IMMEDIATE')
      } catch (error) {
        if (isBusy(error)) return false
        throw hasCode(error, 'ERR_SQLITE_ERROR') ? unusable(path, error) : error
      }
      try {
        await requireHeld()
        return true
      } catch (error) {
        release()
        throw error
      }
    },
    requireHeld,
    release,
    close,
  }
}

function isBusy(error: unknown): boolean {
  if (!(error instanceof Error)) return false
  const { errcode, errno } = error as { errcode?: unknown; errno?: unknown }
  const number = errcode ?? errno
  if (typeof number === 'number') return (number & 0xff) === SQLITE_BUSY
  // some calls of Deno say no more
  return error.message === 'database is locked'
}

function noLock(): PairError {
  return refused(
    `fileStore: there is no lock of files in this runtime (Node ${process.versions.node}).`,
    'Run Node 22.13 or later. Or use sqliteStore of @pair/store-sqlite with a driver of your own.',
  )
}

function unusable(path: string, cause: unknown): PairError {
  const why = cause instanceof Error ? cause.message : String(cause)
  return new PairError('store_unavailable', {
    message: `fileStore: ${path}, the lock, can not be taken: ${why}.`,
    hint: 'Check that this user may write to it and to its folder. If it is not empty, delete it.',
    reason: why,
    cause,
  })
}
