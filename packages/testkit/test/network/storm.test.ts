import { memoryStore, type Store } from '@pair/core'
import {
  checkHistory,
  checkInvariants,
  faultProxy,
  recordHistory,
  type HistoryEvent,
} from '@pair/testkit'
import { describe, expect, it, onTestFinished } from 'vitest'
import { keepBusy } from '../history/busy.ts'
import { serveStore, tcpStore } from './tcp-store.ts'

/** What 40 workers do to a store behind a network on which one request in ten breaks. */
async function historyOfStorm(
  seed: number,
  client: (store: Store) => Store,
): Promise<readonly HistoryEvent[]> {
  const server = await serveStore(memoryStore())
  onTestFinished(() => server.close())
  const proxy = await faultProxy(server)
  onTestFinished(() => proxy.close())
  const { store, events } = recordHistory(client(tcpStore(proxy)))
  proxy.storm({ seed, chance: 0.1, faults: ['cut', 'lose-answer', 'lose-answer', { delayMs: 5 }] })
  await keepBusy(store, { seed, calls: 25 })
  expect(Math.min(proxy.struck().cut, proxy.struck()['lose-answer'])).toBeGreaterThan(10)
  return events
}

/** Repeats whatever fails, as many clients do, and so does twice what was done. */
function repeating(store: Store): Store {
  const twice = <T>(go: () => Promise<T>): Promise<T> => go().catch(go)
  return {
    ...store,
    commit: (checks, writes) => twice(() => store.commit(checks, writes)),
    increment: (counter, by, purgeAt) => twice(() => store.increment(counter, by, purgeAt)),
  }
}

describe('a history of 40 workers in a storm', { timeout: 60_000 }, () => {
  it.each([1, 2])('SEC-05 is linearizable for single use and counters (seed %i)', async (seed) => {
    const history = await historyOfStorm(seed, (store) => store)
    expect(history.filter((event) => event.told === 'failed').length).toBeGreaterThan(20)
    expect(checkHistory(history)).toEqual({ ok: true })
    expect(checkInvariants(history)).toEqual({ ok: true })
  })

  it('SEC-05 is refused where a client repeats what failed: counters count twice', async () => {
    const history = await historyOfStorm(1, repeating)
    expect(checkHistory(history).ok).toBe(false)
  })
})
