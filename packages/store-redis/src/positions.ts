import type { Position } from '@pair/core'

/** 15 digits of time and eight characters of chance. */
const KNOWN = /^(\d{15}\.[0-9a-z]{8})-(\d{15})-(\d{12})$/

/** Where a reader goes on: behind this id, if the data is still that which was born then. */
export interface Cursor {
  birth: string
  /** The first id that it has not passed. */
  from: string
}

/** The place of an item of Redis as the port knows it; the birth of the data comes first, so that an old cursor shows as old. */
export function toPosition(birth: string, id: string): Position {
  const [ms, number] = id.split('-')
  return `${birth}-${ms!.padStart(15, '0')}-${number!.padStart(12, '0')}`
}

/** What is no position of ours is passed by nobody: it is read from the start. */
export function toCursor(after: Position | null): Cursor {
  const [, birth, ms, number] = KNOWN.exec(after ?? '') ?? []
  if (birth === undefined) return { birth: '', from: '-' }
  return { birth, from: `${Number(ms)}-${Number(number) + 1}` }
}
