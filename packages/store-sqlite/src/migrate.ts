import { PairError } from '@pair/core'
import { quietly } from '@pair/core/store'
import type { Connection } from './connection.ts'
import { migrations, type Migration } from './migrations/index.ts'

/**
 * Brings the schema up to date, each step in a transaction of its own. Any number of processes may do so at once.
 *
 * @throws PairError `config_invalid` for a file that a later version, or something else, has written.
 */
export function migrate(connection: Connection): void {
  const applied = (): Pick<Migration, 'number' | 'name'>[] => {
    const known = connection.query("SELECT 1 FROM sqlite_master WHERE name = 'pair_migration'")
    if (known().length === 0) return []
    return connection.query<Migration>('SELECT number, name FROM pair_migration ORDER BY number')()
  }
  while (nextAfter(applied())) {
    connection.command('BEGIN IMMEDIATE')()
    try {
      // another process may have been first
      const next = nextAfter(applied())
      if (next) {
        connection.script(next.sql)
        connection.command('INSERT INTO pair_migration (number, name) VALUES (?, ?)')(
          next.number,
          next.name,
        )
      }
      connection.command('COMMIT')()
    } catch (error) {
      quietly(connection.command('ROLLBACK'))
      throw error
    }
  }
}

function nextAfter(applied: readonly Pick<Migration, 'number' | 'name'>[]): Migration | undefined {
  for (const [at, { number, name }] of applied.entries()) {
    const ours = migrations[at]
    if (number !== ours?.number || name !== ours.name)
      throw new PairError('config_invalid', {
        message: `sqliteStore: this version does not know step ${number} (${name}) of the file's schema.`,
        hint: 'A later version of @pair/store-sqlite has written to the file: install that one, or restore a copy from before.',
      })
  }
  return migrations[applied.length]
}
