import { describe, expect, test } from 'vitest'
import { REQUEST_PAIRS } from './scenarios/pairs.ts'
import { isDeep, storiesOf } from './walk-all.ts'

describe.each(Object.entries(REQUEST_PAIRS))('where %s', (group, scenarios) => {
  test('APP-06 every interleaving of two, and every fault of one call, keeps the laws', async () => {
    expect(await storiesOf(group, scenarios, { faults: isDeep ? 2 : 1 })).toEqual([])
  }, 3_600_000)
})
