import { expect, it } from 'vitest'
import { createDoubts } from '../src/doubts.ts'

const doubted = (doubts: ReturnType<typeof createDoubts>, ...keys: string[]): string[] =>
  keys.filter((key) => doubts.has(key))

it('STO-07 what is written is in doubt until the replicas have it, and with it all that was sent before', () => {
  const doubts = createDoubts()
  const first = doubts.add(['a', 'b'])
  const second = doubts.add(['b', 'c'])
  const third = doubts.add(['d'])
  expect(doubted(doubts, 'a', 'b', 'c', 'd', 'e')).toEqual(['a', 'b', 'c', 'd'])
  first.settle()
  expect(doubted(doubts, 'a', 'b', 'c', 'd')).toEqual(['b', 'c', 'd'])
  third.settle()
  expect(doubted(doubts, 'a', 'b', 'c', 'd')).toEqual([])
  second.settle()
  expect(doubted(doubts, 'b')).toEqual([])
})

it('STO-07 what lost leaves the doubts as they were', () => {
  const doubts = createDoubts()
  const first = doubts.add(['a'])
  doubts.add(['a', 'b']).withdraw()
  expect(doubted(doubts, 'a', 'b')).toEqual(['a'])
  const lost = doubts.add(['a'])
  const later = doubts.add(['a'])
  lost.withdraw()
  first.settle()
  expect(doubted(doubts, 'a')).toEqual(['a'])
  later.settle()
  expect(doubted(doubts, 'a')).toEqual([])
})

it('STO-07 above ten thousand any key is in doubt, until a wait that began later is over', () => {
  const doubts = createDoubts()
  const before = doubts.add()
  for (let n = 0; n <= 10_000; n++) doubts.add([String(n)])
  expect(doubted(doubts, '0', '10000', 'other')).toEqual(['0', '10000', 'other'])
  before.settle()
  expect(doubted(doubts, 'other')).toEqual(['other'])
  doubts.add().settle()
  expect(doubted(doubts, '0', 'other')).toEqual([])
})
