import { expect } from 'vitest'
import { absent, put, versionOf, type StorePromise } from './promise.ts'

const BAD_KEYS = [
  [],
  [''],
  ['a', ''],
  ['a\0b'],
  ['a\n'],
  ['\x7f'],
  ['é'],
  ['\u212a'],
  ['\ud800'],
  ['x'.repeat(513)],
]

/** What an entry holds, and how it is named. */
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
        expect(version).toBeTypeOf('string')
        for (const old of versions)
          expect(await store.commit([{ key, version: old }], [put(key, 'stale')])).toBe(false)
        versions.add(version!)
        if (round % 2) await store.commit([], [{ key, value: null }])
        for (const old of versions) {
          if (old !== version)
            expect(await store.commit([{ key, version: old }], [put(key, 'stale')])).toBe(false)
        }
      }
      expect(versions.size).toBe(20)
    },
  },
  {
    id: 'STO-01',
    name: 'reading moves no version, and read and list tell the same',
    async holds({ store }) {
      await store.commit([], [put(['a', 'b'], 'v')])
      const first = await store.read(['a', 'b'])
      expect(first).toEqual({ key: ['a', 'b'], value: 'v', version: first?.version })
      expect(await store.read(['a', 'b'])).toEqual(first)
      expect(await store.list(['a'], { limit: 1 })).toEqual([first])
    },
  },
  {
    id: 'STO-01',
    name: 'any text comes back as it was: empty, quotes, every plane of Unicode, 64 KiB',
    async holds({ store }) {
      const values = [
        '',
        '{"a":"\'\\"}',
        '%s $1 {0} \\u0000 \x01\x7f\u2028',
        'é€😀\ufeff\uffff',
        'ab😀é'.repeat(65_536 / 8),
      ]
      const kept = values.map((value, n) => put(['v', String(n)], value))
      expect(
        await store.commit(
          kept.map((write) => absent(write.key)),
          kept,
        ),
      ).toBe(true)
      for (const { key, value } of kept) expect((await store.read(key))?.value === value).toBe(true)
      await store.commit(
        [],
        values.map((value) => ({ append: ['s'], value, purgeAt: null })),
      )
      expect((await store.tail(['s'], null, 50)).items.map((item) => item.value)).toEqual(values)
    },
  },
  {
    id: 'STO-01',
    name: 'odd keys are keys like any other: long parts, many parts, wildcards, quotes, separators, case',
    async holds({ store }) {
      const keys = [
        ['x'.repeat(512)],
        ['X'.repeat(512)],
        ['a', 'b'],
        ['a/b'],
        ['a:b'],
        ['a,b'],
        ['a.b'],
        ['%'],
        ['_'],
        ['*'],
        ['[a-z]'],
        ['?'],
        ['{a}b'],
        ["'; --"].map((part) => part.replaceAll(' ', '')),
        ['"'],
        ['\\'],
        ['\\0'],
        ['__proto__'],
        ['constructor'],
        ['null'],
        ['0'],
        ['00'],
        Array.from({ length: 12 }, (_, n) => String(n)),
      ]
      await store.commit(
        keys.map(absent),
        keys.map((key) => put(key, JSON.stringify(key))),
      )
      for (const key of keys)
        expect(await store.read(key)).toMatchObject({ key, value: JSON.stringify(key) })
      expect(await store.list([], { limit: 100 })).toHaveLength(keys.length)
    },
  },
  {
    id: 'STO-01',
    name: 'what is no key is refused everywhere, and a commit that names one changes nothing',
    async holds({ store }) {
      for (const key of BAD_KEYS) {
        await expect(store.read(key)).rejects.toThrow(TypeError)
        await expect(store.increment(key, 1, 0)).rejects.toThrow(TypeError)
        await expect(store.tail(key, null, 1)).rejects.toThrow(TypeError)
        await expect(store.commit([absent(key)], [put(['a'])])).rejects.toThrow(TypeError)
        await expect(store.commit([], [put(['a']), put(key)])).rejects.toThrow(TypeError)
        await expect(store.commit([], [put(['a']), { key, value: null }])).rejects.toThrow(
          TypeError,
        )
        await expect(
          store.commit([], [put(['a']), { append: key, value: 'x', purgeAt: null }]),
        ).rejects.toThrow(TypeError)
        if (key.length > 0) await expect(store.list(key, { limit: 1 })).rejects.toThrow(TypeError)
        await expect(store.list([], { after: key, limit: 1 })).rejects.toThrow(TypeError)
      }
      expect(await store.list([], { limit: 10 })).toEqual([])
    },
  },
  {
    id: 'STO-01',
    name: 'what a caller does with its arrays later changes nothing',
    async holds({ store }) {
      const key = ['mine', 'a']
      const append = ['s']
      await store.commit([], [put(key), { append, value: 'x', purgeAt: null }])
      key[1] = 'b'
      append[0] = 't'
      const kept = ['mine', 'a']
      const answers = [
        await store.read(kept),
        ...(await store.list(['mine'], { limit: 1 })),
        ...(await store.list([], { limit: 1 })),
      ]
      for (const entry of answers) (entry!.key as string[])[1] = 'c'
      for (const name of (await store.tail(['s'], null, 1)).items[0]!.keys)
        (name as string[])[1] = 'c'
      expect((await store.read(kept))?.key).toEqual(kept)
      expect((await store.list(['mine'], { limit: 5 })).map((entry) => entry.key)).toEqual([kept])
      expect((await store.tail(['s'], null, 1)).items[0]?.keys).toContainEqual(kept)
    },
  },
  {
    id: 'STO-01',
    name: 'a store that tells the time tells an instant',
    async holds({ store }) {
      if (store.time) expect(await store.time()).toSatisfy(Number.isFinite)
    },
  },
]
