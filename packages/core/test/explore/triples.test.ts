import { expect, test } from 'vitest'
import { SOLOS } from './scenarios/solos.ts'
import { allTriples, CAP, TRIPLES } from './scenarios/triples.ts'
import { isDeep, storiesOf } from './walk-all.ts'

const LONG = 3_600_000

test('APP-06 every interleaving of three keeps the laws', { timeout: LONG }, async () => {
  const faults = isDeep ? 1 : 0
  const scenarios = isDeep ? [...TRIPLES, ...allTriples()] : TRIPLES
  expect(await storiesOf('three at once', scenarios, { faults, each: true })).toEqual([])
})

test(
  'APP-06 whatever two calls of one go wrong, the laws are kept',
  { timeout: LONG },
  async () => {
    expect(await storiesOf('one alone', SOLOS, { faults: 2, anyReadFails: true })).toEqual([])
  },
)

test('the cap of live codes holds between two who issue at once', { timeout: LONG }, async () => {
  expect(await storiesOf('codes at their cap', [CAP], { faults: 0 })).toEqual([])
})
