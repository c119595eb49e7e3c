import type { Check, Entry, Key } from '@pair/core'

/** What was asked of a store. Writes to streams are left out: a history tells of records and counters. */
export type Asked =
  | { do: 'read'; key: Key }
  | { do: 'list'; prefix: Key }
  | {
      do: 'commit'
      checks: readonly Check[]
      writes: readonly { key: Key; value: string | null }[]
    }
  | { do: 'increment'; counter: Key; by: number }

/** What a store answered: an entry, entries, whether it was done, or a total. */
export type Answer = Entry | null | Entry[] | boolean | number

/**
 * One line of a history, plain JSON. `at` is nanoseconds on the monotonic clock of the machine, so that histories of its
 * processes can be merged, and those of two machines can't.
 *
 * - `asked`: a call begins.
 * - `answered`: it came back with that.
 * - `failed`: it threw, and nobody knows whether it was done. So it is with a call that has no second line at all.
 */
export type HistoryEvent = { at: number; process: string; call: number } & (
  | { told: 'asked'; asked: Asked }
  | { told: 'answered'; answer: Answer }
  | { told: 'failed'; error: string }
)

/** `at`: operations that can't all be right, as text for people. */
export type HistoryVerdict = { ok: true } | { ok: false; at: string }

/** A call with what became of it. */
export interface Operation {
  process: string
  call: number
  asked: Asked
  began: number
  /** `null`: its outcome is unknown, and it may come true at any time, or never. */
  ended: number | null
  /** Of no account while `ended` is `null`. */
  answer: Answer
}

/**
 * One history of those that several recorders of one machine wrote, in the order of its clock.
 *
 * @example
 * const verdict = checkHistory(mergeHistories(own.events, ...(await Promise.all(children.map(historyOf)))))
 */
export function mergeHistories(...histories: readonly (readonly HistoryEvent[])[]): HistoryEvent[] {
  // at one instant calls begin before others end: what the clock can't tell apart counts as at once
  return histories
    .flat()
    .toSorted((a, b) => a.at - b.at || Number(a.told !== 'asked') - Number(b.told !== 'asked'))
}

/** The calls of a history, in the order in which they began. @throws TypeError for what is no history */
export function operationsOf(history: readonly HistoryEvent[]): Operation[] {
  const found = new Map<string, Operation>()
  for (const event of mergeHistories(history)) {
    const name = nameOf(event)
    const { at, process, call } = event
    if (event.told === 'asked') {
      if (found.has(name)) throw new TypeError(`${name} is asked twice: name each recorder apart`)
      const { asked } = event
      found.set(name, { process, call, asked, began: at, ended: null, answer: null })
    } else {
      const operation = found.get(name)
      if (!operation) throw new TypeError(`${name} ends before it begins: a line is missing`)
      if (event.told === 'answered') Object.assign(operation, { ended: at, answer: event.answer })
    }
  }
  return [...found.values()]
}

/** How a call is called in texts. */
export function nameOf({ process, call }: { process: string; call: number }): string {
  return `${process}#${call}`
}
