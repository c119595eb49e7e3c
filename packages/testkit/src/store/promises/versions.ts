import { deepEqual, equal, ok } from 'node:assert/strict'
import type { Key, Store } from '@pair/core'
import { race, ROUNDS } from '../race.ts'
import { handlesOf, type StorePromise } from '../subject.ts'
import { absent, append, put, remove, T0, valueOf, versionOf } from '../writes.ts'

/** None of these versions is the key's any more. */
async function areStale(store: Store, key: Key, versions: Iterable<string>): Promise<void> {
  for (const version of versions)
    equal(await store.commit([{ key, version }], [put(key, 'stale')]), false)
}

/** A version names one state of one key for ever. */
export const versionPromises: readonly StorePromise[] = [
  {
    id: 'STO-01',
    name: 'a version never comes back: not by the same value, not by removing and making anew',
    async holds({ store }) {
      const key = ['again']
      const versions = new Set<string>()
      for (let round = 0; round < 20; round++) {
        await store.commit([], [put(key, 'same')])
        const version = await versionOf(store, key)
        equal(typeof version, 'string')
        await areStale(store, key, versions)
        if (round % 2) await store.commit([], [remove(key)])
        await areStale(store, key, versions)
        versions.add(version!)
      }
      equal(versions.size, 20)
    },
  },
  {
    id: 'STO-01',
    name: 'a version never comes back in another handle, whichever wrote last',
    async holds(subject) {
      const key = ['turns']
      const versions = new Set<string>()
      const handles = handlesOf(subject)
      for (let round = 0; round < ROUNDS; round++)
        for (const store of handles) {
          await store.commit([], [put(key, 'same')])
          await areStale(store, key, versions)
          versions.add((await versionOf(store, key))!)
          await store.commit([], [remove(key)])
        }
      equal(versions.size, ROUNDS * handles.length)
    },
  },
  {
    id: 'STO-01',
    name: 'of 40 who go on from a state that came and went meanwhile, none wins, in each of 8 rounds',
    async holds(subject) {
      const key = ['aba']
      for (let round = 0; round < ROUNDS; round++) {
        await subject.store.commit([], [remove(key)])
        await subject.store.commit([], [put(key, 'a')])
        const version = await versionOf(subject.store, key)
        await subject.store.commit([], round % 2 ? [remove(key)] : [put(key, 'b')])
        await subject.store.commit([], [put(key, 'a')])
        const wins = await race(subject, (store) =>
          store.commit([{ key, version }], [put(key, 'stolen')]),
        )
        equal(wins.includes(true), false)
        equal(await valueOf(subject.store, key), 'a')
      }
    },
  },
  {
    id: 'STO-01',
    name: 'after a restart all that was committed is there, and neither versions nor positions come back',
    needs: 'reopen',
    async holds(subject) {
      if (!subject.reopen) return
      const key = ['a']
      const write = (store: Store, round: number): Promise<boolean> =>
        store.commit([], [put(key, 'same'), append(['s'], String(round))])
      let { store } = subject
      const versions = new Set<string>()
      for (let round = 0; round < ROUNDS; round++) {
        equal(await store.increment(['c'], 1, T0), round + 1)
        await store.commit([], [remove(key)])
        await write(store, round)
        await areStale(store, key, versions)
        versions.add((await versionOf(store, key))!)
        const before = [await store.read(key), await store.tail(['s'], null, 50)]
        store = await subject.reopen()
        deepEqual([await store.read(key), await store.tail(['s'], null, 50)], before)
      }
      equal(versions.size, ROUNDS)
      const { items } = await store.tail(['s'], null, 50)
      deepEqual(
        items.map((item) => item.value),
        Array.from({ length: ROUNDS }, (_, round) => String(round)),
      )
    },
  },
  {
    id: 'STO-01',
    name: 'reading moves no version, and read and list tell the same',
    async holds({ store }) {
      await store.commit([], [put(['a', 'b'], 'v')])
      const first = await store.read(['a', 'b'])
      deepEqual([first?.key, first?.value], [['a', 'b'], 'v'])
      deepEqual(await store.read(['a', 'b']), first)
      deepEqual(await store.list(['a'], { limit: 1 }), [first])
    },
  },
  {
    id: 'STO-01',
    name: 'any text comes back as it was: empty, quotes, every plane of Unicode, 1 MB; in records and in streams',
    async holds({ store }) {
      const values = [
        '',
        ' ',
        '{"a":"\'\\"}',
        '%s $1 {0} \\u0000 \x01\x7f\r\n\t\u2028',
        'é e\u0301 \u212a\u200b\ufeff\ufffe\uffff',
        Array.from({ length: 17 }, (_, plane) =>
          String.fromCodePoint(plane * 0x1_00_00 + 0x61),
        ).join(''),
        '\u{10ffff}\u{1f600}\u{e0001}\ue000',
        'ab😀é'.repeat(131_072), // 1 MiB of UTF-8
      ]
      const kept = values.map((value, n) => put(['v', String(n)], value))
      equal(
        await store.commit(
          kept.map((write) => absent(write.key)),
          kept,
        ),
        true,
      )
      for (const { key, value } of kept) ok((await valueOf(store, key)) === value)
      const page = await store.list(['v'], { limit: 50 })
      ok(page.every((entry, at) => entry.value === values[at]))
      await store.commit(
        [],
        values.map((value) => append(['s'], value)),
      )
      const { items } = await store.tail(['s'], null, 50)
      equal(items.length, values.length)
      ok(items.every((item, at) => item.value === values[at]))
    },
  },
]
