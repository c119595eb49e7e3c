import { DatabaseSync } from 'node:sqlite'
import type { ObjectStorage } from '../../src/index.ts'

/** What an object has as its storage, as far as the store uses it, without workerd. */
export function createObjectStorage(): ObjectStorage {
  const database = new DatabaseSync(':memory:')
  return {
    sql: {
      exec(sql, ...values) {
        // one that has values is a single statement
        if (values.length === 0 && sql.includes(';')) {
          database.exec(sql)
          return { toArray: () => [] }
        }
        const rows = database.prepare(sql).all(...values)
        return { toArray: () => rows }
      },
    },
    transactionSync(work) {
      database.exec('BEGIN')
      try {
        const value = work()
        database.exec('COMMIT')
        return value
      } catch (error) {
        database.exec('ROLLBACK')
        throw error
      }
    },
  }
}
