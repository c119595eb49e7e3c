import type { Entry } from '@pair/core'
import type { Answer, Asked, HistoryEvent } from '@pair/testkit/store'

/** A call written down by hand: what was asked, from when until when; `null`: nobody knows what became of it. */
export type Line = readonly [asked: Asked, began: number, ended: number | null, answer?: Answer]

/** A history of lines, each a call of a process of its own. */
export function historyOf(lines: readonly Line[]): HistoryEvent[] {
  return lines.flatMap(([asked, began, ended, answer = null], call): HistoryEvent[] => {
    const head = { process: 'p', call }
    return [
      { ...head, at: began, told: 'asked', asked },
      ...(ended === null
        ? []
        : [{ ...head, at: ended, told: 'answered' as const, answer: answer }]),
    ]
  })
}

export const read = (key: string): Asked => ({ do: 'read', key: [key] })

export const raise = (by = 1): Asked => ({ do: 'increment', counter: ['c'], by })

/** `checks` and `writes` by key; of checks the version that `entry` gives that value. */
export const commit = (
  checks: Record<string, string | null>,
  writes: Record<string, string | null>,
): Asked => ({
  do: 'commit',
  checks: Object.entries(checks).map(([key, value]) => ({
    key: [key],
    version: value === null ? null : versionOf(value),
  })),
  writes: Object.entries(writes).map(([key, value]) => ({ key: [key], value })),
})

export const entry = (key: string, value: string): Entry => ({
  key: [key],
  value,
  version: versionOf(value),
})

function versionOf(value: string): string {
  return `v-${value}`
}
