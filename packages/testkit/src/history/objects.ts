import type { Key } from '@pair/core'
import type { Operation } from './history.ts'
import { keyText } from './puzzle.ts'

/** Operations that no other has to do with: their order is a question of its own. */
export interface HistoryObject {
  kind: 'counter' | 'records'
  operations: Operation[]
}

/**
 * Parts a history into objects. A counter is one; records are one as far as commits join their keys.
 *
 * @see https://arxiv.org/abs/1504.00204 Horn, Kroening: Faster linearizability checking via P-compositionality (2015)
 */
export function objectsOf(operations: readonly Operation[]): HistoryObject[] {
  const looks = operations.flatMap(looksOf)
  const changing = new Set(looks.flatMap(writtenKeys).map(keyText))
  const joined = joinKeys(looks, changing)
  const objects = new Map<string, HistoryObject>()
  for (const operation of looks) {
    const { asked } = operation
    const kind = asked.do === 'increment' ? 'counter' : 'records'
    const keys = asked.do === 'increment' ? [keyText(asked.counter)] : keysOf(operation)
    // a key that nobody writes joins nothing: it is absent for all
    const first = keys.find((key) => changing.has(key)) ?? keys[0] ?? ''
    const name = `${kind} ${kind === 'counter' ? first : joined(first)}`
    const object = objects.get(name)
    if (object) object.operations.push(operation)
    else objects.set(name, { kind, operations: [operation] })
  }
  return [...objects.values()]
}

/** A list is a look at each of the entries that it found, each somewhere between its begin and its end. */
function looksOf(operation: Operation): Operation[] {
  const { asked, ended, answer } = operation
  if (asked.do !== 'list') return [operation]
  if (ended === null || !Array.isArray(answer)) return []
  return answer.map((entry) => ({
    ...operation,
    asked: { do: 'read', key: entry.key },
    answer: entry,
  }))
}

/** The keys that a commit may have written. */
function writtenKeys({ asked, ended, answer }: Operation): Key[] {
  if (asked.do !== 'commit' || (ended !== null && answer === false)) return []
  return asked.writes.map((write) => write.key)
}

function keysOf({ asked }: Operation): string[] {
  if (asked.do === 'read') return [keyText(asked.key)]
  if (asked.do !== 'commit') return []
  return [...asked.checks, ...asked.writes].map(({ key }) => keyText(key))
}

/** Answers with one and the same key for all that commits join. */
function joinKeys(
  operations: readonly Operation[],
  changing: ReadonlySet<string>,
): (key: string) => string {
  const parents = new Map<string, string>()
  const rootOf = (key: string): string => {
    let root = key
    for (let up = parents.get(root); up !== undefined; up = parents.get(root)) root = up
    if (root !== key) parents.set(key, root) // the next one has a shorter way
    return root
  }
  for (const operation of operations) {
    const [first, ...others] = keysOf(operation).filter((key) => changing.has(key))
    if (first === undefined) continue
    for (const other of others)
      if (rootOf(other) !== rootOf(first)) parents.set(rootOf(other), rootOf(first))
  }
  return rootOf
}
