import { describe, expect, test } from 'vitest'
import { checkHistory, checkInvariants, mergeHistories, recordHistory } from '@pair/testkit'
import { faultyStore, type Fault, type StoreCall } from '@pair/testkit/store'
import type { Store } from '../../src/ports/store.ts'
import { memoryStore } from '../../src/storage/memory/memory-store.ts'
import { dice } from '../../../testkit/test/history/dice.ts'
import { keepBusy, lateStore, turns } from '../../../testkit/test/history/busy.ts'
import { STORES } from '../kit/stores.ts'

const CALLS: readonly StoreCall[] = ['read', 'list', 'commit', 'increment']

/** A line on which one call in eight fails: some are not done, of some the answer is lost, some come late. */
function stormy(real: Store, seed: number): Store {
  const draw = dice(seed)
  const line = faultyStore(real)
  const faults: Fault[] = ['error-before', 'error-after', { delayMs: 2 }]
  for (const call of CALLS)
    line.plan(
      call,
      Array.from({ length: 1_000 }, () => (draw(8) === 0 ? faults[draw(faults.length)]! : null)),
    )
  return line.store
}

describe.each(STORES)('two stores on $name', { timeout: 30_000 }, ({ openTwo }) => {
  test.each([1, 2])(
    'SEC-05 a history of both, whose calls fail and whose answers get lost, is linearizable (seed %i)',
    async (seed) => {
      const recorded = openTwo().map((store, at) =>
        recordHistory(stormy(store, 10 * seed + at), { process: `${at}` }),
      )
      await Promise.all(
        recorded.map(({ store }, at) =>
          keepBusy(store, { seed: 100 * seed + at, workers: 8, calls: 20 }),
        ),
      )
      const history = mergeHistories(...recorded.map(({ events }) => events))
      expect(history.filter(({ told }) => told === 'failed').length).toBeGreaterThan(10)
      expect(checkHistory(history)).toEqual({ ok: true })
      expect(checkInvariants(history)).toEqual({ ok: true })
    },
  )
})

test('SEC-05 it is not where a commit is done once more when nobody heard of it', async () => {
  const real = memoryStore()
  const again: Store = {
    ...real,
    async commit(checks, writes) {
      const was = await real.commit(checks, writes)
      if (was) void turns(9).then(() => real.commit([], writes))
      return was
    },
  }
  const { store, events } = recordHistory(lateStore(again, 7))
  await keepBusy(store, { seed: 7, workers: 8, calls: 40 })
  expect(checkHistory(events)).toMatchObject({ ok: false })
})
