import type { OpenedStore } from '@pair/testkit/torture'
import { openStore as openRight, type PostgresPlace } from './postgres.ts'

/** Does once more what was not answered, as many clients do: what was done then is done twice. */
export function openStore(place: PostgresPlace): OpenedStore {
  const { store, close } = openRight(place)
  const twice = <T>(go: () => Promise<T>): Promise<T> => go().catch(go)
  return {
    close,
    store: {
      ...store,
      commit: (checks, writes) => twice(() => store.commit(checks, writes)),
      increment: (counter, by, purgeAt) => twice(() => store.increment(counter, by, purgeAt)),
    },
  }
}
