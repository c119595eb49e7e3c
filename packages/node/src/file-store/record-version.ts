import { createHash, randomBytes } from 'node:crypto'
import type { Millis } from '@pair/core'
import type { Row } from './state.ts'

/** Makes rows with versions that never were. */
export type MakeRow = (id: string, value: string, purgeAt: Millis | null, isMark: boolean) => Row

/** Versions of this process: a random part, a count, and what tells whether a person changed the row in the file. */
export function createRowMaker(): MakeRow {
  const life = randomBytes(12).toString('base64url')
  let count = 0
  return (id, value, purgeAt, isMark) => {
    count += 1
    return { value, purgeAt, isMark, version: `${life}.${count}.${sumOf(id, value, purgeAt)}` }
  }
}

/** Is this row as the one that made its version has written it? */
export function isUntouched(
  id: string,
  { value, version, purgeAt }: Pick<Row, 'value' | 'version' | 'purgeAt'>,
): boolean {
  return version.endsWith(`.${sumOf(id, value, purgeAt)}`)
}

function sumOf(id: string, value: string, purgeAt: Millis | null): string {
  const hash = createHash('sha256').update(`${id}\n${purgeAt}\n${value}`)
  return hash.digest('base64url').slice(0, 11)
}
