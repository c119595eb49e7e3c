import { deepEqual, equal, rejects } from 'node:assert/strict'
import type { Key } from '@pair/core'
import type { StorePromise } from '../subject.ts'
import { absent, append, put, remove, T0, valueOf } from '../writes.ts'

const PRINTABLE: readonly string[] = Array.from({ length: 94 }, (_, n) =>
  String.fromCodePoint(0x21 + n),
)

const ODD_KEYS: readonly Key[] = [
  ['x'.repeat(512)],
  ['X'.repeat(512)],
  ['x'.repeat(511)],
  ['x'.repeat(512), 'x'.repeat(512), 'x'.repeat(512), 'x'.repeat(512)],
  Array.from({ length: 64 }, (_, n) => String(n)),
  Array.from({ length: 63 }, (_, n) => String(n)),
  ['a'],
  ['a', 'a'],
  ['a', 'b'],
  ['aa'],
  ['a/b'],
  ['a:b'],
  ['a,b'],
  ['a.b'],
  ['a+b'],
  ['%00'],
  ['[a-z]'],
  ['{a}b'],
  ["';--"],
  ['\\0'],
  ['\\\\'],
  ['""'],
  ['__proto__'],
  ['constructor'],
  ['null'],
  ['0'],
  ['00'],
  ['-0'],
  ['1e3'],
  ['1000'],
]

const BAD_KEYS: readonly Key[] = [
  [],
  [''],
  ['a', ''],
  ['', 'a'],
  ['a\0b'],
  ['a\n'],
  ['a b'],
  ['\x1f'],
  ['\x7f'],
  ['é'],
  ['\u212a'],
  ['😀'],
  ['\ud800'],
  ['x'.repeat(513)],
]

const BAD_VALUES: readonly unknown[] = [undefined, 1, true, {}, ['x']]

const BAD_INSTANTS: readonly number[] = [Number.NaN, -1]

const BAD_RAISES: readonly number[] = [Number.NaN, -1, 0.5]

/** What is a key, that no two are one, and that bad input is refused. */
export const keyPromises: readonly StorePromise[] = [
  {
    id: 'STO-01',
    name: 'every printable ASCII character is a part, and stands at either end of one: as record, counter and stream',
    async holds({ store }) {
      const keys = PRINTABLE.flatMap((char): Key[] => [
        [char],
        ['k', `${char}a`],
        ['k', `a${char}`],
      ])
      const distinct = [...new Map(keys.map((key) => [key.join(' '), key])).values()]
      await store.commit(
        distinct.map(absent),
        distinct.map((key) => put(key, JSON.stringify(key))),
      )
      for (const key of distinct) equal(await valueOf(store, key), JSON.stringify(key))
      const singles = await store.list([], { limit: 999 })
      deepEqual(
        singles.filter(({ key }) => key.length === 1).map(({ key }) => key[0]),
        PRINTABLE,
      )
      await store.commit(
        [],
        PRINTABLE.map((char) => append([char], char)),
      )
      for (const [at, char] of PRINTABLE.entries()) {
        equal(await store.increment([char], at + 1, T0), at + 1)
        deepEqual(
          (await store.tail([char], null, 5)).items.map((item) => item.value),
          [char],
        )
      }
    },
  },
  {
    id: 'STO-01',
    name: 'odd keys are keys like any other: long parts, many parts, parts that begin others, wildcards, quotes, separators, case',
    async holds({ store }) {
      equal(
        await store.commit(
          ODD_KEYS.map(absent),
          ODD_KEYS.map((key) => put(key, JSON.stringify(key))),
        ),
        true,
      )
      for (const key of ODD_KEYS) {
        const entry = await store.read(key)
        deepEqual([entry?.key, entry?.value], [key, JSON.stringify(key)])
      }
      equal((await store.list([], { limit: 100 })).length, ODD_KEYS.length)
      for (const key of ODD_KEYS) await store.commit([], [remove(key)])
      deepEqual(await store.list([], { limit: 100 }), [])
    },
  },
  {
    id: 'STO-01',
    name: 'what is no key is refused everywhere, and a commit that names one changes nothing',
    async holds({ store }) {
      for (const key of BAD_KEYS) {
        await rejects(store.read(key), TypeError)
        await rejects(store.increment(key, 1, 0), TypeError)
        await rejects(store.tail(key, null, 1), TypeError)
        await rejects(store.commit([absent(key)], [put(['a'])]), TypeError)
        for (const bad of [put(key), remove(key), append(key, 'x')])
          await rejects(store.commit([], [put(['a']), append(['s'], 'x'), bad]), TypeError)
        if (key.length > 0) await rejects(store.list(key, { limit: 1 }), TypeError)
        await rejects(store.list([], { after: key, limit: 1 }), TypeError)
      }
      deepEqual(await store.list([], { limit: 10 }), [])
      equal((await store.tail(['s'], null, 10)).latest, null)
    },
  },
  {
    id: 'STO-01',
    name: 'what is no text, no instant or no whole number is refused, and changes nothing',
    async holds({ store }) {
      const bad = [
        ...BAD_VALUES.map((value) => ({ ...put(['b']), value: value as string })),
        ...[null, ...BAD_VALUES].map((value) => ({ ...append(['s'], ''), value: value as string })),
        ...BAD_INSTANTS.flatMap((at) => [put(['b'], 'x', at), append(['s'], 'x', at)]),
      ]
      for (const write of bad)
        await rejects(store.commit([], [put(['a']), append(['s'], 'x'), write]), TypeError)
      deepEqual(await store.list([], { limit: 10 }), [])
      equal((await store.tail(['s'], null, 10)).latest, null)
      await store.increment(['c'], 1, T0)
      for (const by of BAD_RAISES) await rejects(store.increment(['c'], by, T0), TypeError)
      for (const at of BAD_INSTANTS) await rejects(store.increment(['c'], 1, at), TypeError)
      equal(await store.increment(['c'], 0, T0), 1)
    },
  },
  {
    id: 'STO-01',
    name: 'what a caller does with its arrays later changes nothing',
    async holds({ store }) {
      const key = ['mine', 'a']
      const stream = ['s']
      await store.commit([], [put(key), append(stream, 'x')])
      key[1] = 'b'
      stream[0] = 't'
      const kept = ['mine', 'a']
      const answers = [
        await store.read(kept),
        ...(await store.list(['mine'], { limit: 1 })),
        ...(await store.list([], { limit: 1 })),
      ]
      for (const entry of answers) (entry!.key as string[])[1] = 'c'
      for (const name of (await store.tail(['s'], null, 1)).items[0]!.keys)
        (name as string[])[1] = 'c'
      deepEqual((await store.read(kept))?.key, kept)
      deepEqual(
        (await store.list(['mine'], { limit: 5 })).map((entry) => entry.key),
        [kept],
      )
      deepEqual((await store.tail(['s'], null, 1)).items[0]?.keys, [kept])
    },
  },
]
