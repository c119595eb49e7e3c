import type { Store } from '@pair/core'
import { faultyWatch, type WatchDrop } from './faulty-watch.ts'

/** The calls of the port that faults can befall. */
export type StoreCall = 'read' | 'list' | 'commit' | 'increment' | 'tail' | 'purge' | 'time'

/**
 * What befalls one call.
 *
 * - `error-before`: it fails and nothing is done.
 * - `error-after`: it is done, and its answer is lost: the caller gets an error.
 * - `hang-before`: it is held until `release`, and reaches the store only then, if its caller still waits or not.
 * - `hang-after`: it is done, and its answer is held until `release`.
 * - `delayMs`: it reaches the store that many milliseconds later.
 */
export type Fault =
  | 'error-before'
  | 'error-after'
  | 'hang-before'
  | 'hang-after'
  | { delayMs: number }

export interface FaultyStore {
  /** The real store behind the faulty line. */
  store: Store
  /**
   * The next calls of that method meet these faults, one each; `null` lets one through. Takes the place of what was
   * planned for it before. `thenDown`: once the first of them strikes, every call of any method fails, until `up`.
   */
  plan(
    call: StoreCall,
    faults: Fault | readonly (Fault | null)[],
    options?: { thenDown?: boolean },
  ): void
  /** From now on every call fails, until `up`. Calls that hang still reach the store when they are released. */
  down(): void
  up(): void
  /** Lets all calls that hang go on, in the order in which they came; answers what became of each. */
  release(): Promise<unknown[]>
  /** How many calls of that method came, whatever became of them. */
  calls(call: StoreCall): number
  /** Cuts the line on which watches hear. `told` (the default): they say so. `silent`: they claim to be live. */
  dropWatch(drop?: WatchDrop): void
  /** Mends that line. Watches that had been told hear that anything may have changed. */
  restoreWatch(): void
}

/**
 * A real store behind a line that fails on plan: for tests of what your code makes of a database that is slow, gone, or
 * done without saying so. Without a plan it is the real store.
 *
 * @example
 * const line = faultyStore(memoryStore())
 * const pair = createPair({ secret, store: line.store })
 * line.plan('commit', 'error-after')
 * line.plan('read', [null, { delayMs: 50 }])
 * line.plan('commit', 'error-before', { thenDown: true })
 */
export function faultyStore(real: Store): FaultyStore {
  const plans = new Map<StoreCall, { faults: (Fault | null)[]; thenDown: boolean }>()
  const counts = new Map<StoreCall, number>()
  let isDown = false
  let held: (() => Promise<unknown>)[] = []

  const fail = (): never => {
    throw new Error('connection reset')
  }
  const hold = <R>(go: () => Promise<R>): Promise<R> =>
    new Promise((resolve) => {
      held.push(() => {
        const answer = go()
        resolve(answer)
        return answer
      })
    })

  function nextFault(call: StoreCall): Fault | null {
    const plan = plans.get(call)
    const fault = plan?.faults.shift() ?? null
    if (fault !== null && plan?.thenDown) isDown = true
    return fault
  }

  async function meet<R>(call: StoreCall, go: () => Promise<R>): Promise<R> {
    counts.set(call, (counts.get(call) ?? 0) + 1)
    if (isDown) return fail()
    const fault = nextFault(call)
    switch (fault) {
      case null:
        return go()
      case 'error-before':
        return fail()
      case 'error-after':
        await go()
        return fail()
      case 'hang-before':
        return hold(go)
      case 'hang-after': {
        const answer = await go()
        return hold(async () => answer)
      }
      default:
        await new Promise((resolve) => setTimeout(resolve, fault.delayMs))
        return go()
    }
  }

  const watch = faultyWatch(real)
  return {
    store: {
      read: (key) => meet('read', () => real.read(key)),
      list: (prefix, page) => meet('list', () => real.list(prefix, page)),
      commit: (checks, writes) => meet('commit', () => real.commit(checks, writes)),
      increment: (counter, by, purgeAt) =>
        meet('increment', () => real.increment(counter, by, purgeAt)),
      tail: (stream, after, limit) => meet('tail', () => real.tail(stream, after, limit)),
      purge: (before, limit) => meet('purge', () => real.purge(before, limit)),
      ...(real.time && { time: () => meet('time', () => real.time!()) }),
      ...(real.watch && { watch: watch.add }),
    },
    plan(call, faults, { thenDown = false } = {}) {
      plans.set(call, { faults: Array.isArray(faults) ? [...faults] : [faults], thenDown })
    },
    down: () => {
      isDown = true
    },
    up: () => {
      isDown = false
      for (const plan of plans.values()) plan.thenDown = false
    },
    async release() {
      const waiting = held
      held = []
      const answers: unknown[] = []
      for (const goOn of waiting) answers.push(await goOn())
      return answers
    },
    calls: (call) => counts.get(call) ?? 0,
    dropWatch: watch.drop,
    restoreWatch: watch.restore,
  }
}
