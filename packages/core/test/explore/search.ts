/*
 * Walks every interleaving of a few actors on one store.
 *
 * Sound by these steps:
 * - Actors are deterministic, so each is learned as an automaton over what it was answered; an interleaving is then a path
 *   through the product of automata and store, and code runs only for histories that are new.
 * - Equal states are walked once: same content of the store, same histories of all who still run. A key's version is its
 *   text, and every text holds the name of the attempt that wrote it, so that no version comes back.
 * - A call that no other may ever conflict with is carried out first and alone (a persistent set of one). What others may
 *   do is what they were ever seen to do; the walk is repeated until no call is seen that was not reckoned with. Laws look at
 *   the whole store whenever it changes, so that any two changes conflict: only reads are left out of their orders.
 * - A crash between two calls is the same as one before the next commit: reads are seen by nobody. A commit whose answer
 *   is lost stays under way and may land at any later point or never; done before the error and never done are among these.
 */
import type { Automaton, Node } from './automaton.ts'
import { conflicts, footprintOf, type CommitOp, type Op, type Result } from './op.ts'
import { pathsOf } from './paths.ts'
import type { Holdings, StoreModel } from './store-model.ts'
import type { Millis } from '../../src/time.ts'

/** A commit whose caller does not wait for it any more. */
interface Straggler {
  actor: number
  op: CommitOp
  /** When its caller had looked at the clock. */
  lookedAt: Millis
}

export interface State {
  id: number
  holdings: Holdings
  nodes: readonly Node[]
  now: Millis
  faults: number
  stragglers: readonly Straggler[]
  depth: number
  /** How it was first reached. */
  from: { state: State; step: Step } | null
}

export interface Step {
  actor: number
  op: Op
  /** What the actor was answered; `crash`: it ended, `lands`: its commit was under way until now. */
  outcome: Result | { is: 'crash' } | { is: 'lands'; done: boolean }
  /** When the actor had last looked at the clock: stores have none, so that is the instant it decided by. */
  lookedAt: Millis
}

export interface Search {
  model: StoreModel
  automata: readonly Automaton[]
  holdings: Holdings
  now: Millis
  faults: number
  /** Also reads of who did nothing yet, who then just ends. Else only those behind a commit of his own. */
  anyReadFails: boolean
  /** Without this every order of all calls is walked. */
  reduce: boolean
  /** What is wrong with a step, or with a state in which nobody goes on; each text is a law that was broken. */
  judgeStep(before: State, step: Step, after: State): string | null
  judgeEnd(state: State): Promise<string | null>
}

export interface Walk {
  states: number
  depth: number
  /** How many paths there are from the first state to one in which nobody goes on. */
  schedules: number
  ends: State[]
  /** Every change of the store that was met, as its contents before and after. */
  changes: Set<string>
  broken: { law: string; state: State } | null
}

interface Move {
  step: Step
  next: Omit<State, 'id' | 'depth' | 'from'>
}

const MOST_STATES = 2_000_000

/** Walks breadth first, so that the first broken law comes with a shortest story. */
export async function search(plan: Search): Promise<Walk> {
  for (;;) {
    const known = surprisesOf(plan)
    const walk = await walkOnce(plan)
    if (walk.broken || !plan.reduce || surprisesOf(plan) === known) return walk
  }
}

function surprisesOf({ automata }: Search): number {
  return automata.reduce((sum, automaton) => sum + automaton.surprises(), 0)
}

async function walkOnce(plan: Search): Promise<Walk> {
  const known = new Map<string, State>()
  const edges: number[][] = []
  const ends: State[] = []
  const changes = new Set<string>()
  const add = (next: Move['next'], from: State['from']): State => {
    const key = keyOf(next)
    const old = known.get(key)
    if (old) return old
    const depth = from ? from.state.depth + 1 : 0
    const state = { ...next, id: known.size, depth, from }
    known.set(key, state)
    queue.push(state)
    return state
  }
  const queue: State[] = []
  const { holdings, now, faults } = plan
  const nodes = plan.automata.map(({ start }) => start)
  add({ holdings, nodes, now, faults, stragglers: [] }, null)
  const walk = (broken: Walk['broken']): Walk => ({
    states: known.size,
    depth: queue.at(-1)?.depth ?? 0,
    schedules: pathsOf(edges),
    ends,
    changes,
    broken,
  })
  for (let at = 0; at < queue.length; at++) {
    const state = queue[at]!
    const moves = await movesFrom(plan, state)
    edges[state.id] = []
    if (!moves.some(({ step }) => step.outcome.is !== 'lands')) {
      ends.push(state)
      const law = await plan.judgeEnd(state)
      if (law) return walk({ law, state })
    }
    for (const { step, next } of moves) {
      const after = add(next, { state, step })
      edges[state.id]!.push(after.id)
      if (after.holdings !== state.holdings)
        changes.add(`${state.holdings.id}>${after.holdings.id}`)
      const law = plan.judgeStep(state, step, after)
      if (law) {
        const last = { ...after, from: { state, step } }
        return walk({ law, state: last })
      }
    }
    if (known.size > MOST_STATES) throw new Error(`more than ${MOST_STATES} states`)
  }
  return walk(null)
}

