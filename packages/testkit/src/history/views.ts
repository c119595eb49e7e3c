import type { Key } from '@pair/core'
import type { Operation } from './history.ts'
import { keyText } from './puzzle.ts'

/** A history as one sees it who knows of some keys alone. What has no order in a view has none in the whole. */
export interface View {
  keys: readonly Key[]
  operations: readonly Operation[]
}

/** More pairs than that are not looked at. */
const PAIRS = 200

/** The views of one record each, then of two that a commit joins: where it is seen in few keys, it is seen best. */
export function* viewsOf(operations: readonly Operation[]): Generator<View> {
  const keys = new Map<string, Key>()
  const pairs = new Map<string, Key[]>()
  for (const { asked } of operations) {
    if (asked.do === 'read') keys.set(keyText(asked.key), asked.key)
    if (asked.do !== 'commit') continue
    const touched = new Map(
      [...asked.checks, ...asked.writes].map(({ key }) => [keyText(key), key]),
    )
    for (const [text, key] of touched) {
      keys.set(text, key)
      for (const [other, otherKey] of touched)
        if (text < other && pairs.size < PAIRS) pairs.set(`${text} ${other}`, [key, otherKey])
    }
  }
  for (const key of keys.values()) yield viewOf(operations, [key])
  for (const pair of pairs.values()) yield viewOf(operations, pair)
}

function viewOf(operations: readonly Operation[], keys: readonly Key[]): View {
  const names = new Set(keys.map(keyText))
  const isSeen = ({ key }: { key: Key }): boolean => names.has(keyText(key))
  return {
    keys,
    operations: operations.flatMap((operation) => {
      const { asked, ended, answer } = operation
      if (asked.do === 'read') return isSeen(asked) ? [operation] : []
      if (asked.do !== 'commit') return []
      const checks = asked.checks.filter(isSeen)
      // it may be that the check that did not hold is one of those that are not seen
      if (ended !== null && answer === false && checks.length < asked.checks.length) return []
      const writes = asked.writes.filter(isSeen)
      if (checks.length + writes.length === 0) return []
      return [{ ...operation, asked: { ...asked, checks, writes } }]
    }),
  }
}
