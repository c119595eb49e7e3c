import { tables } from './0001-tables.ts'
import { words } from './0002-words.ts'
import { views } from './0003-views.ts'
import { procedures } from './0004-procedures.ts'
import type { Names } from './names.ts'

/** A step of the schema. What was published never changes: a change is a new step. */
export interface Migration {
  number: number
  name: string
  sql(at: Names): string
}

/** All steps, in order. */
export const migrations: readonly Migration[] = [
  { number: 1, name: 'tables', sql: tables },
  { number: 2, name: 'words', sql: words },
  { number: 3, name: 'views', sql: views },
  { number: 4, name: 'procedures', sql: procedures },
]
