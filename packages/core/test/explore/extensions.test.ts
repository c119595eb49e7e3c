import { describe, expect, test } from 'vitest'
import { EXTENSION_PAIRS, EXTENSION_SOLOS, EXTENSION_TRIPLES } from './scenarios/extensions.ts'
import { isDeep, storiesOf } from './walk-all.ts'

const LONG = 3_600_000

describe.each(Object.entries(EXTENSION_PAIRS))('where %s', (group, scenarios) => {
  test(
    'AGT-04 SES-05 APP-06 APP-18 every interleaving of two, and every fault of one call, keeps the laws',
    { timeout: LONG },
    async () => {
      expect(await storiesOf(group, scenarios, { faults: isDeep ? 2 : 1 })).toEqual([])
    },
  )
})

test(
  'AGT-04 APP-06 APP-18 every interleaving of three keeps the laws',
  { timeout: LONG },
  async () => {
    const faults = isDeep ? 1 : 0
    const wish = { faults, each: true }
    expect(await storiesOf('three at once', EXTENSION_TRIPLES, wish)).toEqual([])
  },
)

test(
  'AGT-04 APP-06 APP-18 whatever two calls of one go wrong, the laws are kept',
  { timeout: LONG },
  async () => {
    const wish = { faults: 2, anyReadFails: true }
    expect(await storiesOf('one alone', EXTENSION_SOLOS, wish)).toEqual([])
  },
)
