import { describe, expect, test } from 'vitest'
import { faultyStore, type Fault, type FaultyStore } from '@pair/testkit/store'
import { STORES } from '../kit/stores.ts'
import type { Edge } from '../kit/edge.ts'
import { bearer, bind, createTown, outcome } from './kit.ts'

interface Stage {
  line: FaultyStore
  town: Edge
  /** Another instance: what is true. */
  truth: Edge
}

/** What makes a key: prepared behind the line, then done across it. */
const WAYS: Record<string, (stage: Stage) => Promise<() => Promise<unknown>>> = {
  issue: async ({ town }) => {
    return () => town.pair.agentKeys.issue({ agent: 'a' })
  },
  rotate: async ({ town, truth }) => {
    const { agentKey } = await truth.pair.agentKeys.issue({ agent: 'a' })
    return () => town.pair.agentKeys.rotate(agentKey.id)
  },
  bind: async ({ town, truth }) => {
    const { typed } = await truth.pair.agentKeys.supportCode()
    return async () => {
      const { status, body } = await bind(town, typed, 'a')
      if (status !== 201) throw Object.assign(new Error(body.code), { code: body.code })
      return body
    }
  },
}

describe.each(STORES)('on $name', ({ openTwo }) => {
  async function setUp(): Promise<Stage> {
    const [here, there] = openTwo()
    const line = faultyStore(here)
    return { line, town: createTown({ store: line.store }), truth: createTown({ store: there }) }
  }

  // All at once: each waits for seconds.
  test('AGT-04 behind a 503 there is no key, also where the commit was done or lands late', async () => {
    const meet = async (name: string, fault: Exclude<Fault, object>): Promise<void> => {
      const stage = await setUp()
      const { line, town, truth } = stage
      const act = await WAYS[name]!(stage)
      const before = await listOf(truth)
      line.plan('commit', fault, { thenDown: true })
      await expect(act(), `${name}, ${fault}`).rejects.toMatchObject({ code: 'store_unavailable' })
      line.up()
      await line.release()
      await expect.poll(async () => listOf(truth), { timeout: 5_000, interval: 50 }).toEqual(before)
      // It stays so.
      await new Promise((resolve) => setTimeout(resolve, 200))
      expect(await listOf(truth), `${name}, ${fault}`).toEqual(before)
      await Promise.all([town.pair.close(), truth.pair.close()])
    }
    const faults = ['error-after', 'hang-before', 'hang-after'] as const
    await Promise.all(Object.keys(WAYS).flatMap((name) => faults.map((fault) => meet(name, fault))))
  }, 60_000)

  test.each(Object.keys(WAYS))(
    'AGT-04 %s: where the answer of the store alone is lost, the key is handed out and counts',
    async (name) => {
      const stage = await setUp()
      const { line, town, truth } = stage
      const act = await WAYS[name]!(stage)
      line.plan('commit', 'error-after')
      const { key } = (await act()) as { key: string }
      expect(await outcome(truth, bearer(key))).toBe('in')
      await Promise.all([town.pair.close(), truth.pair.close()])
    },
  )

  test('AGT-04 a key whose rotation was refused is rotated by the next that asks', async () => {
    const { line, town, truth } = await setUp()
    const { agentKey, key } = await truth.pair.agentKeys.issue({ agent: 'a' })
    line.plan('commit', 'error-after', { thenDown: true })
    await expect(town.pair.agentKeys.rotate(agentKey.id, { overlapMs: 0 })).rejects.toMatchObject({
      code: 'store_unavailable',
    })
    line.up()
    await expect
      .poll(() => outcome(truth, bearer(key)), { timeout: 5_000, interval: 50 })
      .toBe('in')
    const heir = await truth.pair.agentKeys.rotate(agentKey.id)
    expect(await outcome(truth, bearer(heir.key))).toBe('in')
    await Promise.all([town.pair.close(), truth.pair.close()])
  }, 20_000)

  test('AGT-04 a revoke whose answer was lost is done when it is asked again', async () => {
    const { line, town, truth } = await setUp()
    const { agentKey, key } = await truth.pair.agentKeys.issue({ agent: 'a' })
    line.plan('commit', 'error-after')
    await town.pair.agentKeys.revoke(agentKey.id)
    expect(await outcome(truth, bearer(key))).toBe('agent_key_required')
    await Promise.all([town.pair.close(), truth.pair.close()])
  })
})

async function listOf({ pair }: Edge): Promise<unknown[]> {
  return (await pair.agentKeys.list()).items
}
