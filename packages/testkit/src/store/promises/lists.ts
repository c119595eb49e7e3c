import { deepEqual, equal, ok } from 'node:assert/strict'
import type { Entry, Key, Store } from '@pair/core'
import type { StorePromise } from '../subject.ts'
import { put, remove } from '../writes.ts'

const TRICKY: readonly Key[] = [
  ['p'],
  ['p', 'a'],
  ['p', 'a', 'x'],
  ['p', 'a', 'x', '!'],
  ['p', 'a!'],
  ['p', 'a-b'],
  ['p', 'a_b'],
  ['p', 'ab'],
  ['p', 'ab', 'x'],
  ['p', 'A'],
  ['p', 'B'],
  ['p', 'b'],
  ['p', '10'],
  ['p', '9'],
  ['p', '~'],
  ['p', '!'],
  ['p', '%'],
  ['p', '%25'],
  ['p', '_'],
  ['p', '*'],
  ['p', '\\'],
  ['p', '{'],
  ['p', ':', ':'],
  ['p', '::'],
  ['p', '/'],
  ['p', '.'],
  ['P', 'a'],
  ['pp', 'a'],
  ['pp'],
  ['p!', 'a'],
  ['p-', 'a'],
  ['p~'],
  ['o'],
  ['o', 'z'],
  ['q'],
  ['p%', 'a'],
  ['p_', 'a'],
  ['%', 'a'],
  ['_', 'a'],
]

function compare(a: Key, b: Key): number {
  for (const [at, part] of a.entries()) {
    const other = b[at]
    if (other === undefined || part > other) return 1
    if (part < other) return -1
  }
  return a.length - b.length
}

const isBelow = (key: Key, prefix: Key): boolean =>
  key.length > prefix.length && prefix.every((part, at) => key[at] === part)

const keysOf = (page: readonly Entry[]): Key[] => page.map((entry) => entry.key)

async function walk(store: Store, prefix: Key, limit: number): Promise<Entry[]> {
  const all: Entry[] = []
  for (;;) {
    const last = all.at(-1)
    const page = await store.list(prefix, last ? { after: last.key, limit } : { limit })
    ok(page.length <= limit, 'a page is longer than asked')
    if (page.length === 0) return all
    all.push(...page)
  }
}

/** Lists are in key order, whole parts at a time. */
export const listPromises: readonly StorePromise[] = [
  {
    id: 'STO-01',
    name: 'a list holds what is below whole parts, in the byte order of the parts, without the prefix itself',
    async holds({ store }) {
      await store.commit(
        [],
        TRICKY.map((key) => put(key, key.join(' '))),
      )
      const sorted = TRICKY.toSorted(compare)
      for (const prefix of [[], ...TRICKY, ['a'], ['p', 'a', 'x', 'y'], ['none']]) {
        const page = await store.list(prefix, { limit: 100 })
        deepEqual(
          keysOf(page),
          sorted.filter((key) => isBelow(key, prefix)),
        )
        for (const entry of page) equal(entry.value, entry.key.join(' '))
      }
    },
  },
  {
    id: 'STO-01',
    name: 'pages of any size join to the whole list',
    async holds({ store }) {
      await store.commit(
        [],
        TRICKY.map((key) => put(key)),
      )
      for (const prefix of [[], ['p'], ['p', 'a']]) {
        const whole = await store.list(prefix, { limit: 100 })
        for (const limit of [1, 3, 7, whole.length, whole.length + 1])
          deepEqual(await walk(store, prefix, limit), whole)
      }
    },
  },
  {
    id: 'STO-01',
    name: 'a page goes on behind a key that is gone, never was, or lies outside the prefix',
    async holds({ store }) {
      await store.commit(
        [],
        ['b', 'd', 'f'].map((part) => put(['p', part])),
      )
      const behind = async (after: Key): Promise<string> =>
        (await store.list(['p'], { after, limit: 9 })).map((entry) => entry.key[1]).join('')
      await store.commit([], [remove(['p', 'd'])])
      equal(await behind(['p', 'd']), 'f')
      equal(await behind(['p', 'c']), 'f')
      equal(await behind(['p', 'b', 'zz']), 'f')
      equal(await behind(['p', 'f']), '')
      equal(await behind(['p']), 'bf')
      equal(await behind(['a', 'zz']), 'bf')
      equal(await behind(['q']), '')
    },
  },
  {
    id: 'STO-01',
    name: 'order holds through 3,000 keys made and removed at random',
    async holds({ store }) {
      const keys = Array.from({ length: 3000 }, (_, n): Key => {
        const shuffled = ((n * 7919) % 3001).toString(36)
        return ['r', shuffled, String(n)]
      })
      const removed = keys.filter((_, n) => n % 3 === 0)
      for (let at = 0; at < keys.length; at += 250)
        await store.commit(
          [],
          keys.slice(at, at + 250).map((key) => put(key)),
        )
      for (let at = 0; at < removed.length; at += 250)
        await store.commit([], removed.slice(at, at + 250).map(remove))
      const left = keys.filter((_, n) => n % 3 !== 0).toSorted(compare)
      deepEqual(keysOf(await walk(store, ['r'], 137)), left)
    },
  },
]
