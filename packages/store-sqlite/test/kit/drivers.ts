import Better from 'better-sqlite3'
import Libsql from 'libsql'
import type { SqliteOptions } from '../../src/index.ts'

/** The drivers of Node, as options of the store. */
export const drivers: Record<string, SqliteOptions> = {
  'node:sqlite': {},
  'better-sqlite3': { driver: Better },
  libsql: { driver: Libsql },
}
