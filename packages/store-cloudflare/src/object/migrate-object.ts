import type { Connection } from '@pair/store-sqlite/tables'
import { isMigrated, nextAfter, type AppliedStep } from '../steps-to-do.ts'
import type { ObjectStorage } from './object-storage.ts'

/** Brings the schema up to date, each step in a transaction. @throws PairError `config_invalid` for what a later version has written. */
export function migrateObject(storage: ObjectStorage, connection: Connection): void {
  const { query, command, script } = connection
  const applied = (): AppliedStep[] =>
    query(isMigrated)().length === 0
      ? []
      : query<AppliedStep>('SELECT number, name FROM pair_migration ORDER BY number')()
  for (let next = nextAfter(applied()); next; next = nextAfter(applied())) {
    const { number, name, sql } = next
    storage.transactionSync(() => {
      script(sql)
      command('INSERT INTO pair_migration (number, name) VALUES (?, ?)')(number, name)
    })
  }
}
