/** Keys of which this process writes, or wrote, what may not be with the replicas: nobody may rely on them before it is. */
export interface Doubts {
  /** These are about to be written; or none, where replicas are only waited for. */
  add(keys?: readonly string[]): Doubt
  has(key: string): boolean
}

export interface Doubt {
  /** The replicas had all that was sent till it began. */
  settle(): void
  /** Nothing was written. */
  withdraw(): void
}

/** More than so many at once: then any key is in doubt. */
const MOST = 10_000

export function createDoubts(): Doubts {
  const keys = new Map<string, number>()
  let turn = 0
  let anyUpTo = 0
  return {
    add(written = []) {
      turn += 1
      const own = turn
      const before = written.map((key) => [key, keys.get(key)] as const)
      for (const key of written) keys.set(key, own)
      if (keys.size > MOST) {
        keys.clear()
        anyUpTo = own
      }
      return {
        settle() {
          // replicas get everything in one order: who has the latest has all before
          for (const [key, at] of keys) if (at <= own) keys.delete(key)
          if (anyUpTo <= own) anyUpTo = 0
        },
        withdraw() {
          for (const [key, at] of before)
            if (keys.get(key) === own) {
              if (at === undefined) keys.delete(key)
              else keys.set(key, at)
            }
        },
      }
    },
    has: (key) => anyUpTo > 0 || keys.has(key),
  }
}
