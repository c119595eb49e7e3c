import { expect, test } from 'vitest'
import type { Store } from '../../src/ports/store.ts'
import { memoryStore } from '../../src/storage/memory/memory-store.ts'
import { STORES } from '../kit/stores.ts'
import { createEdge, type Edge } from '../kit/edge.ts'
import { startServer } from '../kit/server.ts'
import { openWorkshop } from '../kit/workshop.ts'

const MINUTE = 60_000
const DAY = 86_400_000

async function guess(edge: Edge, from = '127.0.0.1', code = '222-222-222'): Promise<void> {
  await edge.call('/auth/redeem', { body: { code }, info: { remoteAddress: from } })
}

const rows = async (store: Store): Promise<number> =>
  (await store.list(['pair', 'refusals'], { limit: 1_000 })).length

/** The same store, which tells how many of its commits wrote refusals. */
function counting(real: Store): { store: Store; commits(): number } {
  let commits = 0
  return {
    commits: () => commits,
    store: {
      ...real,
      async commit(checks, writes) {
        if (writes.some((write) => 'key' in write && write.key[1] === 'refusals')) commits++
        return real.commit(checks, writes)
      },
    },
  }
}

test.each(STORES)(
  'EVT-02 refusals are counted by ten minutes, by why, and by where from ($name)',
  async ({ open }) => {
    const edge = createEdge({ store: open() })
    const from = Math.floor(edge.now() / (10 * MINUTE)) * 10 * MINUTE
    for (let n = 0; n < 3; n++) await guess(edge, '127.0.0.2')
    await guess(edge, '127.0.0.3')
    await edge.call('/auth/codes')
    edge.pass(20 * MINUTE)
    await guess(edge, '127.0.0.3', 'no code')
    const slice = (at: number): object => ({ from: at, until: at + 10 * MINUTE, elsewhere: 0 })
    const expected = [
      {
        ...slice(from),
        counts: { code_invalid: 4, session_required: 1 },
        addresses: [
          { address: '127.0.0.2', count: 3 },
          { address: '127.0.0.3', count: 1 },
          { address: '127.0.0.1', count: 1 },
        ],
      },
      {
        ...slice(from + 20 * MINUTE),
        counts: { code_malformed: 1 },
        addresses: [{ address: '127.0.0.3', count: 1 }],
      },
    ]
    expect(await edge.pair.audit.refusals()).toEqual({ items: expected, next: null })
    expect((await edge.pair.audit.refusals({ since: from + 10 * MINUTE })).items).toEqual([
      expected[1],
    ])
    expect((await edge.pair.audit.refusals({ since: from + MINUTE })).items).toEqual(expected)
    const first = await edge.pair.audit.refusals({ limit: 1 })
    expect(first.items).toEqual([expected[0]])
    expect((await edge.pair.audit.refusals({ since: first.next! })).items).toEqual([expected[1]])

    const owner = await edge.owner()
    const { body } = await owner.call(`/auth/audit/refusals?since=${new Date(from).toISOString()}`)
    expect(body.items[0]).toMatchObject({
      from: new Date(from).toISOString(),
      until: new Date(from + 10 * MINUTE).toISOString(),
      counts: { code_invalid: 4, session_required: 1 },
    })
    expect(body.next).toBe(null)
    expect((await owner.call('/auth/audit/refusals?since=soon')).status).toBe(400)
    // None of it is in the journal.
    const { items } = await edge.pair.audit.read({ limit: 1_000 })
    expect(items.map(({ type }) => type)).toEqual(['code.issued', 'code.redeemed'])
  },
)

