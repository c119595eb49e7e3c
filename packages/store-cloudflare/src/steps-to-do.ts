import { PairError } from '@pair/core'
import { migrations, type Migration } from '@pair/store-sqlite/tables'

/** What a database says of a step that was taken. */
export type AppliedStep = Pick<Migration, 'number' | 'name'>

/** Answers a row where steps are written down. */
export const isMigrated = "SELECT 1 FROM sqlite_master WHERE name = 'pair_migration'"

/** The step of the schema that comes next. @throws PairError `config_invalid` where a later version has been at work */
export function nextAfter(applied: readonly AppliedStep[]): Migration | undefined {
  for (const [at, { number, name }] of applied.entries()) {
    const ours = migrations[at]
    if (number !== ours?.number || name !== ours.name)
      throw new PairError('config_invalid', {
        message: `This version does not know step ${number} (${name}) of the schema.`,
        hint: 'A later version of @pair/store-cloudflare has written here: deploy that one.',
      })
  }
  return migrations[applied.length]
}
