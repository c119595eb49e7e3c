import { PairError, type Millis } from '@pair/core'
import { asCount, asDate, asTable, parseDocument, type Parsed } from './fields.ts'
import { createRowTexts, sumOf, toDocument, toInstant } from './layout.ts'
import { MAX_COUNTERS } from './limit.ts'
import { isDue } from './state.ts'
import { createSortedTable, type SortedTable } from './sorted-table.ts'

export interface Counter {
  total: number
  purgeAt: Millis
}

/** All that the file of the counters holds: they have one of their own, so that a guess costs a small writing. */
export interface Counts {
  /** How often the file was written. */
  revision: number
  counters: SortedTable<Counter>
}

/** What the counters are next, while they are made up. */
export interface CountsDraft {
  readonly state: Counts
  readonly touched: ReadonlySet<string>
  readonly isChanged: boolean
  increment(counter: string, by: number, purgeAt: Millis): number
  /** Forgets at most `limit` counters that are due before that instant; answers how many. */
  purge(before: Millis, limit: number): number
}

const FORMAT = 'pair file store counters'
const FORMAT_VERSION = 1

export function parseCounts(bytes: Uint8Array, known: Counts | null): Parsed<Counts> {
  return parseDocument(bytes, FORMAT, FORMAT_VERSION, (file) => {
    const counters = asTable(file, 'counters', (row, where, id): Counter => {
      const total = asCount(row['total'], `${where}.total`)
      const purgeAt = asDate(row['purgeAt'], `${where}.purgeAt`)
      const found = known?.counters.get(id)
      return found?.total === total && found.purgeAt === purgeAt ? found : { total, purgeAt }
    })
    const revision = asCount(file['revision'], 'revision')
    if (known === null || revision > known.revision)
      return {
        state: { revision, counters },
        isEdited: file['sum'] !== sumOfCounts(revision, counters),
      }
    const isSame =
      revision === known.revision &&
      counters.size === known.counters.size &&
      counters.rows().every(([id, row]) => row === known.counters.get(id))
    return { state: { revision: known.revision, counters }, isEdited: !isSame }
  })
}

export function createCountsRender(): (counts: Counts) => string {
  const once = createRowTexts()
  return ({ revision, counters }) =>
    toDocument(
      {
        format: FORMAT,
        formatVersion: FORMAT_VERSION,
        sum: sumOfCounts(revision, counters),
        revision,
      },
      {
        counters: counters
          .rows()
          .map(([key, row]) =>
            once(row, () => ({ key, total: row.total, purgeAt: toInstant(row.purgeAt) })),
          ),
      },
    )
}

function sumOfCounts(revision: number, counters: SortedTable<Counter>): string {
  return sumOf([revision, ...counters.rows().flatMap(([id, row]) => [id, row.total, row.purgeAt])])
}

/** A draft that begins as a copy of that; `isEdited`: it is to be written in any case. */
export function createCountsDraft(base: Counts | null, isEdited: boolean): CountsDraft {
  const counters = base?.counters.copy() ?? createSortedTable<Counter>()
  const state = { revision: (base?.revision ?? 0) + 1, counters }
  let isChanged = isEdited

  /** Those that counted least make room, and of these the ones that end first. */
  function dropCounters(): void {
    const byWorth = counters
      .rows()
      .toSorted(([, a], [, b]) => a.total - b.total || a.purgeAt - b.purgeAt)
    for (const [id] of byWorth.slice(0, MAX_COUNTERS / 10)) counters.remove(id)
  }

  return {
    state,
    touched: new Set(),
    get isChanged() {
      return isChanged
    },
    increment(id, by, purgeAt) {
      const counter = counters.get(id)
      const total = (counter?.total ?? 0) + by
      if (!Number.isSafeInteger(total))
        throw new PairError('store_unavailable', { reason: 'a counter ends at 2^53' })
      if (!counter && counters.size >= MAX_COUNTERS) dropCounters()
      counters.put(id, { total, purgeAt: Math.max(purgeAt, counter?.purgeAt ?? 0) })
      isChanged = true
      return total
    },
    purge(before, limit) {
      const due = counters.rows().filter(([, row]) => isDue(row, before))
      const gone = due.slice(0, limit)
      for (const [id] of gone) counters.remove(id)
      isChanged ||= gone.length > 0
      return gone.length
    },
  }
}
