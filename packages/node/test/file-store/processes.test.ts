import { expect, it } from 'vitest'
import { freshFile } from './files.ts'
import { openRemote, openStore } from './open.ts'
import type { RemoteStore } from './remote-store.ts'
import { absent, append, put, T0, valueOf } from './writes.ts'

const ROUNDS = 8
// eight processes on two cores
const PATIENT = { busyMs: 20_000 }

async function start(file: string, count: number): Promise<RemoteStore[]> {
  const stores = Array.from({ length: count }, () => openRemote(file, PATIENT))
  await Promise.all(stores.map((store) => store.read(['ready'])))
  return stores
}

const raceOf = <T>(stores: RemoteStore[], run: (store: RemoteStore, at: number) => Promise<T>) =>
  Promise.all(Array.from({ length: 40 }, (_, at) => run(stores[at % stores.length]!, at)))

it.each([2, 8])(
  'CODE-03 of forty who redeem one code in %i processes, one wins, in each of 8 rounds',
  { timeout: 120_000 },
  async (count) => {
    const file = freshFile()
    const stores = await start(file, count)
    const here = openStore(file)
    for (let round = 0; round < ROUNDS; round++) {
      const key = ['code', String(round)]
      await here.commit([], [put(key, 'unused')])
      const wins = await raceOf(stores, async (store, at) => {
        const seen = await store.read(key)
        if (seen?.value !== 'unused') return false
        return store.commit(
          [{ key, version: seen.version }],
          [
            put(key, `used by ${at}`),
            put(['session', `${round}.${at}`]),
            append(['s'], `${round}`),
          ],
        )
      })
      expect(wins.filter(Boolean)).toHaveLength(1)
      expect(await valueOf(here, key)).toBe(`used by ${wins.indexOf(true)}`)
    }
    expect(await here.list(['session'], { limit: 99 })).toHaveLength(ROUNDS)
    const { items } = await here.tail(['s'], null, 99)
    expect(items.map(({ value }) => value)).toEqual(['0', '1', '2', '3', '4', '5', '6', '7'])
  },
)

it(
  'STO-01 eight processes that count at once get each total once, also behind a restart',
  { timeout: 120_000 },
  async () => {
    const file = freshFile()
    const totals: number[] = []
    for (let lives = 0; lives < 2; lives++) {
      const stores = await start(file, 8)
      for (let round = 0; round < 3; round++)
        totals.push(...(await raceOf(stores, (store) => store.increment(['c'], 1, T0))))
      await Promise.all(stores.map((store) => store.close()))
    }
    expect(totals.toSorted((a, b) => a - b)).toEqual(Array.from({ length: 240 }, (_, n) => n + 1))
  },
)

it(
  'STO-03 eight processes that start on no file at once make one, and all of their commits are in it',
  { timeout: 120_000 },
  async () => {
    for (let round = 0; round < 3; round++) {
      const file = freshFile()
      const stores = Array.from({ length: 8 }, () => openRemote(file, PATIENT))
      const wins = await Promise.all(
        stores.map((store, at) => store.commit([absent(['owner'])], [put(['owner'], String(at))])),
      )
      expect(wins.filter(Boolean)).toHaveLength(1)
      const seen = await Promise.all(stores.map((store) => valueOf(store, ['owner'])))
      expect(new Set(seen)).toEqual(new Set([String(wins.indexOf(true))]))
      await Promise.all(stores.map((store) => store.close()))
    }
  },
)
