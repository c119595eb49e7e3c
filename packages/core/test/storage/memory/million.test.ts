import { expect, it } from 'vitest'
import type { Key, Store } from '../../../src/ports/store.ts'
import { memoryStore } from '../../../src/storage/memory/memory-store.ts'

const T0 = 1_800_000_000_000
const name = (n: number): Key => ['ses', n.toString(36).padStart(5, '0')]

async function fill(count: number): Promise<Store> {
  const store = memoryStore()
  for (let n = 0; n < count; n += 100) {
    const batch = Array.from({ length: 100 }, (_, at) => ({
      key: name(n + at),
      value: 'x',
      purgeAt: T0 + ((n * 7919) % count),
    }))
    await store.commit([], batch)
  }
  return store
}

/** The middle duration of many rounds of what a request does. */
async function cost(store: Store): Promise<number> {
  const times: number[] = []
  for (let n = 0; n < 400; n++) {
    const start = performance.now()
    await store.list(['ses'], { after: name(n * 11), limit: 50 })
    const key = ['live', String(n)]
    await store.commit([{ key, version: null }], [{ key, value: 'x', purgeAt: T0 + n * 1000 }])
    await store.read(name(n))
    times.push(performance.now() - start)
  }
  return times.toSorted((a, b) => a - b)[200]!
}

it('STO-05 a store with a million expired records stays as fast, and loses them in batches of a thousand (memory)', async () => {
  const small = await fill(5_000)
  const large = await fill(1_000_000)
  await cost(small) // warm
  const [few, many] = [await cost(small), await cost(large)]
  expect(many / few).toBeLessThan(10) // a scan would be 200 times slower
  let purged = 0
  for (let batch = -1; batch !== 0; purged += batch) {
    batch = await large.purge(T0 + 2_000_000, 1000)
    expect(batch).toBeLessThanOrEqual(1000)
  }
  expect(purged).toBe(1_000_400)
  expect(await large.list([], { limit: 1 })).toEqual([])
}, 60_000)
