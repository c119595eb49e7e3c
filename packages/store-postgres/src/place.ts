import { PairError } from '@pair/core'
import type { Names } from './migrations/names.ts'

/** Where the tables are. */
export interface Place {
  schema: string
  at: Names
}

/** @throws PairError `config_invalid` for a name that Postgres would need quoted. */
export function toPlace(schema: string, prefix: string): Place {
  for (const [option, name] of Object.entries({ schema, prefix }))
    // 63 bytes are a whole name: what is left after 40 is ours
    if (typeof name !== 'string' || !/^[a-z_][a-z0-9_]{0,39}$/.test(name))
      throw new PairError('config_invalid', {
        message: `postgresStore: \`${option}\` is 1 to 40 lower-case letters, digits and underscores, and begins with no digit.`,
        hint: "postgresStore(pool, { schema: 'auth', prefix: 'pair_' })",
      })
  return { schema, at: (name) => `"${schema}"."${prefix}${name}"` }
}
