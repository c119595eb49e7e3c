import { expect, it } from 'vitest'
import { toRaiseValues, toTotals, type Raise } from '../src/counters.ts'
import { openStore } from './kit/open.ts'
import { newDice } from './kit/dice.ts'
import { T0 } from './kit/writes.ts'

const raise = (id: string, by: number, purgeAt = 1): Raise => ({ id, by, purgeAt })

it('each counter is raised once, by all that it is raised by, and kept for the longest', () => {
  const raises = [raise('a', 1, 5), raise('b', 2, 7), raise('a', 3, 9), raise('a', 1, 6)]
  expect(toRaiseValues(raises)).toEqual(['{"a","b"}', '{5,2}', '{9,7}'])
  expect(toTotals(raises, '{"a":105,"b":2}')).toEqual([101, 2, 104, 105])
})

it('counters are told apart by their whole names, whatever they are called', () => {
  const names = ['__proto__', 'constructor', '"', '\\', '{}', 'NULL', 'a b', 'a,b']
  const totals = JSON.stringify(Object.fromEntries(names.map((name, n) => [name, n + 1])))
  expect(
    toTotals(
      names.slice(1).map((name) => raise(name, 1)),
      totals,
    ),
  ).toEqual([2, 3, 4, 5, 6, 7, 8])
})

it('STO-01 2,000 raises at once through two stores hand out each total once, a single writer in the order in which they came', async () => {
  const stores = [await openStore(), await openStore({ writers: 1 })]
  const dice = newDice(2)
  const asked = Array.from({ length: 2_000 }, () => ({
    of: dice(2),
    name: ['a', '__proto__', 'c"\\', 'NULL'][dice(4)]!,
    by: 1 + dice(3),
  }))
  const got = await Promise.all(
    asked.map(async ({ of, name, by }) => ({
      of,
      name,
      by,
      total: await stores[of]!.increment([name], by, T0),
    })),
  )
  for (const name of new Set(asked.map((one) => one.name))) {
    const own = got.filter((one) => one.name === name)
    // each raise ends where the next begins: none is lost, none is counted twice
    let upto = 0
    for (const { by, total } of own.toSorted((a, b) => a.total - b.total))
      expect(total).toBe((upto += by))
    expect(await stores[0]!.increment([name], 0, T0)).toBe(upto)
    const inOrder = own.filter(({ of }) => of === 1).map(({ total }) => total)
    expect(inOrder).toEqual(inOrder.toSorted((a, b) => a - b))
  }
})

it('SEC-21 a counter that can grow no more fails for itself, in a batch with others that can', async () => {
  const store = await openStore()
  const most = Number.MAX_SAFE_INTEGER
  await store.increment(['full'], most, T0)
  const answers = await Promise.allSettled(
    Array.from({ length: 30 }, (_, n) => store.increment([n % 10 === 3 ? 'full' : 'a'], 1, T0)),
  )
  expect(answers.filter(({ status }) => status === 'rejected')).toHaveLength(3)
  expect(await store.increment(['full'], 0, T0)).toBe(most)
  expect(await store.increment(['a'], 0, T0)).toBe(27)
  // together they are more than any number says exactly
  const huge = [1, 2, 3].map(() => store.increment(['huge'], most, T0))
  expect((await Promise.allSettled(huge)).map(({ status }) => status)).toEqual([
    'fulfilled',
    'rejected',
    'rejected',
  ])
  expect(await store.increment(['huge'], 0, T0)).toBe(most)
})
