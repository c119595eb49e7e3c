export { sqliteStore, type SqliteOptions, type SqliteStore } from './sqlite-store.ts'
export type { SqliteDatabase, SqliteDriver, SqliteStatement, SqliteValue } from './driver.ts'
