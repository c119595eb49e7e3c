import type { Store } from '../../src/ports/store.ts'

/**
 * What befalls one commit. `lost`: throws and did nothing. `unheard`: is done and throws. `hangs`: is held back until
 * `release`, then done by the real store if its checks still hold.
 */
export type Fault = 'lost' | 'unheard' | 'hangs'

export interface FaultyStore {
  store: Store
  /** The next commits meet these, one each; `null` lets one through. */
  plan(...faults: (Fault | null)[]): void
  /** From the moment a planned fault strikes, every call fails, until `up`. */
  downAfterFault(): void
  up(): void
  /** Lets the commits that hang reach the store now; answers what became of each. */
  release(): Promise<boolean[]>
  /** How many commits reached this wrapper. */
  commits(): number
  reads(): number
}

/** A real store behind a line that fails on plan. */
export function faultyStore(real: Store): FaultyStore {
  let faults: (Fault | null)[] = []
  let fallsWithFault = false
  let down = false
  let commits = 0
  let reads = 0
  let held: (() => Promise<boolean>)[] = []
  const refuse = (): never => {
    throw new Error('connection reset')
  }
  const guarded =
    <A extends unknown[], R>(call: (...args: A) => Promise<R>) =>
    async (...args: A): Promise<R> =>
      down ? refuse() : call(...args)
  return {
    store: {
      ...real,
      read: guarded(async (key) => (reads++, real.read(key))),
      list: guarded(real.list),
      tail: guarded(real.tail),
      purge: guarded(real.purge),
      async commit(checks, writes) {
        if (down) return refuse()
        commits++
        const fault = faults.shift() ?? null
        if (fault === null) return real.commit(checks, writes)
        down = fallsWithFault
        if (fault === 'lost') return refuse()
        if (fault === 'unheard') return (await real.commit(checks, writes), refuse())
        return new Promise<boolean>((resolve) => {
          held.push(async () => {
            const done = await real.commit(checks, writes)
            resolve(done)
            return done
          })
        })
      },
    },
    plan: (...next) => {
      faults = next
    },
    downAfterFault: () => {
      fallsWithFault = true
    },
    up: () => {
      fallsWithFault = false
      down = false
    },
    async release() {
      const waiting = held
      held = []
      const done: boolean[] = []
      for (const land of waiting) done.push(await land())
      return done
    },
    commits: () => commits,
    reads: () => reads,
  }
}
