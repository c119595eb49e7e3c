import { deepEqual, equal, ok } from 'node:assert/strict'
import { countTrue, race, ROUNDS } from '../race.ts'
import type { StorePromise } from '../subject.ts'
import { absent, append, put, remove, valueOf, versionOf } from '../writes.ts'

/** Checks and writes are one step. */
export const commitPromises: readonly StorePromise[] = [
  {
    id: 'CODE-03',
    name: 'of 40 who read one unused record and commit its use, exactly one wins, in each of 8 rounds',
    async holds(subject) {
      for (let round = 0; round < ROUNDS; round++) {
        const key = ['code', String(round)]
        await subject.store.commit([absent(key)], [put(key, 'unused')])
        const wins = await race(subject, async (store, rival) => {
          const seen = await store.read(key)
          if (seen?.value !== 'unused') return false
          return store.commit(
            [{ key, version: seen.version }],
            [put(key, `used by ${rival}`), put(['mint', String(round), String(rival)])],
          )
        })
        equal(countTrue(wins), 1)
        const winner = wins.indexOf(true)
        equal(await valueOf(subject.store, key), `used by ${winner}`)
        const minted = await subject.store.list(['mint', String(round)], { limit: 50 })
        deepEqual(
          minted.map((entry) => entry.key.at(-1)),
          [String(winner)],
        )
      }
    },
  },
  {
    id: 'STO-01',
    name: 'of 40 commits that need one version, exactly one wins, in each of 8 rounds',
    async holds(subject) {
      const key = ['one']
      await subject.store.commit([], [put(key, 'start')])
      for (let round = 0; round < ROUNDS; round++) {
        const version = await versionOf(subject.store, key)
        const wins = await race(subject, (store, rival) =>
          store.commit([{ key, version }], [put(key, `${round}.${rival}`)]),
        )
        equal(countTrue(wins), 1)
        equal(await valueOf(subject.store, key), `${round}.${wins.indexOf(true)}`)
      }
    },
  },
  {
    id: 'STO-01',
    name: 'of 40 commits that need one absence, exactly one wins, in each of 8 rounds',
    async holds(subject) {
      for (let round = 0; round < ROUNDS; round++) {
        const key = ['fresh', String(round)]
        const wins = await race(subject, (store, rival) =>
          store.commit([absent(key)], [put(key, String(rival))]),
        )
        equal(countTrue(wins), 1)
        equal(await valueOf(subject.store, key), String(wins.indexOf(true)))
      }
    },
  },
  {
    id: 'STO-01',
    name: 'of two commits that each check absent what the other writes, never both win, in 8 rounds of 20 pairs',
    async holds(subject) {
      for (let round = 0; round < ROUNDS; round++) {
        const pair = (rival: number): string[] => ['skew', String(round), String(rival >> 1)]
        const wins = await race(subject, (store, rival) => {
          const [mine, its] = rival % 2 ? (['a', 'b'] as const) : (['b', 'a'] as const)
          return store.commit([absent([...pair(rival), its])], [put([...pair(rival), mine])])
        })
        for (let rival = 0; rival < wins.length; rival += 2) {
          const won = countTrue(wins.slice(rival, rival + 2))
          ok(won < 2, 'both of a pair won')
          equal((await subject.store.list(pair(rival), { limit: 5 })).length, won)
        }
      }
    },
  },
  {
    id: 'STO-01',
    name: 'of two commits that each check the version of what the other writes, never both win, in 8 rounds of 20 pairs',
    async holds(subject) {
      for (let round = 0; round < ROUNDS; round++) {
        const keyOf = (rival: number): string[] => ['x', String(round), String(rival)]
        await subject.store.commit(
          [],
          Array.from({ length: 40 }, (_, rival) => put(keyOf(rival))),
        )
        const versions = await race(subject, (store, rival) => versionOf(store, keyOf(rival)))
        const wins = await race(subject, (store, rival) => {
          const other = rival ^ 1
          return store.commit(
            [{ key: keyOf(other), version: versions[other]! }],
            [put(keyOf(rival), 'y')],
          )
        })
        for (let rival = 0; rival < wins.length; rival += 2)
          ok(countTrue(wins.slice(rival, rival + 2)) < 2, 'both of a pair won')
      }
    },
  },
  {
    id: 'STO-01',
    name: '40 commits that only check one common record all win, and lose once it changed',
    async holds(subject) {
      const common = ['epoch']
      await subject.store.commit([], [put(common)])
      const version = await versionOf(subject.store, common)
      const mint = (round: string): Promise<boolean[]> =>
        race(subject, (store, rival) =>
          store.commit([{ key: common, version }], [put(['mint', round, String(rival)])]),
        )
      equal(countTrue(await mint('a')), 40)
      await subject.store.commit([], [put(common, 'revoked')])
      equal(countTrue(await mint('b')), 0)
      equal((await subject.store.list(['mint', 'a'], { limit: 50 })).length, 40)
      equal((await subject.store.list(['mint', 'b'], { limit: 50 })).length, 0)
    },
  },
  {
    id: 'STO-01',
    name: 'commits at once that name the same keys in different order all answer, in each of 8 rounds',
    async holds(subject) {
      const keys = ['a', 'b', 'c', 'd'].map((name) => ['knot', name])
      await subject.store.commit(
        [],
        keys.map((key) => put(key)),
      )
      for (let round = 0; round < ROUNDS; round++) {
        const versions = await Promise.all(keys.map((key) => versionOf(subject.store, key)))
        const wins = await race(subject, (store, rival) => {
          const turned = (at: number): number => (at + rival) % keys.length
          const order = rival % 8 < 4 ? [0, 1, 2, 3].map(turned) : [3, 2, 1, 0].map(turned)
          return store.commit(
            order.map((at) => ({ key: keys[at]!, version: versions[at]! })),
            order.toReversed().map((at) => put(keys[at]!, `${round}.${rival}`)),
          )
        })
        equal(countTrue(wins), 1)
        const values = await Promise.all(keys.map((key) => valueOf(subject.store, key)))
        deepEqual(new Set(values), new Set([`${round}.${wins.indexOf(true)}`]))
      }
    },
  },
  {
    id: 'STO-01',
    name: 'a lost commit changed nothing',
    async holds({ store }) {
      await store.commit([], [put(['kept'], 'old'), put(['other']), append(['stream'], 'first')])
      const state = async (): Promise<unknown> => [
        await store.list([], { limit: 50 }),
        await store.tail(['stream'], null, 50),
      ]
      const before = await state()
      const version = await versionOf(store, ['kept'])
      const kept = { key: ['kept'], version }
      const writes = [
        put(['kept'], 'new'),
        put(['made']),
        remove(['other']),
        append(['stream'], 'second'),
      ]
      for (const lost of [
        absent(['other']),
        { key: ['nowhere'], version: 'v' },
        { key: ['kept'], version: `${version}0` },
      ]) {
        equal(await store.commit([kept, lost], writes), false)
        equal(await store.commit([lost, kept], writes), false)
      }
      deepEqual(await state(), before)
      equal(await store.commit([kept], writes), true)
      deepEqual(
        (await store.list([], { limit: 50 })).map((entry) => [...entry.key, entry.value]),
        [
          ['kept', 'new'],
          ['made', 'x'],
        ],
      )
    },
  },
  {
    id: 'STO-01',
    name: 'a commit without checks holds, one without writes only answers, and to remove what is absent is no fault',
    async holds({ store }) {
      equal(await store.commit([], [remove(['nowhere'])]), true)
      equal(await store.commit([], []), true)
      equal(await store.commit([absent(['nowhere'])], []), true)
      await store.commit([], [put(['here'])])
      equal(await store.commit([absent(['here'])], []), false)
      const version = await versionOf(store, ['here'])
      equal(await store.commit([{ key: ['here'], version }], []), true)
      equal(await versionOf(store, ['here']), version)
      equal(await store.commit([], [remove(['here'])]), true)
      equal(await store.read(['here']), null)
    },
  },
]
