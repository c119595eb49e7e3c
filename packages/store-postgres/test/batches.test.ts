import type { Check, Key, Store, Write } from '@pair/core'
import { expect, it } from 'vitest'
import { newDice } from './kit/dice.ts'
import { openRaw, openStore } from './kit/open.ts'
import { append, put } from './kit/writes.ts'

const WRONG = JSON.stringify({ kind: 'code', record: { state: 'else' } })
const KEYS = ['a', '__proto__', 'NULL', 'null', '"', '\\', '{}', "';--", ',', '%s'].map(
  (name): Key => ['k', name],
)
const VALUES = [
  '',
  ' ',
  'NULL',
  'null',
  '{}',
  '"',
  '\\',
  '\\\\"',
  ',',
  '\n\r\t',
  '{"a":[1,2]}',
  "'",
  'ü🔑\u2028',
  '$1',
  '\x7f\x01',
]

/** One commit of a batch, in terms of a model that knows no versions. */
interface Plan {
  /** `now`: what was there before the batch. `none`: no version that ever was. */
  checks: { key: Key; wants: 'now' | 'absent' | 'none' }[]
  writes: Write[]
}

/** Which commits hold, are lost (false) or fail (null) one after another; `state` is what is there, `items` the stream. */
function play(
  plans: readonly Plan[],
  state: Map<string, string>,
  items: string[],
): (boolean | null)[] {
  const before = new Map(state)
  const touched = new Set<string>()
  return plans.map(({ checks, writes }) => {
    const holds = checks.every(({ key, wants }) => {
      const name = key.join(' ')
      if (wants === 'absent') return !state.has(name)
      return wants === 'now' && before.has(name) && !touched.has(name)
    })
    if (!holds) return false
    // what breaks a constraint changes nothing
    if (writes.some(({ value }) => value === WRONG)) return null
    for (const write of writes) {
      if ('append' in write) {
        items.push(write.value)
        continue
      }
      const name = write.key.join(' ')
      touched.add(name)
      if (write.value === null) state.delete(name)
      else state.set(name, write.value)
    }
    return true
  })
}

function newPlan(dice: (sides: number) => number, wrong: boolean): Plan {
  const some = <T>(most: number, make: () => T): T[] => Array.from({ length: dice(most + 1) }, make)
  const keyOf = (): Key => KEYS[dice(KEYS.length)]!
  const checked = new Map(
    some(2, () => [keyOf(), (['now', 'now', 'absent', 'none'] as const)[dice(4)]!]),
  )
  const written = new Set(some(3, keyOf))
  return {
    checks: [...checked].map(([key, wants]) => ({ key, wants })),
    writes: [
      ...Array.from(written, (key): Write => {
        if (wrong && dice(30) === 0) return put(key, WRONG)
        return dice(4) === 0 ? { key, value: null } : put(key, VALUES[dice(VALUES.length)])
      }),
      ...some(2, () => append(['s'], `${dice(1_000_000)}${VALUES[dice(VALUES.length)]}`)),
    ],
  }
}

async function versionsOf(store: Store): Promise<Map<string, string>> {
  const entries = await store.list(['k'], { limit: 100 })
  return new Map(entries.map(({ key, version }) => [key.join(' '), version]))
}

it.each([
  ['all of which the server takes', false, 40],
  ['some of which break a constraint', true, 10],
])(
  'STO-01 SEC-21 random batches of commits, %s, are as if one came after another, through 50 at a time',
  async (_, wrong, rounds) => {
    const store = await openStore({ writers: 1 })
    const dice = newDice(rounds)
    const state = new Map<string, string>()
    const items: string[] = []
    for (let round = 0; round < rounds; round++) {
      const versions = await versionsOf(store)
      const plans = Array.from({ length: 50 }, () => newPlan(dice, wrong))
      const verdicts = await Promise.all(
        plans.map(({ checks, writes }) => {
          const needs = checks.map(({ key, wants }): Check => ({
            key,
            version:
              wants === 'absent'
                ? null
                : wants === 'none'
                  ? 'none'
                  : (versions.get(key.join(' ')) ?? 'none'),
          }))
          return store.commit(needs, writes).catch(() => null)
        }),
      )
      expect(verdicts).toEqual(play(plans, state, items))
      const entries = await store.list(['k'], { limit: 100 })
      expect(new Map(entries.map(({ key, value }) => [key.join(' '), value]))).toEqual(state)
    }
    const { items: told } = await store.tail(['s'], null, 10_000)
    expect(told.map(({ value }) => value)).toEqual(items)
    expect(items.length).toBeGreaterThan(rounds * 10)
  },
  60_000,
)

