import type { Millis } from '../../src/time.ts'

/** A key of the store as one text, its parts joined by blanks. */
export type KeyText = string

/** A stored text, as its number in the vocabulary; it is its own version, since an attempt writes a key once. `0`: none. */
export type ValueId = number

/** What an actor asks of the world outside its own code. Each is a scheduling point. */
export type Op =
  /** Begins to run. */
  | { call: 'start' }
  | { call: 'read'; key: KeyText }
  | { call: 'list'; below: KeyText; after: KeyText; limit: number }
  | {
      call: 'commit'
      checks: readonly { key: KeyText; version: ValueId }[]
      writes: readonly { key: KeyText; value: ValueId }[]
      appends: readonly ValueId[]
    }
  | { call: 'increment'; key: KeyText; by: number }
  /** Waits for a timer of its own. */
  | { call: 'timer'; ms: Millis }
  /** Lets time pass, for everybody. */
  | { call: 'tick'; to: Millis }

export type CommitOp = Extract<Op, { call: 'commit' }>

/** What an actor learns when its op is carried out. */
export type Result =
  | { is: 'nothing' }
  | { is: 'value'; value: ValueId }
  | { is: 'values'; values: readonly { key: KeyText; value: ValueId }[] }
  | { is: 'committed'; done: boolean }
  | { is: 'total'; total: number }
  /** An error, which says nothing of what became of the call. */
  | { is: 'thrown' }

export function textOfResult(result: Result): string {
  switch (result.is) {
    case 'nothing':
    case 'thrown':
      return result.is
    case 'value':
      return String(result.value)
    case 'values':
      return result.values.map(({ value }) => value).join()
    case 'committed':
      return String(result.done)
    case 'total':
      return `=${result.total}`
  }
}

/** All that an op, or all that an actor may still do, looks at and changes. */
export interface Footprint {
  reads: Set<KeyText>
  /** Beginnings of the keys that it lists. */
  lists: Set<KeyText>
  writes: Set<KeyText>
  ticks: boolean
}

export function emptyFootprint(): Footprint {
  return { reads: new Set(), lists: new Set(), writes: new Set(), ticks: false }
}

/** Stands for all that laws look at. */
const ANY = '*'

/** Adds what an op touches; answers whether anything of it is new. */
export function widen(footprint: Footprint, op: Op): boolean {
  const { reads, lists, writes } = footprint
  const size = (): number => reads.size + lists.size + writes.size + Number(footprint.ticks)
  const before = size()
  if (op.call === 'read') reads.add(op.key)
  else if (op.call === 'list') lists.add(op.below)
  else if (op.call === 'commit') {
    for (const { key } of op.checks) reads.add(key)
    for (const { key } of op.writes) writes.add(key)
    // Laws look at all of the store when it changes: the order of two changes is always one that counts.
    reads.add(ANY)
    if (op.writes.length > 0) writes.add(ANY)
  } else if (op.call === 'increment') writes.add(`#${op.key}`)
  else if (op.call === 'tick') footprint.ticks = true
  return size() > before
}

const footprints = new WeakMap<Op, Footprint>()

export function footprintOf(op: Op): Footprint {
  const known = footprints.get(op)
  if (known) return known
  const footprint = emptyFootprint()
  widen(footprint, op)
  footprints.set(op, footprint)
  return footprint
}

/** May the order of these two make a difference? Appends don't count: the journal is compared as a bag. */
export function conflicts(a: Footprint, b: Footprint): boolean {
  return touches(a, b) || touches(b, a)
}

/** Does the one change what the other looks at or changes? */
function touches({ writes }: Footprint, { reads, lists, writes: others }: Footprint): boolean {
  for (const key of writes) {
    if (reads.has(key) || others.has(key)) return true
    for (const below of lists) if (key.startsWith(below)) return true
  }
  return false
}
