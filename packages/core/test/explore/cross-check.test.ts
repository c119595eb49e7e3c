import { fixedRandom } from '@pair/testkit/app'
import { describe, expect, test } from 'vitest'
import { endsOf } from './ends.ts'
import { createExplorer } from './explore.ts'
import { LAWS } from './laws/all.ts'
import { playLive } from './live-run.ts'
import * as product from './product.ts'
import { CROSS_PAIRS } from './scenarios/cross.ts'
import { CODE_PAIRS, REQUEST_PAIRS } from './scenarios/pairs.ts'
import { TRIPLES } from './scenarios/triples.ts'
import { tellStory } from './story.ts'
import { isDeep } from './walk-all.ts'

const groups = isDeep ? { ...REQUEST_PAIRS, ...CODE_PAIRS } : CROSS_PAIRS

describe.each(Object.entries(groups))('where %s', (_group, scenarios) => {
  test(
    'APP-06 the walk of every order of all calls meets the same changes and ends',
    { timeout: 3_600_000 },
    async () => {
      const explore = createExplorer({ product, laws: LAWS, faults: 0 })
      let [fewer, all] = [0, 0]
      for (const scenario of scenarios) {
        const whole = await explore(scenario, { reduce: false })
        const reduced = await explore(scenario)
        expect(tellStory(reduced)).toBe(`${scenario.name}: nothing is wrong`)
        expect(endsOf(reduced), scenario.name).toEqual(endsOf(whole))
        expect(reduced.changes, scenario.name).toEqual(whole.changes)
        fewer += reduced.states
        all += whole.states
      }
      expect(fewer).toBeLessThan(all)
    },
  )
})

describe.each(TRIPLES)('where $name', (scenario) => {
  test(
    'APP-06 processes that run at once on a real store come to ends that were walked',
    { timeout: 120_000 },
    async () => {
      const explore = createExplorer({ product, laws: LAWS, faults: 0 })
      const walk = await explore(scenario)
      const ends = endsOf(walk)
      const random = fixedRandom(1)
      const pick = (count: number): number => (random(2)[0]! * 256 + random(1)[0]!) % count
      for (let run = 0; run < (isDeep ? 200 : 5); run++)
        expect(ends).toContain(await playLive(scenario, product, walk.model, pick))
    },
  )
})