test('EVT-02 a flood of refusals from everywhere is one write, and one bounded row', async () => {
  const { store, commits } = counting(memoryStore())
  const edge = createEdge({ store })
  for (let n = 0; n < 3_000; n++)
    await edge.call('/auth/codes', {
      info: { remoteAddress: n % 3 === 0 ? '127.0.0.9' : `127.1.${n >> 8}.${n & 255}` },
    })
  expect(commits()).toBe(0)
  const [slice] = (await edge.pair.audit.refusals()).items
  expect(commits()).toBe(1)
  expect(slice!.counts).toEqual({ session_required: 3_000 })
  expect(slice!.addresses).toHaveLength(32)
  expect(slice!.addresses[0]).toEqual({ address: '127.0.0.9', count: 1_000 })
  expect(slice!.elsewhere + slice!.addresses.reduce((sum, { count }) => sum + count, 0)).toBe(3_000)
  expect(await rows(edge.store)).toBe(1)
  const [row] = await edge.store.list(['pair', 'refusals'], { limit: 1 })
  expect(row!.value.length).toBeLessThan(4_000)
})

test('EVT-02 all instances count into one row, none takes from another, and closing writes what is left', async () => {
  const store = memoryStore()
  const edges = Array.from({ length: 8 }, () => createEdge({ store }))
  await Promise.all(edges.map(async (edge, n) => guess(edge, `127.0.1.${n}`)))
  await Promise.all(edges.map(async ({ pair }) => pair.close()))
  const [slice] = (await createEdge({ store }).pair.audit.refusals()).items
  expect(slice!.counts).toEqual({ code_invalid: 8 })
  expect(slice!.addresses).toHaveLength(8)
})

test('EVT-02 what was counted is written by itself ten seconds after the first, once for all that came', async () => {
  const server = startServer()
  const { store, commits } = counting(server.store)
  const { refusals, timers } = openWorkshop({ store, clock: server.clock })
  const refusal = { code: 'code_invalid', reason: 'unknown', at: server.clock() }
  for (let n = 0; n < 50; n++) refusals.note(refusal)
  await timers.pass(9_999)
  expect(commits()).toBe(0)
  await timers.pass(1)
  expect(commits()).toBe(1)
  // Nobody is refused, nothing is written.
  await timers.pass(60_000)
  expect(commits()).toBe(1)
  refusals.note({ ...refusal, at: Number.NaN })
  await timers.pass(60_000)
  expect(commits()).toBe(1)
})

test('EVT-02 refusals wait for a store that is away, and are written when it is back', async () => {
  const real = memoryStore()
  let isDown = false
  const edge = createEdge({
    store: {
      ...real,
      async commit(checks, writes) {
        if (isDown) throw new Error('down')
        return real.commit(checks, writes)
      },
    },
  })
  isDown = true
  await guess(edge)
  expect((await edge.pair.audit.refusals()).items).toEqual([])
  edge.pass(10 * MINUTE)
  for (let n = 0; n < 2; n++) await guess(edge, '127.0.0.4')
  expect((await edge.pair.audit.refusals()).items).toEqual([])
  isDown = false
  const { items } = await edge.pair.audit.refusals()
  expect(items.map(({ counts }) => counts)).toEqual([{ code_invalid: 1 }, { code_invalid: 2 }])
})

test('EVT-02 counts are kept for 90 days', async () => {
  const edge = createEdge()
  await guess(edge)
  await edge.pair.audit.refusals()
  edge.pass(90 * DAY)
  await edge.pair.sweep()
  expect(await rows(edge.store)).toBe(1)
  edge.pass(11 * MINUTE)
  await edge.pair.sweep()
  expect(await rows(edge.store)).toBe(0)
})

test('EVT-02 a row that can not be read is left out, and a page of no number is refused', async () => {
  const edge = createEdge()
  await guess(edge)
  await edge.pair.audit.refusals()
  const [row] = await edge.store.list(['pair', 'refusals'], { limit: 1 })
  await edge.store.commit([], [{ key: row!.key, value: '{}', purgeAt: null }])
  expect((await edge.pair.audit.refusals()).items).toEqual([])
  for (const page of [{ since: Number.NaN }, { since: -1 }, { since: 1e16 }, { limit: 0 }])
    await expect(edge.pair.audit.refusals(page)).rejects.toMatchObject({ code: 'invalid_request' })
})
