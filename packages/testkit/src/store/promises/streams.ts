import { deepEqual, equal, notEqual, ok } from 'node:assert/strict'
import type { Key, Position, Store, StreamItem } from '@pair/core'
import { breath, ROUNDS } from '../race.ts'
import { handlesOf, type StorePromise } from '../subject.ts'
import { append, put, remove, T0 } from '../writes.ts'

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
    ok(tail.items.length <= limit, 'a page is longer than asked')
    seen.push(...tail.items)
    if (tail.items.length === 0 && tail.settled) return seen
    if (tail.items.length === 0) await breath()
  }
}

const valuesOf = (items: readonly StreamItem[]): string[] => items.map(({ value }) => value)

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
        for (let round = 0; round < ROUNDS; round++) {
          const bulk = Array.from({ length: (writer % 4) * 12 }, (_, n) =>
            put(['w', String(writer), String(n)]),
          )
          const items = Array.from({ length: 1 + (writer % 3) }, (_, n) =>
            append(stream, `${writer}.${round}.${n}`),
          )
          equal(await handles[writer % handles.length]!.commit([], [...bulk, ...items]), true)
          if ((writer + round) % 3 === 0) await breath()
        }
      })
      const readers = handles.map(async (store) => {
        const seen: string[] = []
        let at: Position | null = null
        for (let last = false; !last; await breath()) {
          last = !writing
          const found = await follow(store, stream, at)
          seen.push(...valuesOf(found))
          at = found.at(-1)?.position ?? at
        }
        return seen
      })
      const done = Promise.all(writers).finally(() => (writing = false))
      const [, ...seen] = await Promise.all([done, ...readers])
      const whole = valuesOf(await follow(subject.store, stream, null, 100))
      equal(whole.length, ROUNDS * (14 * 1 + 13 * 2 + 13 * 3))
      equal(new Set(whole).size, whole.length)
      for (const values of seen) deepEqual(values, whole)
    },
  },
  {
    id: 'STO-01',
    name: 'items come in the order of their commits, with the keys that those wrote',
    async holds({ store }) {
      await store.commit(
        [],
        [put(['a']), put(['b', 'c']), remove(['gone']), append(['s'], '1'), append(['s'], '2')],
      )
      await store.commit([], [append(['s'], '3')])
      const { items, oldest, latest, settled } = await store.tail(['s'], null, 10)
      deepEqual(valuesOf(items), ['1', '2', '3'])
      for (const { keys } of items.slice(0, 2))
        for (const key of ['a', 'b c', 'gone'])
          ok(keys.map((parts) => parts.join(' ')).includes(key), `an item does not name ${key}`)
      const positions = items.map(({ position }) => position)
      equal(new Set(positions).size, 3)
      deepEqual(positions, positions.toSorted())
      deepEqual([oldest, latest, settled], [positions[0], positions[2], true])
    },
  },
  {
    id: 'STO-01',
    name: 'pages join, from the start and from any position, in the byte order of positions; behind the latest there is nothing',
    async holds({ store }) {
      for (let n = 0; n < 25; n++) await store.commit([], [append(['s'], String(n))])
      const whole = await follow(store, ['s'], null, 100)
      equal(whole.length, 25)
      const positions = whole.map(({ position }) => position)
      deepEqual(positions, positions.toSorted())
      for (const limit of [1, 7, 25]) deepEqual(await follow(store, ['s'], null, limit), whole)
      for (const at of [0, 11, 24])
        deepEqual(await follow(store, ['s'], whole[at]!.position), whole.slice(at + 1))
    },
  },
  {
    id: 'STO-01',
    name: 'a stream that nobody wrote is empty, and streams and records stay apart',
    async holds({ store }) {
      const isEmpty = async (): Promise<void> => {
        const { items, oldest, latest, settled } = await store.tail(['s'], null, 5)
        deepEqual([items, oldest, latest, settled], [[], null, null, true])
      }
      await isEmpty()
      await store.commit([], [append(['s', 'b'], 'b'), append(['s!'], 'c'), put(['s'])])
      await isEmpty()
      await store.commit([], [append(['s'], 'a')])
      deepEqual(valuesOf(await follow(store, ['s'], null)), ['a'])
      deepEqual(valuesOf(await follow(store, ['s', 'b'], null)), ['b'])
      deepEqual(valuesOf(await follow(store, ['s!'], null)), ['c'])
      deepEqual(
        (await store.list([], { limit: 5 })).map((entry) => entry.key),
        [['s']],
      )
    },
  },
  {
    id: 'SEC-18',
    name: 'oldest tells of a gap, latest stays, and a reader from before the gap gets what is left',
    async holds({ store, forgetsByItself }) {
      if (forgetsByItself) return
      for (let n = 0; n < 10; n++) await store.commit([], [append(['s'], String(n), T0 + n)])
      const whole = await follow(store, ['s'], null)
      await store.purge(T0 + 4, 100)
      for (const after of [null, whole[1]!.position]) {
        const tail = await store.tail(['s'], after, 100)
        deepEqual(tail.items, whole.slice(4))
        deepEqual([tail.oldest, tail.latest], [whole[4]!.position, whole[9]!.position])
      }
      deepEqual((await store.tail(['s'], whole[5]!.position, 100)).items, whole.slice(6))
      await store.purge(T0 + 100, 100)
      const none = await store.tail(['s'], null, 5)
      deepEqual([none.items, none.oldest, none.latest], [[], null, whole[9]!.position])
      await store.commit([], [append(['s'], 'new')])
      const [fresh] = await follow(store, ['s'], whole[9]!.position)
      equal(fresh?.value, 'new')
      const { oldest, latest } = await store.tail(['s'], whole[2]!.position, 5)
      deepEqual([oldest, latest], [fresh?.position, fresh?.position])
      for (const { position } of whole) notEqual(position, fresh?.position)
    },
  },
  {
    id: 'SEC-18',
    name: 'from oldest on nothing is missing, also where items are kept for different times',
    async holds({ store, forgetsByItself }) {
      if (forgetsByItself) return
      for (let n = 0; n < 9; n++)
        await store.commit([], [append(['s'], String(n), n % 3 === 0 ? null : T0 + n)])
      const whole = await follow(store, ['s'], null)
      for (const before of [T0 + 2, T0 + 6, T0 + 9]) {
        await store.purge(before, 100)
        const { items, oldest } = await store.tail(['s'], null, 100)
        const from = whole.findIndex(({ position }) => position === oldest)
        const kept = valuesOf(items)
        if (from >= 0)
          deepEqual(valuesOf(whole.slice(from)), kept.slice(kept.indexOf(String(from))))
        for (const value of ['0', '3', '6']) ok(kept.includes(value), 'a kept item is gone')
      }
    },
  },
]