it('what arrives together takes few statements, and its items name the keys that their own commit wrote', async () => {
  const store = await openStore({ writers: 1 })
  await store.read(['any'])
  const raw = await openRaw()
  const transactions = async (): Promise<number> => {
    const [row] = await raw.query(
      `SELECT count(DISTINCT xmin::text) AS count FROM pair_record WHERE key LIKE 'm %'`,
    )
    return Number(row?.['count'])
  }
  const commits = Array.from({ length: 2_000 }, (_, n) =>
    store.commit([], [put(['m', String(n)]), append(['s'], String(n))]),
  )
  expect(new Set(await Promise.all(commits))).toEqual(new Set([true]))
  expect(await transactions()).toBeLessThanOrEqual(10)
  const { items } = await store.tail(['s'], null, 3_000)
  expect(items.map(({ value, keys }) => [value, keys])).toEqual(
    Array.from({ length: 2_000 }, (_, n) => [String(n), [['m', String(n)]]]),
  )
})

it('SEC-21 of 31 commits at once the one that breaks a constraint fails, and one with text that no text is, is refused before', async () => {
  const store = await openStore()
  for (const value of ['a\0b', '\ud800', 'x\udc00y', 'x'.repeat(50) + '\0'])
    for (const write of [put(['a'], value), append(['a'], value)])
      await expect(store.commit([], [write])).rejects.toThrow(TypeError)
  const answers = await Promise.allSettled(
    Array.from({ length: 31 }, (_, n) =>
      store.commit(n % 3 === 1 ? [{ key: ['none'], version: 'v' }] : [], [
        put(['b', String(n)], n === 15 ? WRONG : 'x'),
        append(['s'], String(n)),
      ]),
    ),
  )
  expect(answers.map((one) => (one.status === 'fulfilled' ? one.value : null))).toEqual(
    Array.from({ length: 31 }, (_, n) => (n === 15 ? null : n % 3 !== 1)),
  )
  const { items } = await store.tail(['s'], null, 50)
  expect(items.map(({ value }) => Number(value)).toSorted((a, b) => a - b)).toEqual(
    Array.from({ length: 31 }, (_, n) => n).filter((n) => n !== 15 && n % 3 !== 1),
  )
})

it('SEC-21 versions that no store ever gave are compared like any other, and match nothing', async () => {
  const store = await openStore()
  await store.commit([], [put(['a'])])
  const versions = [
    '',
    'NULL',
    'null',
    '"',
    '\\',
    '{}',
    ',',
    "' OR ''='",
    '\ud800',
    'ü',
    ' ',
    'x'.repeat(10_000),
  ]
  const answers = await Promise.all(
    versions.flatMap((version) => [
      store.commit([{ key: ['a'], version }], [put(['b'])]),
      store.commit([{ key: ['b'], version }], [put(['b'])]),
      store.commit([{ key: ['b'], version: null }], []),
    ]),
  )
  expect(answers).toEqual(versions.flatMap(() => [false, false, true]))
})

it('a commit as large as 3,000 writes of 1 kB, and one of 1 MB, hold', async () => {
  const store = await openStore()
  const keys = Array.from({ length: 3_000 }, (_, n): Key => ['k', String(n)])
  const many = keys.map((key) => put(key, `{"kind":"x","record":{"a":"${'y'.repeat(1_000)}"}}`))
  expect(await store.commit([], many)).toBe(true)
  expect(await store.list(['k'], { limit: 5_000 })).toHaveLength(3_000)
  const big = 'ü"\\'.repeat(250_000)
  expect(await store.commit([], [put(['big'], big), append(['big'], big)])).toBe(true)
  expect((await store.read(['big']))?.value === big).toBe(true)
  expect((await store.tail(['big'], null, 1)).items[0]?.value === big).toBe(true)
})
