import type { SqliteDatabase, SqliteStatement, SqliteValue } from './driver.ts'

/** An open database whose statements are prepared once. */
export interface Connection {
  /** A statement that answers rows: always all of them, for a cursor left open would hold an old snapshot. */
  query<R>(sql: string): (...values: SqliteValue[]) => R[]
  /** A statement that answers nothing. */
  command(sql: string): (...values: SqliteValue[]) => void
  /** Runs several statements at once. */
  script(sql: string): void
  close(): void
}

/** A connection over what a driver opened. */
export function createConnection(database: SqliteDatabase): Connection {
  const statements: SqliteStatement[] = []
  const prepare = (sql: string): SqliteStatement => {
    const statement = database.prepare(sql)
    statements.push(statement)
    return statement
  }
  return {
    query<R>(sql: string) {
      const statement = prepare(sql)
      return (...values: SqliteValue[]) => statement.all(...values) as R[]
    },
    command(sql) {
      const statement = prepare(sql)
      return (...values) => void statement.run(...values)
    },
    script: (sql) => void database.exec(sql),
    close() {
      // bun:sqlite keeps the file open as long as there is a statement
      for (const statement of statements)
        if ('finalize' in statement && typeof statement.finalize === 'function')
          statement.finalize()
      database.close()
    },
  }
}
