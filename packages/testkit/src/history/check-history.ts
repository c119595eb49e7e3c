import { factsOf, type Contradiction } from './facts.ts'
import { operationsOf, type HistoryEvent, type HistoryVerdict, type Operation } from './history.ts'
import { invariantFault } from './invariants.ts'
import { narrow } from './narrow.ts'
import { objectsOf, type HistoryObject } from './objects.ts'
import { counterPuzzle, recordsPuzzle, type Facts } from './puzzle.ts'
import { findOrder, type Found } from './search.ts'
import { tellKey, tellWindow } from './tell-window.ts'
import { viewsOf } from './views.ts'

export interface CheckOptions {
  /** How many places the search may look at for each object, before it gives up. Default: 1,000,000. */
  looks?: number
}

/**
 * Whether a history is linearizable: whether its calls can be put in one order in which each answer is what a store of
 * records and counters would have given, and no call comes behind one that began after it had ended.
 *
 * A call whose outcome is unknown may come true at any time after it began, also after all others, or never. A version
 * is known by the value that was read with it, so each write has to be of a value of its own: of two that write the
 * same, the one counts as the other. The history begins with an empty store, and nothing is purged in it.
 *
 * It is for thousands of calls, of which some dozens run at once. For longer runs there is `checkInvariants`.
 *
 * @throws TypeError for what is no history, Error where it could not be decided within `looks`
 * @example
 * expect(checkHistory(recorded.events)).toEqual({ ok: true })
 * @see https://doi.org/10.1145/78969.78972 Herlihy, Wing: Linearizability (1990)
 */
export function checkHistory(
  history: readonly HistoryEvent[],
  { looks = 1_000_000 }: CheckOptions = {},
): HistoryVerdict {
  const objects = objectsOf(operationsOf(history))
  const facts = factsOf(objects.flatMap((object) => object.operations))
  const [contradiction] = facts.contradictions
  if (contradiction) return { ok: false, at: tellWindow({ ...contradiction, facts }) }
  for (const object of objects) {
    const search = (some: readonly Operation[], within: number): Found =>
      findOrder(puzzleOf(object, some, facts), within)
    const found = search(object.operations, looks)
    if (found === 'undecided') throw new Error(tellUndecided(object, looks))
    if (found === 'none') {
      // where there is an order it is mostly found straight away: so little is enough to narrow by
      const isImpossible = (some: readonly Operation[]): boolean =>
        search(some, Math.min(looks, 1_000 + 2 * some.length)) === 'none'
      const window =
        invariantFault(object, facts) ?? windowIn(object, isImpossible, facts.writersFor)
      return { ok: false, at: tellWindow({ ...window, facts }) }
    }
  }
  return { ok: true }
}

/** The fewest operations that have no order, seen in as few keys as can be. */
function windowIn(
  { kind, operations }: HistoryObject,
  isImpossible: (some: readonly Operation[]) => boolean,
  writersFor: (operation: Operation) => Operation[],
): Contradiction {
  const views = kind === 'records' ? viewsOf(operations) : []
  let seen = operations
  let touching = ''
  for (const view of views)
    if (isImpossible(view.operations)) {
      seen = [...view.operations]
      touching = ` (shown as far as they touch ${view.keys.map(tellKey).join(' and ')})`
      break
    }
  const window = narrow(seen, isImpossible)
  const says = `there is no order in which each answer is right, ${window.others}${touching}`
  if (window.others === 'whatever became of all others') return { says, ...window }
  // they have no order though their writers did their part: without these they are hard to read
  return {
    says,
    operations: [...new Set([...window.operations, ...window.operations.flatMap(writersFor)])],
  }
}

function puzzleOf(
  { kind }: HistoryObject,
  operations: readonly Operation[],
  facts: Facts,
): ReturnType<typeof recordsPuzzle> {
  return kind === 'counter' ? counterPuzzle(operations) : recordsPuzzle(operations, facts)
}

function tellUndecided({ operations }: HistoryObject, looks: number): string {
  const open = operations.filter((operation) => operation.ended === null).length
  return (
    `checkHistory: ${looks} looks did not decide ${operations.length} operations on one object, ` +
    `${open} of unknown outcome. Ask for more \`looks\`, record less, or use checkInvariants.`
  )
}
