import type { Store } from '../../src/ports/store.ts'

/** 40 rivals at once. */
export function race<T>(run: (rival: number) => Promise<T>, rivals = 40): Promise<T[]> {
  return Promise.all(Array.from({ length: rivals }, (_, rival) => run(rival)))
}

/** Where a rival comes from: each has an address of its own on this machine, so that none is refused for what others do. */
export function addressOf(rival: number): string {
  return `127.0.${Math.floor(rival / 250)}.${(rival % 250) + 1}`
}

/** The same store, each call a few turns of the event loop late: rivals overtake one another. Same seed, same turns. */
export function jitteredStore(store: Store, seed: number): Store {
  let state = seed >>> 0 || 1
  const turns = async (): Promise<void> => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    for (let left = (state >>> 24) % 4; left > 0; left--)
      await new Promise((resolve) => setImmediate(resolve))
  }
  const late =
    <A extends unknown[], R>(call: (...args: A) => Promise<R>) =>
    async (...args: A): Promise<R> => {
      await turns()
      const answer = await call(...args)
      await turns()
      return answer
    }
  return {
    ...store,
    read: late(store.read),
    list: late(store.list),
    commit: late(store.commit),
    increment: late(store.increment),
    tail: late(store.tail),
  }
}
