import { PairError } from '@pair/core'
import type { Connection } from '@pair/store-sqlite/tables'
import type { ObjectStorage } from './object-storage.ts'

/** The storage of an object as the tables of the SQLite store take it. @throws PairError `config_invalid` where it has no SQL */
export function createObjectConnection(storage: ObjectStorage): Connection {
  const sql = toSql(storage)
  return {
    query<R>(text: string) {
      return (...values) => sql.exec(text, ...values).toArray() as R[]
    },
    command(text) {
      return (...values) => void sql.exec(text, ...values).toArray()
    },
    script: (text) => void sql.exec(text).toArray(),
    close() {},
  }
}

function toSql(storage: ObjectStorage): ObjectStorage['sql'] {
  try {
    const { sql } = storage
    if (typeof sql.exec === 'function') return sql
  } catch {
    // the getter throws where the class has storage of the older kind
  }
  throw new PairError('config_invalid', {
    message: 'objectStore: this storage has no SQL.',
    hint: 'Give it ctx.storage, of a class that is listed in `new_sqlite_classes` of the migrations in wrangler.jsonc.',
  })
}
