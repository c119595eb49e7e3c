import type { Millis, Position } from '@pair/core'
import { createSortedTable, type SortedTable } from './sorted-table.ts'

/** What stands under a key. */
export interface Row {
  value: string
  version: string
  purgeAt: Millis | null
}

export interface Counter {
  total: number
  purgeAt: Millis
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
  /** When the file was made. */
  birth: Millis
  /** How many items were appended since. */
  appended: number
  records: SortedTable<Row>
  streams: SortedTable<Stream>
  counters: SortedTable<Counter>
}

/** Nothing yet. */
export function emptyState(birth: Millis): State {
  return {
    birth,
    appended: 0,
    records: createSortedTable(),
    streams: createSortedTable(),
    counters: createSortedTable(),
  }
}

/** One that may be changed without changing the other. */
export function copyState(state: State): State {
  return {
    ...state,
    records: state.records.copy(),
    streams: state.streams.copy(),
    counters: state.counters.copy(),
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

/** Places in a file that was made anew come behind those in an older one, so that an old cursor shows as old. */
export function toPosition({ birth, appended }: Pick<State, 'birth' | 'appended'>): Position {
  return `${sortable(birth)}-${sortable(appended)}`
}

function sortable(count: number): string {
  return count.toString(36).padStart(9, '0')
}
