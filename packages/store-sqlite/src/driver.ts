import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import process from 'node:process'
import { PairError } from '@pair/core'

/** What is bound to a statement. */
export type SqliteValue = string | number | null

/** A prepared statement, as every driver has it. */
export interface SqliteStatement {
  all(...values: SqliteValue[]): unknown[]
  run(...values: SqliteValue[]): unknown
}

/** An open connection, as every driver has it. */
export interface SqliteDatabase {
  exec(sql: string): unknown
  prepare(sql: string): SqliteStatement
  close(): unknown
}

/** The class of a driver: `DatabaseSync` of node:sqlite, `Database` of better-sqlite3, libsql or bun:sqlite. */
export type SqliteDriver = new (file: string) => SqliteDatabase

/** The driver that was asked for, or that of the runtime. @throws PairError `config_invalid` where there is none that works. */
export function toDriver(driver: SqliteDriver | undefined): SqliteDriver {
  if (driver === undefined) return builtinDriver()
  if (typeof driver !== 'function')
    throw new PairError('config_invalid', {
      message: 'sqliteStore: `driver` is the class of a driver.',
      hint: "import Database from 'better-sqlite3', then sqliteStore(file, { driver: Database }).",
    })
  refuseCrash(driver)
  return driver
}

function builtinDriver(): SqliteDriver {
  const builtin = process.getBuiltinModule?.('node:sqlite')
  if (builtin) return builtin.DatabaseSync
  throw new PairError('config_invalid', {
    message: `sqliteStore: there is no node:sqlite in this runtime (Node ${process.versions.node}).`,
    hint: 'Run Node 22.13 or later, or npm install better-sqlite3@12 (or libsql) and give its class: sqliteStore(file, { driver: Database }).',
  })
}

/** better-sqlite3 from 13 on ends the process in its constructor on Node 20, with no error. */
function refuseCrash(driver: SqliteDriver): void {
  if (major(process.versions.node) >= 22) return
  for (let made: unknown = driver; typeof made === 'function'; made = Object.getPrototypeOf(made)) {
    const found = packageOf(made)
    if (found?.name === 'better-sqlite3' && major(found.version) >= 13)
      throw new PairError('config_invalid', {
        message: `sqliteStore: better-sqlite3 ${found.version} crashes on Node ${process.versions.node}.`,
        hint: 'npm install better-sqlite3@12 (or libsql), or run Node 22.13 or later.',
      })
  }
}

/** The package of the CommonJS module that exports this. */
function packageOf(exported: unknown): { name: string; version: string } | null {
  const cache = createRequire(join(process.cwd(), 'any.js')).cache
  const module = Object.values(cache).find((one) => isExportOf(one?.exports, exported))
  if (!module) return null
  for (let folder = dirname(module.filename); ; folder = dirname(folder)) {
    try {
      const { name, version } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'))
      if (typeof name === 'string' && typeof version === 'string') return { name, version }
    } catch {
      // no package.json here: it is further up
    }
    if (folder === dirname(folder)) return null
  }
}

function isExportOf(exports: unknown, exported: unknown): boolean {
  try {
    return exports === exported || (exports as { default?: unknown } | null)?.default === exported
  } catch {
    return false // a getter of a module that has nothing to do with this
  }
}

function major(version: string): number {
  return Number.parseInt(version, 10)
}
