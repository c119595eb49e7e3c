import { setImmediate } from 'node:timers/promises'
import { describe, expect, test } from 'vitest'
import { STORES } from '../kit/stores.ts'
import { jitteredStore } from '../kit/races.ts'
import { ENDS, openWorld, setScene } from './hanging.ts'
import { KINDS } from './hanging-kinds.ts'

const ends = Object.entries(ENDS)

describe.each(STORES)(
  'SES-05 at the same moment on $name',
  { timeout: 120_000 },
  ({ openTwo, rounds }) => {
    test.each(KINDS)(
      'SES-05 $name that is made while its session ends lets nobody in',
      async (kind) => {
        const [here, there] = openTwo()
        const server = openWorld(jitteredStore(here, 5))
        const elsewhere = openWorld(jitteredStore(there, 55))
        const outcomes: boolean[] = []
        // How much later than the mint the end begins: later where that came first, sooner where it came last.
        let laterMs = 0
        for (let round = 0; round < rounds; round++) {
          const [name, end] = ends[round % ends.length]!
          const { whose, another, mint } = await setScene(server, kind)
          const ending = async (): Promise<void> => {
            const until = performance.now() + laterMs
            while (performance.now() < until) await setImmediate()
            await end(round % 2 ? elsewhere : server, whose, another)
          }
          const [check] = await Promise.all([mint(), ending()])
          expect(await check?.(), `${name}, round ${round}: lets somebody in`).not.toBe(true)
          outcomes.push(check !== null)
          laterMs = check === null ? laterMs * 1.3 + 0.5 : laterMs * 0.7
        }
        expect(outcomes, 'none was made').toContain(true)
      },
    )
  },
)
