import type { Millis, Position } from '@pair/core'
import { sumOf } from './layout.ts'
import { createSortedTable, type SortedTable } from './sorted-table.ts'

/** What stands under a key. */
export interface Row {
  value: string
  version: string
  purgeAt: Millis | null
  /** No item of a stream told of it when it was made. */
  isMark: boolean
}

export interface Item {
  position: Position
  value: string
  /** The keys that the same commit wrote, as texts. */
  keys: readonly string[]
  purgeAt: Millis | null
}

export interface Stream {
  /** The newest position ever. */
  latest: Position
  /** The newest position that was forgotten; empty where none was. */
  purged: Position
  items: readonly Item[]
}

/** All that the file holds. Rows are never changed, only replaced. */
export interface State {
  /** Since when places are counted: that of a later life of the file lies behind all places of an earlier one. */
  birth: Millis
  /** How many items were appended in all. */
  appended: number
  /** Higher with each writing, and higher in a file that was made anew than in an older one. */
  revision: number
  records: SortedTable<Row>
  streams: SortedTable<Stream>
}

/** Births are below it, in the year 5188: nine digits of base 36 hold them. */
export const BIRTH_BOUND: Millis = 36 ** 9

/** Nothing yet. */
export function emptyState(birth: Millis): State {
  return {
    birth,
    appended: 0,
    revision: birth,
    records: createSortedTable(),
    streams: createSortedTable(),
  }
}

/** One that may be changed without changing the other. */
export function copyState(state: State): State {
  return {
    ...state,
    records: state.records.copy(),
    streams: state.streams.copy(),
  }
}

/** The keys of records and streams that are not the same in both. */
export function changedKeys(old: State, next: State): Set<string> {
  const changed = new Set<string>()
  const compare = <T>(a: SortedTable<T>, b: SortedTable<T>, mark: (row: T) => string): void => {
    for (const [id, row] of a.rows()) {
      const other = b.get(id)
      if (other === undefined || mark(other) !== mark(row)) changed.add(id)
    }
    for (const [id] of b.rows()) if (a.get(id) === undefined) changed.add(id)
  }
  compare(old.records, next.records, (row) => row.version)
  compare(old.streams, next.streams, (stream) => stream.latest)
  return changed
}

/** What it holds, by versions and places: the version of a record tells its value. */
export function sumOfState({ birth, appended, revision, records, streams }: State): string {
  return sumOf([
    birth,
    appended,
    revision,
    ...records.rows().map(([id, row]) => `${id} ${row.version} ${row.isMark}`),
    ...streams
      .rows()
      .flatMap(([id, { latest, purged, items }]) => [
        `${id} ${latest} ${purged}`,
        ...items.map(({ position }) => position),
      ]),
  ])
}

/** Places in a file that was made anew come behind those in an older one, so that an old cursor shows as old. */
export function toPosition({ birth, appended }: Pick<State, 'birth' | 'appended'>): Position {
  return `${sortable(birth)}-${sortable(appended)}`
}

function sortable(count: number): string {
  return count.toString(36).padStart(9, '0')
}

export function isDue({ purgeAt }: { purgeAt: Millis | null }, before: Millis): boolean {
  return purgeAt !== null && purgeAt < before
}
