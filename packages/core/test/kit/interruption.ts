import type { Store, Write } from '../../src/ports/store.ts'

/** A store in which something else happens right before a commit: when all was read, and nothing is written yet. */
export interface Interruptible {
  store: Store
  /** Once, before the next commit that writes such a key with such a value. */
  before(matches: (key: string, value: string) => boolean, act: () => Promise<unknown>): void
  /** Whether that has happened. */
  happened(): boolean
}

export function interruptible(real: Store): Interruptible {
  let next: { matches: (key: string, value: string) => boolean; act(): Promise<unknown> } | null =
    null
  const meets = (write: Write): boolean =>
    'key' in write && write.value !== null && next!.matches(write.key.join('/'), write.value)
  return {
    store: {
      ...real,
      async commit(checks, writes) {
        if (next !== null && writes.some(meets)) {
          const { act } = next
          next = null
          await act()
        }
        return real.commit(checks, writes)
      },
    },
    before: (matches, act) => void (next = { matches, act }),
    happened: () => next === null,
  }
}

/** The commit that brings a request into that state. */
export function becomes(state: string): (key: string, value: string) => boolean {
  return (key, value) =>
    /\/approval\/apr_[\w-]+\/record$/.test(key) && value.includes(`"state":"${state}"`)
}
