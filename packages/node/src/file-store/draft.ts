import type { Check, Millis, Position } from '@pair/core'
import { toKeyText, type Step } from '@pair/core/store'
import type { MakeRow } from './record-version.ts'
import { fillOf, growthOf, isOfKnown, knownIn, requireRoom } from './room.ts'
import { copyState, isDue, toPosition, type Item, type State, type Stream } from './state.ts'

/** What the file is to hold next, while it is made up. */
export interface Draft {
  readonly state: State
  /** Keys of the records and streams that were written. */
  readonly touched: ReadonlySet<string>
  /** Is there anything to write at all? */
  readonly isChanged: boolean
  /** `false`, and nothing is done, where a check does not hold. @throws PairError where there is no room; nothing is done then. */
  commit(needs: readonly Need[], steps: readonly Step[]): boolean
  /** Forgets at most `limit` things that are due before that instant; answers how many. */
  purge(before: Millis, limit: number): number
}

/** A check, by the text of its key. */
export interface Need {
  id: string
  version: string | null
}

export function toNeed({ key, version }: Check): Need {
  return { id: toKeyText(key), version }
}

/** Where a draft begins. */
export interface DraftBase {
  state: State
  /** To be written in any case: it is not in a file yet, or another hand than ours put it there. */
  isNew: boolean
  /** Places are counted anew since then, behind all that there ever were. */
  reborn: Millis | null
}

/** A draft that begins as a copy of that state. Rows without a version get one. */
export function createDraft({ state: base, isNew, reborn }: DraftBase, makeRow: MakeRow): Draft {
  const state = copyState(base)
  const { records, streams } = state
  const touched = new Set<string>()
  const fill = fillOf(state)
  const longer = new Map<string, Item[]>() // of this draft alone: these may be changed
  let isChanged = isNew
  let known: ReadonlySet<string> | undefined

  state.revision += 1
  if (reborn !== null) state.birth = Math.max(reborn, state.birth + 1)
  for (const [id, { value, version, purgeAt, isMark }] of records.rows()) {
    if (version !== '') continue
    records.put(id, makeRow(id, value, purgeAt, isMark))
    touched.add(id)
  }

  function apply(step: Step, keys: readonly string[], isMark: boolean): void {
    touched.add(step.id)
    if (step.do === 'remove') records.remove(step.id)
    else if (step.do === 'put')
      records.put(
        step.id,
        makeRow(step.id, step.value, step.purgeAt, records.get(step.id)?.isMark ?? isMark),
      )
    else {
      state.appended += 1
      const position = toPosition(state)
      const { value, purgeAt } = step
      const stream = streams.get(step.id)
      const items = longer.get(step.id) ?? [...(stream?.items ?? [])]
      items.push({ position, value, keys, purgeAt })
      longer.set(step.id, items)
      streams.put(step.id, { latest: position, purged: stream?.purged ?? '', items })
    }
  }

  function purgeItems(before: Millis, limit: number): number {
    let left = limit
    for (const [id, stream] of streams.rows()) {
      const due = stream.items.filter((item) => isDue(item, before)).slice(0, Math.max(0, left))
      if (due.length === 0) continue
      const gone = new Set(due)
      const kept = stream.items.filter((item) => !gone.has(item))
      longer.delete(id)
      streams.put(id, { ...stream, items: kept, purged: latestOf(stream, due.at(-1)!.position) })
      left -= due.length
    }
    fill.items -= limit - left
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
      const growth = growthOf(state, steps)
      requireRoom(fill, growth, () => isOfKnown(state, (known ??= knownIn(state)), steps))
      const keys = steps.filter((step) => step.do !== 'append').map((step) => step.id)
      for (const step of steps) apply(step, keys, growth.items === 0)
      for (const kind of ['records', 'marks', 'items'] as const) fill[kind] += growth[kind]
      isChanged ||= steps.length > 0
      return true
    },
    purge(before, limit) {
      let gone = purgeItems(before, limit)
      for (const [id, row] of records.rows()) {
        if (gone >= limit || !isDue(row, before)) continue
        records.remove(id)
        fill[row.isMark ? 'marks' : 'records'] -= 1
        gone += 1
      }
      isChanged ||= gone > 0
      return gone
    },
  }
}

function latestOf({ purged }: Stream, position: Position): Position {
  return position > purged ? position : purged
}
