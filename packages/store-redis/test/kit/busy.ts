import type { Store } from '@pair/core'

/** Workers that fight for the same few keys and counters; what fails is left as it is. Each value is written once. */
export async function keepBusy(store: Store, workers: number, calls: number): Promise<void> {
  await Promise.all(
    Array.from({ length: workers }, async (_, worker) => {
      for (let call = 0; call < calls; call++) {
        const key = ['k', String((worker * 7 + call * 3) % 5)]
        const value = `${worker}.${call}`
        try {
          if (call % 3 === 0) await store.increment(['c', key[1]!], 1, 1)
          else {
            const version = (await store.read(key))?.version ?? null
            const write = call % 7 === 0 ? { key, value: null } : { key, value, purgeAt: null }
            await store.commit([{ key, version }], [write])
          }
        } catch {
          // nobody knows what came of it
        }
      }
    }),
  )
}
