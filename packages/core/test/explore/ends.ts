import type { Outcome } from './live-actor.ts'
import type { Walk } from './search.ts'
import type { Holdings } from './store-model.ts'

/** An end as text: all that is in the store, and what everybody was told. */
export function describeEnd(
  { values, journal }: Pick<Holdings, 'values' | 'journal'>,
  outcomes: readonly (Outcome | null)[],
): string {
  const rows = [...values].map(([key, value]) => `${key}=${value}`).sort()
  return JSON.stringify([rows, [...journal].sort(), outcomes])
}

/** All ends of a walk. */
export function endsOf({ ends }: Walk): Set<string> {
  return new Set(
    ends.map(({ holdings, nodes }) =>
      describeEnd(
        holdings,
        nodes.map(({ outcome }) => outcome),
      ),
    ),
  )
}
