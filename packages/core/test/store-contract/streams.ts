import { expect } from 'vitest'
import type { Append, Key, Position, Store, StreamItem } from '../../src/ports/store.ts'
import { breath, handlesOf, put, T0, type StorePromise } from './promise.ts'

const item = (append: Key, value: string, purgeAt: number | null = null): Append => ({
  append,
  value,
  purgeAt,
})

/** Reads page by page from a position until nothing is left, now or behind the horizon. */
async function follow(
  store: Store,
  stream: Key,
  after: Position | null,
  limit = 7,
): Promise<StreamItem[]> {
  const seen: StreamItem[] = []
  for (;;) {
    const tail = await store.tail(stream, seen.at(-1)?.position ?? after, limit)
    expect(tail.items.length).toBeLessThanOrEqual(limit)
    seen.push(...tail.items)
    if (tail.items.length === 0 && tail.settled) return seen
    if (tail.items.length === 0) await breath()
  }
}

/** Streams are read in order and without holes. */
export const streamPromises: readonly StorePromise[] = [
  {
    id: 'SEC-18',
    name: 'a reader that passed a position never misses an item before it, while slow and fast commits mix',
    async holds(subject) {
      const stream = ['journal']
      const handles = handlesOf(subject)
      let writing = true
      const writers = Array.from({ length: 40 }, async (_, writer) => {
        for (let round = 0; round < 8; round++) {
          const bulk = Array.from({ length: (writer % 4) * 12 }, (_, n) =>
            put(['w', String(writer), String(n)]),
          )
          const items = Array.from({ length: 1 + (writer % 3) }, (_, n) =>
            item(stream, `${writer}.${round}.${n}`),
          )
          expect(await handles[writer % handles.length]!.commit([], [...bulk, ...items])).toBe(true)
          if ((writer + round) % 3 === 0) await breath()
        }
      })
      const readers = handles.map(async (store) => {
        const seen: string[] = []
        let at: Position | null = null
        for (let last = false; !last;) {
          last = !writing
          const found = await follow(store, stream, at)
          seen.push(...found.map(({ value }) => value))
          at = found.at(-1)?.position ?? at
          await breath()
        }
        return seen
      })
      await Promise.all(writers)
      writing = false
      const whole = (await follow(subject.store, stream, null, 100)).map(({ value }) => value)
      expect(whole).toHaveLength(8 * (14 * 1 + 13 * 2 + 13 * 3))
      expect(new Set(whole).size).toBe(whole.length)
      for (const seen of await Promise.all(readers)) expect(seen).toEqual(whole)
    },
  },
  {
    id: 'STO-01',
    name: 'items come in the order of their commits, with the keys that those wrote',
    async holds({ store }) {
      await store.commit(
        [],
        [
          put(['a']),
          put(['b', 'c']),
          { key: ['gone'], value: null },
          item(['s'], '1'),
          item(['s'], '2'),
        ],
      )
      await store.commit([], [item(['s'], '3')])
      const { items, oldest, latest, settled } = await store.tail(['s'], null, 10)
      expect(items.map(({ value }) => value)).toEqual(['1', '2', '3'])
      for (const { keys } of items.slice(0, 2))
        expect(keys).toEqual(expect.arrayContaining([['a'], ['b', 'c'], ['gone']]))
      expect(new Set(items.map(({ position }) => position)).size).toBe(3)
      expect([oldest, latest, settled]).toEqual([items[0]?.position, items[2]?.position, true])
    },
  },
  {
    id: 'STO-01',
    name: 'pages join, from the start and from any position; behind the latest there is nothing',
    async holds({ store }) {
      for (let n = 0; n < 25; n++) await store.commit([], [item(['s'], String(n))])
      const whole = await follow(store, ['s'], null, 100)
      expect(whole).toHaveLength(25)
      for (const limit of [1, 7, 25]) expect(await follow(store, ['s'], null, limit)).toEqual(whole)
      for (const at of [0, 11, 24])
        expect(await follow(store, ['s'], whole[at]!.position)).toEqual(whole.slice(at + 1))
    },
  },
  {
    id: 'STO-01',
    name: 'a stream that nobody wrote is empty, and streams and records stay apart',
    async holds({ store }) {
      const empty = { items: [], oldest: null, latest: null, settled: true }
      expect(await store.tail(['s'], null, 5)).toEqual(empty)
      await store.commit([], [item(['s', 'b'], 'b'), item(['s!'], 'c'), put(['s'])])
      expect(await store.tail(['s'], null, 5)).toEqual(empty)
      await store.commit([], [item(['s'], 'a')])
      for (const [stream, value] of [
        [['s'], 'a'],
        [['s', 'b'], 'b'],
        [['s!'], 'c'],
      ] as const) {
        expect((await follow(store, stream, null)).map((found) => found.value)).toEqual([value])
      }
      expect((await store.list([], { limit: 5 })).map((entry) => entry.key)).toEqual([['s']])
    },
  },
  {
    id: 'SEC-18',
    name: 'oldest tells of a gap, latest stays, and a reader from before the gap gets what is left',
    async holds({ store, forgetsByItself }) {
      if (forgetsByItself) return
      for (let n = 0; n < 10; n++) await store.commit([], [item(['s'], String(n), T0 + n)])
      const whole = await follow(store, ['s'], null)
      await store.purge(T0 + 4, 100)
      for (const after of [null, whole[1]!.position]) {
        const tail = await store.tail(['s'], after, 100)
        expect(tail.items).toEqual(whole.slice(4))
        expect([tail.oldest, tail.latest]).toEqual([whole[4]!.position, whole[9]!.position])
      }
      expect((await store.tail(['s'], whole[5]!.position, 100)).items).toEqual(whole.slice(6))
      await store.purge(T0 + 100, 100)
      expect(await store.tail(['s'], null, 5)).toMatchObject({
        items: [],
        oldest: null,
        latest: whole[9]!.position,
      })
      await store.commit([], [item(['s'], 'new')])
      const [fresh] = await follow(store, ['s'], whole[9]!.position)
      expect(fresh?.value).toBe('new')
      expect(await store.tail(['s'], whole[2]!.position, 5)).toMatchObject({
        oldest: fresh?.position,
        latest: fresh?.position,
      })
      expect(whole.map(({ position }) => position)).not.toContain(fresh?.position)
    },
  },
  {
    id: 'SEC-18',
    name: 'from oldest on nothing is missing, also where items are kept for different times',
    async holds({ store, forgetsByItself }) {
      if (forgetsByItself) return
      for (let n = 0; n < 9; n++)
        await store.commit([], [item(['s'], String(n), n % 3 === 0 ? null : T0 + n)])
      const whole = await follow(store, ['s'], null)
      for (const before of [T0 + 2, T0 + 6, T0 + 9]) {
        await store.purge(before, 100)
        const { items, oldest } = await store.tail(['s'], null, 100)
        const from = whole.findIndex(({ position }) => position === oldest)
        const kept = items.map(({ value }) => value)
        if (from >= 0)
          expect(whole.slice(from).map(({ value }) => value)).toEqual(
            kept.slice(kept.indexOf(String(from))),
          )
        expect(kept).toEqual(expect.arrayContaining(['0', '3', '6']))
      }
    },
  },
]
