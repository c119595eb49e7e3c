import { expect, test } from 'vitest'
import { MINUTE } from '../../src/time.ts'
import { createGuessing } from '../kit/attempts.ts'
import { createHouse, networkAddress, times, toldOf, wrongCode } from '../kit/guessers.ts'

const NETWORKS = 10_000

test('LIM-04 of a million guesses from ten thousand networks no more are judged than two windows of the plan have', async () => {
  const { clock, settings, guess } = createGuessing()
  const told: Record<string, number> = {}
  // Twenty minutes lie in two windows of the budget.
  for (let minute = 0; minute < 20; minute++) {
    for (let network = 0; network < NETWORKS; network++)
      for (let count = 0; count < 5; count++) {
        const word = await guess('typed', networkAddress(network))
        told[word] = (told[word] ?? 0) + 1
      }
    clock.advance(MINUTE)
  }
  expect(Object.values(told).reduce((sum, count) => sum + count)).toBe(1_000_000)
  expect(told.judged).toBe(2 * settings.risk.typed.max)
  expect(told.codes_suspended).toBeGreaterThan(990_000)
}, 60_000)

test('LIM-04 twenty thousand guesses through the handler from ten thousand networks: 754 are judged', async () => {
  const house = createHouse({ limits: {} })
  const told = new Map<string, number>()
  for (let guess = 0; guess < 2 * NETWORKS; guess++) {
    const word = toldOf(await house.redeem(wrongCode(guess), networkAddress(guess >> 1, guess)))
    told.set(word, (told.get(word) ?? 0) + 1)
  }
  expect(Object.fromEntries(told)).toEqual({
    code_invalid: 754,
    codes_suspended: 2 * NETWORKS - 754,
  })
  // Links go on.
  const linked = await house.linked()
  expect(toldOf(await house.redeem(linked))).toBe('in')
  expect(times(3, await house.fail(1))).toEqual(times(3, ['codes_suspended']))
}, 60_000)
