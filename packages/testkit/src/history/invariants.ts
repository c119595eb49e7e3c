import { counterFault } from './counter-invariants.ts'
import { factsOf, type Contradiction } from './facts.ts'
import { operationsOf, type HistoryEvent, type HistoryVerdict, type Operation } from './history.ts'
import { objectsOf, type HistoryObject } from './objects.ts'
import { entryValue, keyText, type Facts } from './puzzle.ts'
import { tellWindow } from './tell-window.ts'

/**
 * What holds in each linearizable history and can be told in one pass, for runs that are too long for `checkHistory`:
 * one winner a version, no acknowledged write lost or unseen, nothing read that nobody wrote or that a commit wrote
 * that answered `false`, totals handed out once and in order. Of a history that keeps them `ok` says no more than that.
 *
 * What is asked of a history is what `checkHistory` asks.
 *
 * @throws TypeError for what is no history
 * @example
 * expect(checkInvariants(mergeHistories(...histories))).toEqual({ ok: true })
 */
export function checkInvariants(history: readonly HistoryEvent[]): HistoryVerdict {
  const objects = objectsOf(operationsOf(history))
  const facts = factsOf(objects.flatMap((object) => object.operations))
  let fault: Contradiction | null = facts.contradictions[0] ?? null
  for (const object of objects) fault ??= invariantFault(object, facts)
  return fault ? { ok: false, at: tellWindow({ ...fault, facts }) } : { ok: true }
}

/** Operations on one object that break an invariant, and which. */
export function invariantFault(
  { kind, operations }: HistoryObject,
  facts: Facts,
): Contradiction | null {
  if (kind === 'counter') return counterFault(operations)
  return (
    winnersFault(operations) ?? writtenFault(operations, facts) ?? staleFault(operations, facts)
  )
}

function isDone({ asked, ended, answer }: Operation): boolean {
  return asked.do === 'commit' && ended !== null && answer === true
}

/** Of all commits that need one version and write its key, one wins; absence may come back where a key is removed. */
function winnersFault(operations: readonly Operation[]): Contradiction | null {
  const removed = new Set<string>()
  for (const { asked } of operations)
    if (asked.do === 'commit')
      for (const { key, value } of asked.writes) if (value === null) removed.add(keyText(key))
  const winners = new Map<string, Operation>()
  for (const operation of operations) {
    const { asked } = operation
    if (asked.do !== 'commit' || !isDone(operation)) continue
    const written = new Set(asked.writes.map(({ key }) => keyText(key)))
    for (const { key, version } of asked.checks) {
      if (!written.has(keyText(key)) || (version === null && removed.has(keyText(key)))) continue
      const name = JSON.stringify([key, version])
      const winner = winners.get(name)
      if (winner) return { says: 'one version has two winners', operations: [winner, operation] }
      winners.set(name, operation)
    }
  }
  return null
}

/** What is read was written: by a commit that began before the answer, and that did not answer `false`. */
function writtenFault(operations: readonly Operation[], facts: Facts): Contradiction | null {
  const begun = new Map<string, number>()
  const refused = new Map<string, Operation>()
  for (const operation of operations) {
    const { asked, began, ended, answer } = operation
    if (asked.do !== 'commit') continue
    for (const { key, value } of asked.writes) {
      if (value === null) continue
      const name = keyText([...key, value])
      if (ended !== null && answer === false) refused.set(name, operation)
      else begun.set(name, Math.min(began, begun.get(name) ?? Infinity))
    }
  }
  for (const operation of operations) {
    const { asked, ended, answer } = operation
    if (asked.do !== 'read' || ended === null) continue
    const value = entryValue(answer)
    if (value === null) continue
    const name = keyText([...asked.key, value])
    if ((begun.get(name) ?? Infinity) <= ended) continue
    const culprit = refused.get(name)
    return culprit && facts.writersOf(asked.key, value) === 0
      ? { says: 'a commit answered false and changed something', operations: [culprit, operation] }
      : { says: 'something is read that nobody had written', operations: [operation] }
  }
  return null
}

interface Written {
  operation: Operation
  began: number
  /** By then it was done: it was answered, or somebody saw it. */
  ended: number
}

/** No read shows what was written over before it began: an acknowledged write is neither lost nor unseen. */
function staleFault(operations: readonly Operation[], facts: Facts): Contradiction | null {
  const writes = new Map<string, Map<string, Written>>()
  const removed = new Set<string>()
  for (const operation of operations) {
    const { asked, began, ended, answer } = operation
    if (asked.do !== 'commit' || (ended !== null && answer === false)) continue
    for (const { key, value } of asked.writes) {
      const text = keyText(key)
      if (value === null) removed.add(text)
      else if (facts.writersOf(key, value) === 1) {
        const ofKey = writes.get(text) ?? new Map<string, Written>()
        writes.set(text, ofKey.set(value, { operation, began, ended: ended ?? Infinity }))
      }
    }
  }
  const reads = new Map<string, Operation[]>()
  for (const operation of operations) {
    const { asked, ended, answer } = operation
    if (asked.do !== 'read' || ended === null) continue
    const text = keyText(asked.key)
    const ofKey = reads.get(text)
    if (ofKey) ofKey.push(operation)
    else reads.set(text, [operation])
    const written = writes.get(text)?.get(entryValue(answer) ?? '')
    if (written && ended < written.ended) written.ended = ended
  }
  for (const [text, ofKey] of reads) {
    const fault = staleRead(ofKey, writes.get(text) ?? new Map(), removed.has(text))
    if (fault) return fault
  }
  return null
}

/** One pass over the reads as they began, with the latest write that was done by then. */
function staleRead(
  reads: readonly Operation[],
  writes: ReadonlyMap<string, Written>,
  isRemoved: boolean,
): Contradiction | null {
  const done = [...writes.values()].toSorted((a, b) => a.ended - b.ended)
  let next = 0
  let newest: Written | null = null
  for (const read of reads.toSorted((a, b) => a.began - b.began)) {
    for (; next < done.length && done[next]!.ended < read.began; next++)
      if (newest === null || done[next]!.began > newest.began) newest = done[next]!
    if (newest === null) continue
    const value = entryValue(read.answer)
    const shown = value === null ? undefined : writes.get(value)
    if (value === null ? isRemoved : !shown) continue
    if (shown && shown.ended >= newest.began) continue
    const operations = [...(shown ? [shown.operation] : []), newest.operation, read]
    return { says: 'a read shows what was written over before it began', operations }
  }
  return null
}
