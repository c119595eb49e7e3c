import type { Millis } from '../../src/time.ts'
import {
  startActor,
  type Actor,
  type CastPorts,
  type LiveActor,
  type Outcome,
  type Pending,
} from './live-actor.ts'
import { emptyFootprint, textOfResult, widen, type Footprint, type Result } from './op.ts'

/**
 * How far one actor is. An actor knows of the world only what its calls answered and what its clock said, so these
 * alone say what it does next: its code has to run once for each such history, not once for each schedule.
 */
export interface Node {
  id: number
  pending: readonly Pending[]
  outcome: Outcome | null
  notes: Readonly<Record<string, unknown>>
  /** Its process ended: whatever it was about to do, it does no more. */
  crashed: boolean
  /** The answer to a commit of it was lost: it may have been refused what was done. */
  lost: boolean
  /** A commit of it was done, or may be. */
  acted: boolean
  /** When it last looked at its clock. */
  lookedAt: Millis
  history: readonly Delivery[]
}

interface Delivery {
  name: string
  result: Result
  /** When it came, where the actor looked at its clock; `null` where it did not. */
  at: Millis | null
}

/** One actor as an automaton that is learned from its running code. */
export interface Automaton {
  start: Node
  /** What it becomes when that call is answered so, at that instant; and whether that instant mattered. */
  next(
    node: Node,
    name: string,
    result: Result,
    now: Millis,
  ): Promise<{ node: Node; looks: boolean }>
  crash(node: Node): Node
  /** All that it was ever seen to do, wherever it was. */
  future: Footprint
  /** How many times something was added to that. */
  surprises(): number
  /** How many histories its code ran through. */
  learned(): number
}

/** How many actors are kept waiting; others are played anew when they are needed. */
const MOST_IDLE = 500

export function createAutomaton<C>(actor: Actor<C>, cast: CastPorts<C>): Automaton {
  const ports = { ...cast, branches: new Map<string, number>() }
  const nodes = new Map<string, Node>()
  const steps = new Map<string, { looks: boolean; byNow: Map<Millis, Node> }>()
  /** Actors that stand at a node and were not needed to go on from it yet. */
  const idle = new Map<Node, LiveActor>()
  const rest = (node: Node, live: LiveActor): void => {
    idle.set(node, live)
    // who has waited for longest would be least missed
    if (idle.size > MOST_IDLE) idle.delete(idle.keys().next().value!)
  }
  const future = emptyFootprint()
  let surprises = 0
  let learned = 0

  function intern(live: Pick<LiveActor, 'pending' | 'outcome' | 'notes'>, to: Delivery[]): Node {
    const pending = live.pending()
    const outcome = live.outcome()
    const isOver = outcome !== null && pending.length === 0
    const notes = structuredClone(live.notes())
    // Whoever is done has no past but what it was told.
    const lost = to.some(({ name, result }) => name.startsWith('commit') && result.is === 'thrown')
    const lookedAt = to.findLast(({ at }) => at !== null)?.at ?? 0
    const key = isOver
      ? JSON.stringify([outcome, notes, lost, lookedAt])
      : to
          .map(({ name, result, at }) => `${name}>${textOfResult(result)}@${at ?? ''}`)
          .sort()
          .join('\n')
    const old = nodes.get(key)
    if (old && isOver === (old.pending.length === 0) && wantsOf(old.pending) === wantsOf(pending))
      return old
    if (old) throw new Error(`${actor.name} does otherwise when its own reads come back otherwise`)
    for (const { op } of pending) if (widen(future, op)) surprises++
    const node: Node = {
      id: nodes.size,
      pending,
      outcome,
      notes,
      crashed: false,
      lost,
      acted: lost || to.some(({ result }) => result.is === 'committed' && result.done),
      lookedAt,
      history: to,
    }
    nodes.set(key, node)
    return node
  }

  /** The actor itself at that node: one that waits there, or a new one that lived through the same. */
  async function wake(node: Node): Promise<LiveActor> {
    const waiting = idle.get(node)
    idle.delete(node)
    if (waiting) return waiting
    const live = startActor(actor, ports)
    for (const { name, result, at } of node.history) await live.deliver(name, result, at ?? 0)
    return live
  }

  const fresh = startActor(actor, ports)
  const start = intern(fresh, [])
  rest(start, fresh)

  return {
    start,
    future,
    surprises: () => surprises,
    learned: () => learned,
    async next(node, name, result, now) {
      const key = `${node.id} ${name} ${textOfResult(result)}`
      const known = steps.get(key)
      const old = known && (known.looks ? known.byNow.get(now) : known.byNow.values().next().value)
      if (known && old) return { node: old, looks: known.looks }
      learned++
      const live = await wake(node)
      const looks = await live.deliver(name, result, now)
      const to = intern(live, [...node.history, { name, result, at: looks ? now : null }])
      // two ways to one place: the first that came stands for both
      if (!idle.has(to) && to.outcome === null) rest(to, live)
      const step = known ?? { looks, byNow: new Map<Millis, Node>() }
      step.byNow.set(now, to)
      steps.set(key, step)
      return { node: to, looks }
    },
    crash(node) {
      const key = `crashed ${JSON.stringify(node.notes)}`
      const old = nodes.get(key)
      if (old) return old
      const dead: Node = {
        ...node,
        id: nodes.size,
        pending: [],
        outcome: null,
        crashed: true,
      }
      nodes.set(key, dead)
      return dead
    },
  }
}

/** What an actor waits for, whatever the order in which it named it. */
function wantsOf(pending: readonly Pending[]): string {
  const sorted = (part: unknown): unknown =>
    Array.isArray(part) ? part.map((each) => JSON.stringify(each)).sort() : part
  return pending
    .map(({ name, op }) => JSON.stringify([name, Object.values(op).map(sorted)]))
    .sort()
    .join()
}
