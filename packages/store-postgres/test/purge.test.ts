import { expect, it } from 'vitest'
import { openHolder } from './kit/locks.ts'
import { openPool, openRaw, openStore, schemaOfTest } from './kit/open.ts'
import { append, put, T0 } from './kit/writes.ts'

it('STO-05 what a commit in flight looks at is not forgotten under it, and is once it ended', async () => {
  const store = await openStore()
  await store.commit(
    [],
    ['checked', 'free', 'kept'].map((name) => put([name], 'x', T0)),
  )
  const holder = await openHolder()
  const place = `"${await schemaOfTest()}"."pair_record"`
  // as a commit locks what it only checks
  await holder.query(
    'SELECT pg_advisory_xact_lock_shared(hashtextextended($1, hashtextextended($2, 0)))',
    ['checked', place],
  )
  expect(await store.purge(T0 + 1, 100)).toBe(2)
  expect(await store.read(['checked'])).not.toBeNull()
  expect(await store.purge(T0 + 1, 100)).toBe(0)
  await holder.letGo()
  expect(await store.purge(T0 + 1, 100)).toBe(1)
})

it('SEC-18 items behind the horizon are not forgotten before a reader can have seen them', async () => {
  const store = await openStore()
  const raw = await openRaw()
  await store.commit([], [append(['s'], 'a', T0)])
  const holder = await openHolder()
  await holder.query(
    `SELECT pg_advisory_xact_lock_shared(hashtext('"${raw.schema}"."pair_place"'), (nextval('"${raw.schema}".pair_place') & 2147483647)::integer)`,
  )
  await store.commit([], [append(['s'], 'b', T0)])
  expect(await store.purge(T0 + 1, 100)).toBe(1)
  await holder.letGo()
  expect((await store.tail(['s'], null, 5)).items.map(({ value }) => value)).toEqual(['b'])
  expect(await store.purge(T0 + 1, 100)).toBe(1)
})

it('STO-05 100,000 expired rows are purged in batches no larger than asked, while reads stay as fast as they were', async () => {
  const store = await openStore()
  await store.commit([], [put(['live', '0']), append(['s'], 'x')])
  const raw = await openRaw()
  await raw.query(
    `INSERT INTO pair_record (key, value, version, purge_at)
     SELECT 'old ' || n, 'x', 'v' || n, ${T0} + n FROM generate_series(1, 80000) AS n`,
  )
  await raw.query(
    `INSERT INTO pair_item (stream, place, value, keys, purge_at)
     SELECT 's', nextval('pair_place'), 'x', '[]', ${T0} + n FROM generate_series(1, 10000) AS n`,
  )
  await raw.query(
    `INSERT INTO pair_counter (key, total, purge_at) SELECT 'c ' || n, 1, ${T0} + n FROM generate_series(1, 10000) AS n`,
  )
  const readAll = async (): Promise<number> => {
    const since = performance.now()
    await store.read(['live', '0'])
    await store.list(['live'], { limit: 10 })
    await store.tail(['s'], null, 10)
    await store.increment(['none'], 0, T0)
    return performance.now() - since
  }
  const median = (times: number[]): number => times.toSorted((a, b) => a - b)[times.length >> 1]!
  const before: number[] = []
  for (let n = 0; n < 100; n++) before.push(await readAll())

  const other = await openStore({ client: await openPool({ max: 2 }), listen: false })
  const batches: number[] = []
  let purging = true
  const purged = (async () => {
    for (let gone = -1; gone !== 0;) {
      gone = await other.purge(T0 + 1_000_000, 5_000)
      batches.push(gone)
    }
    purging = false
  })()
  const during: number[] = []
  while (purging) during.push(await readAll())
  await purged
  expect(batches.reduce((sum, one) => sum + one, 0)).toBe(100_000)
  expect(Math.max(...batches)).toBeLessThanOrEqual(5_000)
  const after: number[] = []
  for (let n = 0; n < 100; n++) after.push(await readAll())
  console.info(
    `four reads: ${median(before).toFixed(1)} ms, during the purge ${median(during).toFixed(1)} ms, after it ${median(after).toFixed(1)} ms, ${batches.length} batches`,
  )
  expect(median(during)).toBeLessThan(median(before) * 20)
  expect(median(after)).toBeLessThan(median(before) * 10)
  expect((await store.tail(['s'], null, 5)).items).toHaveLength(1)
}, 120_000)

it('a store that grew from nothing to 50,000 records is read as fast by the statements that it prepared before', async () => {
  const store = await openStore({ client: await openPool({ max: 1 }), listen: false })
  const raw = await openRaw()
  const reads = async (rounds: number): Promise<number> => {
    const since = performance.now()
    for (let n = 0; n < rounds; n++) {
      await store.read(['k', String(n)])
      await store.list(['k', String(n)], { limit: 5 })
      await store.increment(['k', String(n)], 0, T0)
    }
    return (performance.now() - since) / rounds
  }
  await store.commit([], [put(['k', '0'])])
  // what the server knows is that there is one row
  await raw.query('ANALYZE pair_record')
  const small = await reads(50)
  await raw.query(
    `INSERT INTO pair_record (key, value, version) SELECT 'k ' || n || ' x', 'x', 'v' || n FROM generate_series(1, 50000) AS n`,
  )
  await raw.query(
    `INSERT INTO pair_counter (key, total, purge_at) SELECT 'k ' || n, 1, 1 FROM generate_series(1, 50000) AS n`,
  )
  const large = await reads(50)
  console.info(`three reads: ${small.toFixed(1)} ms, among 50,000 ${large.toFixed(1)} ms`)
  expect(large).toBeLessThan(small * 8)
}, 60_000)
