import { expect, it } from 'vitest'
import { toRounds, type Touch } from '../src/rounds.ts'
import { newDice } from './kit/dice.ts'

const touch = (checked: string, written = ''): Touch => ({
  checked: checked.split('').filter(Boolean),
  written: written.split('').filter(Boolean),
})

it('commits that have nothing in common, or only check the same, have their turn together', () => {
  expect(toRounds([])).toEqual([])
  expect(toRounds([touch(''), touch('a', 'b'), touch('a', 'c'), touch('', 'd')])).toEqual([
    0, 0, 0, 0,
  ])
})

it('what checks or writes a key comes behind what wrote it, and what writes it behind what checked it', () => {
  expect(toRounds([touch('', 'a'), touch('a')])).toEqual([0, 1])
  expect(toRounds([touch('a'), touch('', 'a')])).toEqual([0, 1])
  expect(toRounds([touch('a', 'a'), touch('a', 'a'), touch('', 'a')])).toEqual([0, 1, 2])
  expect(
    toRounds([touch('', 'a'), touch('a', 'b'), touch('b', 'c'), touch('c'), touch('x')]),
  ).toEqual([0, 1, 2, 3, 0])
})

it('STO-01 in 5,000 random batches no two of one round touch what either writes, and rivals keep their order', () => {
  const dice = newDice(1)
  const some = (most: number): string[] =>
    Array.from({ length: dice(most + 1) }, () => 'abcdefgh'[dice(8)]!)
  for (let batch = 0; batch < 5_000; batch++) {
    const touches = Array.from({ length: dice(9) }, () => ({ checked: some(3), written: some(2) }))
    const rounds = toRounds(touches)
    for (const [later, one] of touches.entries())
      for (const [earlier, other] of touches.slice(0, later).entries()) {
        const keys = [...one.checked, ...one.written]
        const rivals =
          other.written.some((key) => keys.includes(key)) ||
          one.written.some((key) => other.checked.includes(key))
        if (rivals) expect(rounds[later]).toBeGreaterThan(rounds[earlier]!)
      }
    // none waits for longer than it has to
    expect(Math.max(-1, ...rounds)).toBeLessThan(Math.max(touches.length, 1))
  }
})