function keyOf({ holdings, nodes, now, faults, stragglers }: Move['next']): string {
  const late = stragglers.map(({ actor, op }) => `${actor}:${op.writes[0]?.value ?? 0}`)
  return `${holdings.id} ${nodes.map(({ id }) => id).join()} ${now} ${faults} ${late.join()}`
}

/** All moves, or those of one call where no other can conflict with it. */
async function movesFrom(plan: Search, state: State): Promise<Move[]> {
  const all: Move[] = []
  for (const [actor, node] of state.nodes.entries()) {
    for (const { name, op } of node.pending) {
      const { moves, looks } = await movesOf(plan, state, actor, name, op)
      if (plan.reduce && isAlone(plan, state, actor, op, looks)) return moves
      all.push(...moves)
    }
  }
  for (const straggler of state.stragglers) {
    const { op, actor, lookedAt } = straggler
    const { after, result } = plan.model.carryOut(state.holdings, op)
    const done = result.is === 'committed' && result.done
    all.push({
      step: { actor, op, outcome: { is: 'lands', done }, lookedAt },
      next: {
        ...state,
        holdings: after,
        stragglers: state.stragglers.filter((each) => each !== straggler),
      },
    })
  }
  return all
}

/** What may come of one call: its answer, and the faults that can befall it. */
async function movesOf(
  plan: Search,
  state: State,
  actor: number,
  name: string,
  op: Op,
): Promise<{ moves: Move[]; looks: boolean }> {
  const automaton = plan.automata[actor]!
  const node = state.nodes[actor]!
  const { after, result } = plan.model.carryOut(state.holdings, op)
  const now = op.call === 'tick' ? op.to : state.now
  const { lookedAt } = node
  const answered = await automaton.next(node, name, result, now)
  const place = (next: Node): Node[] =>
    state.nodes.map((each, index) => (index === actor ? next : each))
  let { looks } = answered
  const moves: Move[] = [
    {
      step: { actor, op, outcome: result, lookedAt },
      next: { ...state, holdings: after, now, nodes: place(answered.node) },
    },
  ]
  const isRead = op.call === 'read' || op.call === 'list'
  const canFail = op.call === 'commit' || (isRead && (node.acted || plan.anyReadFails))
  if (state.faults > 0 && canFail) {
    const thrown = await automaton.next(node, name, { is: 'thrown' }, now)
    looks ||= thrown.looks
    const faults = state.faults - 1
    const isLate = op.call === 'commit' && op.writes.length > 0
    const stragglers = isLate ? [...state.stragglers, { actor, op, lookedAt }] : state.stragglers
    moves.push({
      step: { actor, op, outcome: { is: 'thrown' }, lookedAt },
      next: { ...state, faults, stragglers, nodes: place(thrown.node) },
    })
    if (op.call === 'commit')
      moves.push({
        step: { actor, op, outcome: { is: 'crash' }, lookedAt },
        next: { ...state, faults, stragglers, nodes: place(automaton.crash(node)) },
      })
  }
  return { moves, looks }
}

/** Can nothing that anybody else may still do make a difference to this call, or this call to that? */
function isAlone(plan: Search, state: State, actor: number, op: Op, looks: boolean): boolean {
  for (const [index, node] of state.nodes.entries()) {
    if (index === actor || node.pending.length === 0) continue
    const { future } = plan.automata[index]!
    if (op.call === 'tick' || (looks && future.ticks) || conflicts(footprintOf(op), future))
      return false
  }
  if (state.stragglers.some((late) => conflicts(footprintOf(op), footprintOf(late.op))))
    return false
  return !state.nodes[actor]!.pending.some(
    (beside) => beside.op !== op && conflicts(footprintOf(op), footprintOf(beside.op)),
  )
}
