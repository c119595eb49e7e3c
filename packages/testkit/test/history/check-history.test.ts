import { memoryStore, type Store } from '@pair/core'
import {
  checkHistory,
  checkInvariants,
  faultyStore,
  recordHistory,
  type Fault,
  type HistoryEvent,
} from '@pair/testkit/store'
import { describe, expect, it } from 'vitest'
import { brokenStores } from './broken-store.ts'
import { keepBusy, lateStore } from './busy.ts'
import { dice } from './dice.ts'
import { historyOf, raise, type Line } from './script.ts'

interface Run {
  seed: number
  breaks?: (store: Store) => Store
  /** Of so many calls one fails, before or after it is done. 0: none. */
  failing?: number
  workers?: number
  calls?: number
}

/** What 40 workers do to the memory store, late and through a line that fails. */
async function historyOfWork({
  seed,
  breaks = (store) => store,
  failing = 0,
  ...work
}: Run): Promise<readonly HistoryEvent[]> {
  const line = faultyStore(breaks(memoryStore()))
  const draw = dice(seed)
  const faults: Fault[] = ['error-before', 'error-after']
  if (failing > 0)
    for (const call of ['commit', 'increment', 'read'] as const)
      line.plan(
        call,
        Array.from({ length: 10_000 }, () => (draw(failing) === 0 ? faults[draw(2)]! : null)),
      )
  const { store, events } = recordHistory(lateStore(line.store, seed))
  await keepBusy(store, { seed, ...work })
  return events
}

// where the machine has much else to do, thousands of calls take their time
describe('a history of the memory store under 40 workers', { timeout: 60_000 }, () => {
  it.each([1, 2, 3])('SEC-05 is linearizable (seed %i)', async (seed) => {
    const history = await historyOfWork({ seed })
    expect(history.length).toBeGreaterThan(5_000)
    expect(checkHistory(history)).toEqual({ ok: true })
    expect(checkInvariants(history)).toEqual({ ok: true })
  })

  it.each([1, 2, 3])('SEC-05 is linearizable where answers are lost (seed %i)', async (seed) => {
    const history = await historyOfWork({ seed, failing: 10 })
    expect(history.filter((event) => event.told === 'failed').length).toBeGreaterThan(200)
    expect(checkHistory(history)).toEqual({ ok: true })
    expect(checkInvariants(history)).toEqual({ ok: true })
  })

  it('SEC-05 is linearizable over ten thousand calls, and found so straight away', async () => {
    const history = await historyOfWork({ seed: 4, failing: 20, calls: 200 })
    expect(history.length).toBeGreaterThan(20_000)
    // about as many looks as there are changes: the search never goes far astray
    expect(checkHistory(history, { looks: 12_000 })).toEqual({ ok: true })
    expect(checkInvariants(history)).toEqual({ ok: true })
  })

  it('SEC-05 is linearizable with hundreds at once on one key, of whom one wins', async () => {
    const { store, events } = recordHistory(lateStore(memoryStore(), 1))
    const key = ['code']
    await store.commit([], [{ key, value: 'unused', purgeAt: null }])
    const redeem = async (rival: number): Promise<boolean> => {
      const version = (await store.read(key))?.version ?? null
      return store.commit([{ key, version }], [{ key, value: `used by ${rival}`, purgeAt: null }])
    }
    const won = await Promise.all(Array.from({ length: 400 }, (_, rival) => redeem(rival)))
    expect(won).toContain(false)
    expect(checkHistory(events)).toEqual({ ok: true })
  })
})

describe('a history of a store with a defect', { timeout: 60_000 }, () => {
  it.each(brokenStores)('SEC-05 is refused: $defect', async ({ breaks, says }) => {
    for (const failing of [0, 20]) {
      const history = await historyOfWork({ seed: 1, breaks, failing })
      const verdict = checkHistory(history)
      expect(verdict).toEqual({ ok: false, at: expect.stringMatching(says) as string })
      expect(checkInvariants(history).ok).toBe(false)
    }
  })
})

describe('checkHistory', { timeout: 60_000 }, () => {
  it('SEC-05 takes an empty history, and one in which nothing ended', () => {
    expect(checkHistory([])).toEqual({ ok: true })
    const asked = { do: 'increment', counter: ['c'], by: 1 } as const
    expect(checkHistory([{ at: 1, process: 'p', call: 0, told: 'asked', asked }])).toEqual({
      ok: true,
    })
  })

  it('SEC-05 refuses what is no history: calls of one name, and ends without a beginning', async () => {
    const { store, events } = recordHistory(memoryStore(), { process: 'p' })
    await store.read(['a'])
    expect(() => checkHistory([...events, ...events])).toThrow(/p#0 is asked twice/)
    expect(() => checkHistory(events.slice(1))).toThrow(/p#0 ends before it begins/)
  })

  it('SEC-05 does not try calls of unknown outcome that are alike in each other’s place', () => {
    const lost = Array.from({ length: 30 }, (_, n): Line => [raise(), n, null])
    const verdict = (total: number) =>
      checkHistory(historyOf([...lost, [raise(100), 50, 60, total]]), { looks: 200 })
    expect(verdict(115)).toEqual({ ok: true })
    expect(verdict(131).ok).toBe(false)
  })

  it('SEC-05 says so where it can not decide', async () => {
    const history = await historyOfWork({ seed: 1, failing: 10 })
    expect(() => checkHistory(history, { looks: 10 })).toThrow(/10 looks did not decide/)
  })
})
