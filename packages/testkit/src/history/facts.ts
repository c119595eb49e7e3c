import type { Key } from '@pair/core'
import type { Operation } from './history.ts'
import { entryValue, keyText, type Facts } from './puzzle.ts'

/** Answers that can't both be right, whatever the order. */
export interface Contradiction {
  says: string
  operations: Operation[]
}

/** What the answers tell of versions and values, and where they tell two things of one. */
export function factsOf(operations: readonly Operation[]): Facts & {
  contradictions: readonly Contradiction[]
  /** Who wrote what this operation found, or checked. */
  writersFor(operation: Operation): Operation[]
} {
  const valueBy = new Map<string, { other: string; operation: Operation }>()
  const versionBy = new Map<string, { other: string; operation: Operation }>()
  const writers = new Map<string, Operation[]>()
  const contradictions: Contradiction[] = []
  const name = (key: Key, text: string): string => keyText([...key, text])

  for (const operation of operations) {
    const { asked, ended, answer } = operation
    if (asked.do !== 'commit' || (ended !== null && answer === false)) continue
    for (const { key, value } of asked.writes) {
      if (value === null) continue
      const known = writers.get(name(key, value))
      if (known) known.push(operation)
      else writers.set(name(key, value), [operation])
    }
  }
  const writersOf = (key: Key, value: string): number => writers.get(name(key, value))?.length ?? 0

  const learn = (
    by: typeof valueBy,
    what: string,
    other: string,
    operation: Operation,
  ): Operation[] | null => {
    const known = by.get(what)
    if (!known) by.set(what, { other, operation })
    return known && known.other !== other ? [known.operation, operation] : null
  }
  for (const operation of operations) {
    const { asked, ended, answer } = operation
    if (asked.do !== 'read' || ended === null) continue
    if (typeof answer !== 'object' || answer === null || Array.isArray(answer)) continue
    const { key } = asked
    const { value, version } = answer
    const twoValues = learn(valueBy, name(key, version), value, operation)
    if (twoValues)
      contradictions.push({ says: 'one version has two values', operations: twoValues })
    if (writersOf(key, value) !== 1) continue
    const twoVersions = learn(versionBy, name(key, value), version, operation)
    if (twoVersions)
      contradictions.push({
        says: 'what was written once has two versions: it took effect twice',
        operations: [...writers.get(name(key, value))!, ...twoVersions],
      })
  }
  const valueAt = (key: Key, version: string): string | undefined =>
    valueBy.get(name(key, version))?.other
  return {
    contradictions,
    writersOf,
    valueAt,
    writersFor({ asked, answer }) {
      const found =
        asked.do === 'read'
          ? [{ key: asked.key, value: entryValue(answer) }]
          : asked.do === 'commit'
            ? asked.checks.map(({ key, version }) => ({
                key,
                value: version === null ? null : valueAt(key, version),
              }))
            : []
      return found.flatMap(({ key, value }) => writers.get(name(key, value ?? '')) ?? [])
    },
  }
}
