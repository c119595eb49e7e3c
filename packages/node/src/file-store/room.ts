import { fromKeyText, type Step } from '@pair/core/store'
import { limitReached, MAX_ITEMS, MAX_MARKS, MAX_RECORDS, RESERVE } from './limit.ts'
import type { State } from './state.ts'

/** How much the file holds, or how much more. */
export interface Fill {
  records: number
  marks: number
  items: number
}

export function fillOf({ records, streams }: State): Fill {
  const marks = records.rows().filter(([, row]) => row.isMark).length
  const items = streams.rows().reduce((sum, [, stream]) => sum + stream.items.length, 0)
  return { records: records.size - marks, marks, items }
}

/** What these steps make more of; below 0 where they remove more. */
export function growthOf({ records }: State, steps: readonly Step[]): Fill {
  const items = steps.filter((step) => step.do === 'append').length
  const growth = { records: 0, marks: 0, items }
  for (const step of steps) {
    const row = records.get(step.id)
    if (step.do === 'remove' && row) growth[row.isMark ? 'marks' : 'records'] -= 1
    if (step.do === 'put' && !row) growth[items > 0 ? 'records' : 'marks'] += 1
  }
  return growth
}

/** What makes no more of something may always be written. @throws PairError */
export function requireRoom(fill: Fill, growth: Fill, mayReserve: () => boolean): void {
  const bounds = [
    ['records', MAX_RECORDS, 'records'],
    ['marks', MAX_MARKS, 'marks that nobody is told of'],
    ['items', MAX_ITEMS, 'items of streams'],
  ] as const
  for (const [kind, most, what] of bounds) {
    const next = fill[kind] + growth[kind]
    if (growth[kind] > 0 && next > most && !(next <= most + RESERVE && mayReserve()))
      throw limitReached(what, most)
  }
}

/** Only an owner, or whom one let in, has records of these kinds made. All others can be had by asking. */
const LET_IN: ReadonlySet<string | undefined> = new Set([
  'agent-key',
  'code',
  'device',
  'grant',
  'key',
  'session',
])

/** Whom an owner let in: the third part of such keys, behind the namespace and the kind. */
export function knownIn({ records }: State): ReadonlySet<string> {
  return new Set(
    records.rows().flatMap(([id, row]) => {
      const [, kind, whom] = fromKeyText(id)
      return !row.isMark && LET_IN.has(kind) && whom !== undefined ? [whom] : []
    }),
  )
}

/** Makes only what is about somebody known, or what there is one of. */
export function isOfKnown(
  { records }: State,
  known: ReadonlySet<string>,
  steps: readonly Step[],
): boolean {
  return steps.every((step) => {
    if (step.do !== 'put' || records.get(step.id)) return true
    const whom = fromKeyText(step.id)[2]
    return whom === undefined || known.has(whom)
  })
}
