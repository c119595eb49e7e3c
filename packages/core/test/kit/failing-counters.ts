import type { Key, Store } from '../../src/ports/store.ts'

/** How counting fails. `lost`: it is done, and the answer doesn't come back. */
export type CounterFault = 'throws' | 'hangs' | 'lost' | 'lost and hangs'

export const COUNTER_FAULTS: readonly CounterFault[] = ['throws', 'hangs', 'lost', 'lost and hangs']

/** A store whose counters fail while told so, all of them or those that match. */
export interface FailingCounters {
  store: Store
  fail(how: CounterFault | null, which?: (key: Key) => boolean): void
}

export function failingCounters(real: Store): FailingCounters {
  let fault: CounterFault | null = null
  let meets: (key: Key) => boolean = () => true
  const never = <T>(): Promise<T> => new Promise<T>(() => {})
  return {
    fail(how, which = () => true) {
      fault = how
      meets = which
    },
    store: {
      ...real,
      async increment(key, by, purgeAt) {
        if (fault === null || !meets(key)) return real.increment(key, by, purgeAt)
        if (fault.startsWith('lost')) await real.increment(key, by, purgeAt)
        if (fault.endsWith('hangs')) return never()
        throw new Error('ECONNRESET')
      },
    },
  }
}
