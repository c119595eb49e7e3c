import { expect, test } from 'vitest'
import { createLosers } from '../../src/storage/losers.ts'

/** The waits that were asked for, in milliseconds, and the ends of them. */
function hourglass(): {
  waits: number[]
  end(): void
  hold(ms: number, ended: () => void): () => void
} {
  const waits: number[] = []
  const ends: (() => void)[] = []
  return {
    waits,
    end: () => ends.shift()!(),
    hold(ms, ended) {
      waits.push(ms)
      ends.push(ended)
      return () => {}
    },
  }
}

const soon = (): Promise<unknown> => new Promise((resolve) => setImmediate(resolve))

test('who lost twice tries again at once, then waits up to twice as long each time, and no longer than 64 ms alone', async () => {
  const glass = hourglass()
  const afterLoss = createLosers(glass, () => 0.5)
  await afterLoss(0)
  await afterLoss(1)
  expect(glass.waits).toEqual([])
  for (const [round, ms] of [
    [2, 2],
    [3, 4],
    [5, 16],
    [6, 32],
    [20, 32],
  ] as const) {
    const waiting = afterLoss(round)
    expect(glass.waits.pop()).toBe(ms)
    glass.end()
    await waiting
  }
})

test('in a crowd each waits up to 8 ms longer for each that waits already, and not for who came back', async () => {
  const glass = hourglass()
  const afterLoss = createLosers(glass, () => 1)
  const waiting = Array.from({ length: 4 }, () => afterLoss(63))
  expect(glass.waits).toEqual([64, 72, 80, 88])
  glass.end()
  glass.end()
  await soon()
  const last = afterLoss(63)
  expect(glass.waits.at(-1)).toBe(80)
  for (let left = 3; left > 0; left--) glass.end()
  await Promise.all([...waiting, last])
  // a wait below a millisecond is none
  await createLosers(glass, () => 0.2)(2)
  expect(glass.waits).toHaveLength(5)
})
