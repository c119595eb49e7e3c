import {
  checkHistories,
  disagreeOnTime,
  killProcesses,
  killServer,
  loseAnswers,
  raceForCodes,
} from '@pair/testkit/torture'
import { describe, expect, it } from 'vitest'
import { memoryPlaces } from './memory-place.ts'

describe('rivals for one code', () => {
  it('CODE-03 have one winner each', async () => {
    const row = await raceForCodes(memoryPlaces(), { codes: 24, codesAPlace: 16, attempts: 2 })
    expect(row).toMatchObject({ what: 'rivals for one code', count: 384, faults: [] })
    expect(row.figures).toMatch(/^24 winners of 24 codes, \d+ attempts a second$/)
  })

  it('CODE-03 come as soon as the store has codes for them', async () => {
    const { faults } = await raceForCodes(memoryPlaces('late'), { codes: 4, processes: 2 })
    expect(faults).toEqual([])
  }, 60_000)

  it('CODE-03 of a store that looks and then writes are told to have two', async () => {
    const { faults } = await raceForCodes(memoryPlaces('two winners'), { codes: 20 })
    expect(faults.join('\n')).toMatch(/^\w{3}-\w{3}-\w{3} has [2-9] winners$/m)
  })
})

describe('races without winners', () => {
  it('CODE-03 are a fault, and end', async () => {
    const options = { codes: 4, processes: 2, decideMs: 200 }
    const { faults } = await raceForCodes(memoryPlaces('one session'), options)
    expect(faults).toEqual([
      '8 attempts were not decided within 200 ms',
      'only 0 of 4 codes have a winner',
    ])
  })
})

describe('histories', () => {
  it('SEC-05 of a right store are linearizable', async () => {
    const row = await checkHistories(memoryPlaces(), { histories: 2, rounds: 6 })
    expect(row).toMatchObject({ count: 2, faults: [] })
    expect(row.figures).toMatch(/^\d{4} calls, 0 of unknown outcome/)
  })

  it.each(['two winners', 'halves'] as const)(
    'SEC-05 of a store with %s are not',
    async (defect) => {
      const { faults } = await checkHistories(memoryPlaces(defect), { histories: 2, rounds: 16 })
      expect(faults.join('\n')).toMatch(/two winners|no order/)
    },
  )
})

describe('clocks that disagree', () => {
  it('SEC-20 make nothing and spend nothing', async () => {
    expect(await disagreeOnTime(memoryPlaces())).toMatchObject({ count: 2, faults: [] })
  })

  it('SEC-20 are not seen with a store that tells no time', async () => {
    const { faults } = await disagreeOnTime(memoryPlaces('no time'), { offMs: [10_000] })
    expect(faults).toContain(
      'with a clock 10000 ms ahead a code there is answered in in place of 503 clock_skew',
    )
  })
})

describe('a killed server', () => {
  it('SEC-13 has what it acknowledged', async () => {
    const row = await killServer(memoryPlaces(), { kills: 2 })
    expect(row).toMatchObject({ count: 2, faults: [] })
  }, 60_000)

  it('SEC-13 that lost what it had acknowledged is found out', async () => {
    const options = { kills: 2, settleMs: 100 }
    const { faults } = await killServer(memoryPlaces('short memory'), options)
    expect(faults.join('\n')).toMatch(/in place of 200|was revoked and stands|without its/)
  }, 60_000)

  it('SEC-13 under which nobody came in has shown nothing', async () => {
    const { faults } = await killServer(memoryPlaces('no session'), { kills: 2 })
    expect(faults).toEqual([
      'nobody came in by a code',
      'nobody came in by a request',
      'no session was revoked',
    ])
  }, 60_000)

  it('is asked for, and so is a network', async () => {
    const { server: _, ...place } = await memoryPlaces().fresh()
    const bare = { ...memoryPlaces(), fresh: async () => place }
    await expect(killServer(bare)).rejects.toThrow('have no `server`')
    await expect(loseAnswers(bare)).rejects.toThrow('have no `network`')
  })
})

it('a module that opens nothing is refused', async () => {
  const module = new URL('../history/dice.ts', import.meta.url).href
  const running = raceForCodes({ ...memoryPlaces(), module })
  await expect(running).rejects.toThrow('dice.ts exports no `openStore`')
})

it('a process of a store that lives in one can not be killed', async () => {
  await expect(killProcesses(memoryPlaces())).rejects.toThrow('oneProcess')
})
