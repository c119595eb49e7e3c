import type { Store } from '@pair/core'
import { expect, it } from 'vitest'
import { freshFile } from './kit/files.ts'
import { openRaw, openStore } from './kit/open.ts'
import { put, T0 } from './kit/writes.ts'

interface Amounts {
  records?: number
  counters?: number
  items?: number
}

/** A store whose file holds so many things, all of them expired. */
function fill({ records = 0, counters = 0, items = 0 }: Amounts): Store {
  const file = freshFile()
  const store = openStore(file)
  openRaw(file).exec(`BEGIN IMMEDIATE;
    CREATE TEMP TABLE n AS
      WITH RECURSIVE n(n) AS (SELECT 0 UNION ALL SELECT n + 1 FROM n WHERE n < 1000000) SELECT n FROM n;
    INSERT INTO pair_record (key, value, version, purge_at)
      SELECT printf('ses %07d', n), 'x', 'v' || n, ${T0} + (n * 7919) % 1000003 FROM n LIMIT ${records};
    INSERT INTO pair_counter (key, total, purge_at)
      SELECT printf('c %07d', n), 1, ${T0} + (n * 7919) % 1000003 FROM n LIMIT ${counters};
    INSERT INTO pair_item (stream, number, value, keys, purge_at)
      SELECT 'journal', n + 1, 'x', '[]', ${T0} + n FROM n LIMIT ${items};
    INSERT INTO pair_stream (stream, latest) VALUES ('journal', ${items});
    COMMIT`)
  return store
}

const middle = (times: number[]): number =>
  times.toSorted((a, b) => a - b)[Math.floor(times.length / 2)]!

async function timed(call: () => Promise<unknown>): Promise<number> {
  const start = performance.now()
  await call()
  return performance.now() - start
}

it.each([
  ['a million expired records', { records: 1_000_000 }, { records: 1_000 }],
  ['200,000 expired counters', { counters: 200_000 }, { counters: 1_000 }],
  ['200,000 expired items of a stream', { items: 200_000 }, { items: 1_000 }],
])(
  'STO-05 with %s a file stays as fast to read, commit and purge as with a thousand',
  async (_, large, small) => {
    const many = fill(large)
    const few = fill(small)
    const use = async (store: Store, n: number): Promise<void> => {
      const key = ['live', String(n)]
      await store.list(['ses'], { after: ['ses', String(n * 11).padStart(7, '0')], limit: 50 })
      await store.commit([{ key, version: null }], [put(key, 'x', T0 * 1.5)])
      await store.increment(['c', 'live'], 1, T0 * 1.5)
      await store.tail(['journal'], null, 50)
    }
    const costs = { few: [] as number[], many: [] as number[] }
    const purges = { few: [] as number[], many: [] as number[] }
    // by turns, so that a busy machine slows both
    for (let n = 0; n < 60; n++) {
      costs.few.push(await timed(() => use(few, n)))
      costs.many.push(await timed(() => use(many, n)))
      purges.few.push(await timed(() => few.purge(T0 + 2_000_000, 10)))
      purges.many.push(await timed(() => many.purge(T0 + 2_000_000, 10)))
    }
    // whoever scans is 200 times slower and more
    expect(middle(costs.many) / middle(costs.few)).toBeLessThan(20)
    expect(middle(purges.many) / middle(purges.few)).toBeLessThan(20)
  },
  120_000,
)

it('STO-05 all that has expired goes, in batches no larger than asked, while commits go on between them', async () => {
  const store = fill({ records: 100_000, counters: 10_000, items: 10_000 })
  let purged = 0
  for (let batch = -1, n = 0; batch !== 0; purged += batch, n++) {
    const [answer, done] = await Promise.all([
      store.purge(T0 + 2_000_000, 1000),
      store.commit([], [put(['live', String(n)])]),
    ])
    batch = answer
    expect(batch).toBeLessThanOrEqual(1000)
    expect(done).toBe(true)
  }
  expect(purged).toBe(120_000)
  expect(await store.list(['ses'], { limit: 1 })).toEqual([])
  expect(await store.tail(['journal'], null, 1)).toMatchObject({ items: [], oldest: null })
}, 120_000)

it('no limit, none left and a negative one purge nothing', async () => {
  const store = fill({ records: 20, counters: 2, items: 2 })
  for (const limit of [0, -1, -Infinity]) expect(await store.purge(T0 + 2_000_000, limit)).toBe(0)
  expect(await store.purge(T0, 100)).toBe(0)
  expect(await store.purge(T0 + 2_000_000, Infinity)).toBe(24)
})
