import { PairError, type Check, type Millis, type Position } from '@pair/core'
import { toKeyText, type Step } from '@pair/core/store'
import { limitReached, MAX_COUNTERS, MAX_ITEMS, MAX_RECORDS, RESERVE } from './limit.ts'
import type { MakeRow } from './record-version.ts'
import { copyState, toPosition, type State, type Stream } from './state.ts'

/** What the file is to hold next, while it is made up. */
export interface Draft {
  readonly state: State
  /** Keys of the records and streams that were written. */
  readonly touched: ReadonlySet<string>
  /** Is there anything to write at all? */
  readonly isChanged: boolean
  /** `false`, and nothing is done, where a check does not hold. @throws PairError where there is no room; nothing is done then. */
  commit(needs: readonly Need[], steps: readonly Step[]): boolean
  increment(counter: string, by: number, purgeAt: Millis): number
  /** Forgets at most `limit` things that are due before that instant; answers how many. */
  purge(before: Millis, limit: number): number
  /** Gives new versions to rows that a person changed. */
  adopt(): void
}

/** A check, by the text of its key. */
export interface Need {
  id: string
  version: string | null
}

export function toNeed({ key, version }: Check): Need {
  return { id: toKeyText(key), version }
}

/** A draft that begins as a copy of that state. `isNew`: it is not in a file yet. */
export function createDraft(base: State, makeRow: MakeRow, isNew: boolean): Draft {
  const state = copyState(base)
  const { records, streams, counters } = state
  const touched = new Set<string>()
  let isChanged = isNew
  let items = streams.rows().reduce((sum, [, stream]) => sum + stream.items.length, 0)

  function requireRoom(steps: readonly Step[]): void {
    const made = new Set<string>()
    let gone = 0
    let appended = 0
    for (const step of steps) {
      if (step.do === 'append') appended += 1
      else if (step.do === 'remove') gone += records.get(step.id) ? 1 : 0
      else if (!records.get(step.id)) made.add(step.id)
    }
    const reserve = made.size === 1 && appended > 0 ? RESERVE : 0
    // what makes room may always be written
    if (made.size > gone && records.size + made.size - gone > MAX_RECORDS + reserve)
      throw limitReached('records', MAX_RECORDS)
    if (appended > 0 && items + appended > MAX_ITEMS + reserve)
      throw limitReached('items of streams', MAX_ITEMS)
  }

  function apply(step: Step, keys: readonly string[]): void {
    touched.add(step.id)
    if (step.do === 'remove') records.remove(step.id)
    else if (step.do === 'put') records.put(step.id, makeRow(step.id, step.value, step.purgeAt))
    else {
      state.appended += 1
      items += 1
      const position = toPosition(state)
      const { value, purgeAt } = step
      const stream = streams.get(step.id)
      streams.put(step.id, {
        latest: position,
        purged: stream?.purged ?? '',
        items: [...(stream?.items ?? []), { position, value, keys, purgeAt }],
      })
    }
  }

  /** Those that counted least make room, and of these the ones that end first. */
  function dropCounters(): void {
    const byWorth = counters
      .rows()
      .toSorted(([, a], [, b]) => a.total - b.total || a.purgeAt - b.purgeAt)
    for (const [id] of byWorth.slice(0, MAX_COUNTERS / 10)) counters.remove(id)
  }

  function purgeItems(before: Millis, limit: number): number {
    let left = limit
    for (const [id, stream] of streams.rows()) {
      const due = stream.items.filter((item) => isDue(item, before)).slice(0, Math.max(0, left))
      if (due.length === 0) continue
      const gone = new Set(due)
      const kept = stream.items.filter((item) => !gone.has(item))
      streams.put(id, { ...stream, items: kept, purged: latestOf(stream, due.at(-1)!.position) })
      left -= due.length
    }
    items -= limit - left
    return limit - left
  }

  return {
    state,
    touched,
    get isChanged() {
      return isChanged
    },
    commit(needs, steps) {
      if (needs.some(({ id, version }) => (records.get(id)?.version ?? null) !== version))
        return false
      requireRoom(steps)
      const keys = steps.filter((step) => step.do !== 'append').map((step) => step.id)
      for (const step of steps) apply(step, keys)
      isChanged ||= steps.length > 0
      return true
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
      let gone = purgeItems(before, limit)
      for (const table of [records, counters])
        for (const [id, row] of table.rows()) {
          if (gone >= limit || !isDue(row, before)) continue
          table.remove(id)
          gone += 1
        }
      isChanged ||= gone > 0
      return gone
    },
    adopt() {
      for (const [id, { value, version, purgeAt }] of records.rows()) {
        if (version !== '') continue
        records.put(id, makeRow(id, value, purgeAt))
        touched.add(id)
        isChanged = true
      }
    },
  }
}

function isDue({ purgeAt }: { purgeAt: Millis | null }, before: Millis): boolean {
  return purgeAt !== null && purgeAt < before
}

function latestOf({ purged }: Stream, position: Position): Position {
  return position > purged ? position : purged
}
