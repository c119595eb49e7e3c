import { setImmediate } from 'node:timers/promises'
import { describe, expect, test } from 'vitest'
import { BOTH_STORES } from '../kit/both-stores.ts'
import { jitteredStore } from '../kit/races.ts'
import { ENDS, openWorld, setScene } from './hanging.ts'
import { KINDS } from './hanging-kinds.ts'

const ROUNDS = 40
const ends = Object.entries(ENDS)

describe.each(BOTH_STORES)(
  'SES-05 at the same moment on $name',
  { timeout: 120_000 },
  ({ open }) => {
    test.each(KINDS)(
      'SES-05 $name that is made while its session ends lets nobody in',
      async (kind) => {
        const store = open()
        const server = openWorld(jitteredStore(store, 5))
        const elsewhere = openWorld(jitteredStore(store, 55))
        const alone = await setScene(server, kind)
        const begun = performance.now()
        await alone.mint()
        const usual = performance.now() - begun
        let made = 0
        for (let round = 0; round < ROUNDS; round++) {
          const [name, end] = ends[round % ends.length]!
          const { whose, another, mint } = await setScene(server, kind)
          const ending = async (): Promise<void> => {
            // Each round a little later, from before the first call of the store to behind the last.
            const until = performance.now() + (round / ROUNDS) * 2 * usual
            while (performance.now() < until) await setImmediate()
            await end(round % 2 ? elsewhere : server, whose, another)
          }
          const [check] = await Promise.all([mint(), ending()])
          if (check !== null) made++
          expect(await check?.(), `${name}, round ${round}`).not.toBe(true)
        }
        expect(made).toBeGreaterThan(0)
      },
    )
  },
)
