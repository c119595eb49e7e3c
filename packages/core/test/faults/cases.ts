import type { Fault, StoreCall } from '@pair/testkit/store'
import { expect, vi } from 'vitest'
import type { Store } from '../../src/ports/store.ts'
import { breachesOf } from './invariants.ts'
import type { Operation } from './makers.ts'
import { letsIn, type Outcome, type Stage } from './stage.ts'

const CALLS: readonly StoreCall[] = ['read', 'list', 'commit', 'increment', 'tail', 'purge', 'time']
/** How long core waits for one call of the store. */
const DEADLINE_MS = 2_000
const SLACK_MS = 1_000

/** What a caller may be told when the store fails: that it can't be confirmed, or that his proof has to be made anew. */
const REFUSALS = [
  'store_unavailable store_busy proof_invalid',
  // the same as OAuth clients read them
  'temporarily_unavailable invalid_dpop_proof',
].flatMap((line) => line.split(' '))
const CLOSES = ['closed 4001', 'closed 1013']

/** One call of the store that fails in the midst of an operation. */
export interface Case {
  operation: Operation
  call: StoreCall
  /** Which of the calls of that method. */
  nth: number
  fault: Exclude<Fault, object>
  /**
   * `once`: the store is well again. `down`: every later call fails. `silent`: every later call hangs.
   * `blind`: it is fenced off, and from there on nothing can be read.
   */
  behind: 'once' | 'down' | 'silent' | 'blind'
  /** How many calls of each method came before. */
  before: ReadonlyMap<StoreCall, number>
  /** What is told where nothing fails. */
  usual: string
}

/** Every call of the store that an operation makes, with every fault that it can have. */
export async function casesOf(operation: Operation, stage: Stage): Promise<Case[]> {
  await operation.before?.(stage)
  const made: StoreCall[] = []
  const { store } = stage.line
  for (const call of CALLS) listenTo(store, call, () => made.push(call))
  const outcome = await operation.act(stage)
  await stage.pair.close()
  if (!outcome.ok) throw new Error(`${operation.name} is refused without a fault: ${outcome.code}`)
  const before = new Map<StoreCall, number>()
  return made.flatMap((call) => {
    const earlier = new Map(before)
    const nth = (before.get(call) ?? 0) + 1
    before.set(call, nth)
    // Lists ask the same of each of their items: behind the first ones some stand for all.
    if (nth > 12 && nth % 12 !== 0) return []
    const faults: [Case['fault'], Case['behind']][] = [
      ['error-before', 'once'],
      ['error-before', 'down'],
      ['hang-before', 'once'],
      ['hang-before', 'down'],
      ['hang-before', 'silent'],
    ]
    // What only reads leaves nothing behind: done or not done is one.
    if (call === 'commit' || call === 'purge' || call === 'increment')
      faults.push(['error-after', 'once'], ['error-after', 'down'], ['hang-after', 'once'])
    if (call === 'commit') faults.push(['hang-before', 'blind'])
    return faults.map(([fault, behind]) => {
      const usual = outcome.said
      return { operation, call, nth, fault, behind, before: earlier, usual }
    })
  })
}

function listenTo(store: Store, call: StoreCall, told: () => void): void {
  const real = store[call] as ((...args: unknown[]) => unknown) | undefined
  if (real) Object.assign(store, { [call]: (...args: unknown[]) => (told(), real(...args)) })
}

/** Time as this event loop could tell it: where others keep it busy, no timer rings in time. */
function startStopwatch(): () => number {
  let ticks = 0
  const timer = setInterval(() => ticks++, 100)
  return () => {
    clearInterval(timer)
    return ticks * 100
  }
}

/** Runs one case on a stage of its own; each line of the answer is something that must not be. */
export async function run(one: Case, stage: Stage): Promise<string[]> {
  const { operation, call, nth, fault, behind } = one
  const { line, pair, truth, story } = stage
  const faults: string[] = []
  await operation.before?.(stage)
  if (behind === 'silent')
    for (const each of CALLS)
      line.plan(each, [...none(one.before.get(each) ?? 0), ...Array<Fault>(500).fill(fault)])
  else line.plan(call, [...none(nth - 1), fault], { thenDown: behind === 'down' })
  if (behind === 'blind') {
    // the one read that settles it still passes
    const reads = (one.before.get('read') ?? 0) + 1
    line.plan('read', [...none(reads), ...Array<Fault>(500).fill('error-before')])
  }

  const stop = startStopwatch()
  const outcome = await operation.act(stage)
  const took = stop()
  const calls = CALLS.reduce((sum, each) => sum + line.calls(each), 0)
  if (took > calls * DEADLINE_MS + SLACK_MS) faults.push(`took ${took} ms for ${calls} calls`)
  for (const each of CALLS) line.plan(each, [])
  // What hung reaches the store only now, behind the answer.
  await line.release()
  line.up()

  faults.push(...(await untrueOf(one, outcome, stage)))
  faults.push(...(await breachesOf(stage)))
  const isWell = await pair.codes.issue().then(
    () => true,
    () => false,
  )
  const { cookie } = story.parties.browser!
  if (!isWell || (await letsIn(pair, { cookie })) !== (await letsIn(truth, { cookie })))
    faults.push('does not recover')
  await pair.close()
  await truth.close()
  const told = outcome.ok ? 'done' : outcome.code
  return faults.map(
    (each) => `${operation.name}, ${call} ${nth} ${fault} ${behind}: ${told}, ${each}`,
  )
}

/** Is it as the caller was told? */
async function untrueOf(
  { operation, usual }: Case,
  outcome: Outcome,
  stage: Stage,
): Promise<string[]> {
  if (outcome.ok) {
    const isTrue = operation.isTrue
      ? await operation.isTrue(stage, outcome.gave as never)
      : outcome.said === usual
    return isTrue ? [] : ['which is not true']
  }
  const { isUndone } = operation
  const wrong = [...REFUSALS, ...CLOSES].includes(outcome.code)
    ? []
    : ['which is no refusal for it']
  if (!isUndone) return wrong
  // What was refused as unsettled is undone in the background, from a second on.
  const undone = async (): Promise<void> => expect(await isUndone(stage)).toBe(true)
  return vi.waitFor(undone, { timeout: 20_000, interval: 50 }).then(
    () => wrong,
    () => [...wrong, 'and somebody has something by it'],
  )
}

const none = (count: number): null[] => Array<null>(count).fill(null)
