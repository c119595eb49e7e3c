import { expect } from 'vitest'
import { absent, countTrue, put, race, versionOf, type StorePromise } from './promise.ts'

const ROUNDS = 8

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
        expect(countTrue(wins)).toBe(1)
        expect((await subject.store.read(key))?.value).toBe(`used by ${wins.indexOf(true)}`)
        const minted = await subject.store.list(['mint', String(round)], { limit: 50 })
        expect(minted.map((entry) => entry.key.at(-1))).toEqual([String(wins.indexOf(true))])
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
        expect(countTrue(wins)).toBe(1)
        expect((await subject.store.read(key))?.value).toBe(`${round}.${wins.indexOf(true)}`)
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
        expect(countTrue(wins)).toBe(1)
        expect((await subject.store.read(key))?.value).toBe(String(wins.indexOf(true)))
      }
    },
  },
  {
    id: 'STO-01',
    name: 'of two commits that each check absent what the other writes, never both win',
    async holds(subject) {
      for (let round = 0; round < ROUNDS; round++) {
        const pair = (rival: number): string[] => ['skew', String(round), String(rival >> 1)]
        const wins = await race(subject, (store, rival) => {
          const [mine, its] = rival % 2 ? (['a', 'b'] as const) : (['b', 'a'] as const)
          return store.commit([absent([...pair(rival), its])], [put([...pair(rival), mine])])
        })
        for (let rival = 0; rival < wins.length; rival += 2) {
          const won = countTrue(wins.slice(rival, rival + 2))
          expect(won).toBeLessThan(2)
          expect(await subject.store.list(pair(rival), { limit: 5 })).toHaveLength(won)
        }
      }
    },
  },
  {
    id: 'STO-01',
    name: 'of two commits that each check the version of what the other writes, never both win',
    async holds(subject) {
      for (let round = 0; round < ROUNDS; round++) {
        const keys = [
          ['x', String(round)],
          ['y', String(round)],
        ] as const
        await subject.store.commit(
          [],
          keys.map((key) => put(key)),
        )
        const versions = await Promise.all(keys.map((key) => versionOf(subject.store, key)))
        const wins = await race(
          subject,
          (store, rival) =>
            store.commit(
              [{ key: keys[1 - rival]!, version: versions[1 - rival]! }],
              [put(keys[rival]!, 'y')],
            ),
          2,
        )
        expect(countTrue(wins)).toBeLessThan(2)
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
      const mint = (rival: number, round: string) => put(['mint', round, String(rival)])
      const wins = await race(subject, (store, rival) =>
        store.commit([{ key: common, version }], [mint(rival, 'a')]),
      )
      expect(countTrue(wins)).toBe(40)
      await subject.store.commit([], [put(common, 'revoked')])
      const late = await race(subject, (store, rival) =>
        store.commit([{ key: common, version }], [mint(rival, 'b')]),
      )
      expect(countTrue(late)).toBe(0)
      expect(await subject.store.list(['mint', 'a'], { limit: 50 })).toHaveLength(40)
      expect(await subject.store.list(['mint', 'b'], { limit: 50 })).toHaveLength(0)
    },
  },
  {
    id: 'STO-01',
    name: 'a lost commit changed nothing',
    async holds({ store }) {
      await store.commit(
        [],
        [
          put(['kept'], 'old'),
          put(['other']),
          { append: ['stream'], value: 'first', purgeAt: null },
        ],
      )
      const before = [await store.list([], { limit: 50 }), await store.tail(['stream'], null, 50)]
      const version = await versionOf(store, ['kept'])
      const writes = [
        put(['kept'], 'new'),
        put(['made']),
        { key: ['other'], value: null },
        { append: ['stream'], value: 'second', purgeAt: null },
      ] as const
      for (const lost of [
        absent(['other']),
        { key: ['nowhere'], version: 'v' },
        { key: ['kept'], version: `${version}0` },
      ]) {
        expect(await store.commit([{ key: ['kept'], version }, lost], writes)).toBe(false)
        expect(await store.commit([lost, { key: ['kept'], version }], writes)).toBe(false)
      }
      expect([await store.list([], { limit: 50 }), await store.tail(['stream'], null, 50)]).toEqual(
        before,
      )
      expect(await store.commit([{ key: ['kept'], version }], writes)).toBe(true)
      expect(
        (await store.list([], { limit: 50 })).map((entry) => [...entry.key, entry.value]),
      ).toEqual([
        ['kept', 'new'],
        ['made', 'x'],
      ])
    },
  },
  {
    id: 'STO-01',
    name: 'a commit without checks holds, one without writes only answers, and to remove what is absent is no fault',
    async holds({ store }) {
      expect(await store.commit([], [{ key: ['nowhere'], value: null }])).toBe(true)
      expect(await store.commit([], [])).toBe(true)
      expect(await store.commit([absent(['nowhere'])], [])).toBe(true)
      await store.commit([], [put(['here'])])
      expect(await store.commit([absent(['here'])], [])).toBe(false)
      expect(
        await store.commit([{ key: ['here'], version: await versionOf(store, ['here']) }], []),
      ).toBe(true)
      expect(await store.commit([], [{ key: ['here'], value: null }])).toBe(true)
      expect(await store.read(['here'])).toBeNull()
    },
  },
  {
    id: 'STO-01',
    name: 'reads see every finished commit, through every handle, and never half of one',
    async holds(subject) {
      for (let round = 0; round < ROUNDS; round++) {
        const value = String(round)
        const done = subject.store.commit(
          [],
          Array.from({ length: 20 }, (_, n) => put(['all', String(n)], value)),
        )
        const pages = await race(subject, (store) => store.list(['all'], { limit: 50 }), 10)
        for (const page of pages)
          expect(new Set(page.map((entry) => entry.value)).size).toBeLessThanOrEqual(1)
        expect(await done).toBe(true)
        const seen = await race(subject, (store, rival) => store.read(['all', String(rival % 20)]))
        expect(new Set(seen.map((entry) => entry?.value))).toEqual(new Set([value]))
      }
    },
  },
]
