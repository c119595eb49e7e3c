import { expect, test } from 'vitest'
import type { ChainReport } from '../../src/audit/chain.ts'
import type { Store, StreamItem } from '../../src/ports/store.ts'
import { memoryStore } from '../../src/storage/memory/memory-store.ts'
import { STORES } from '../kit/stores.ts'
import { createEdge, HERE } from '../kit/edge.ts'
import { CHAIN, rewrite, sealsOf, sealThree, tampered } from './sealed.ts'

const DAY = 86_400_000
const verify = async (store: Store, options: object = CHAIN): Promise<ChainReport> =>
  createEdge({ store, ...options }).pair.audit.verify()

test.each(STORES)(
  'EVT-02 each sweep seals what came since the last, and all of it holds ($name)',
  async ({ open }) => {
    const store = open()
    const edge = await sealThree(store)
    const seals = (await sealsOf(store)).map(({ seal }) => seal)
    expect(seals.map(({ number, items }) => [number, items.length])).toEqual([
      [1, 4],
      [2, 4],
      [3, 4],
    ])
    expect(seals.map(({ previous }) => previous)).toEqual([
      null,
      seals[0]!.digest,
      seals[1]!.digest,
    ])
    const { number, digest, at } = seals[2]!
    const report = { verified: 12, forgotten: 0, gaps: 0, unsealed: 2 }
    const expected = { ok: true, latest: { number, digest, at }, ...report }
    expect(await edge.pair.audit.verify()).toEqual(expected)
    expect(await verify(store)).toEqual(expected)
    expect(await edge.pair.audit.verify({ number: 2, digest: seals[1]!.digest })).toEqual(expected)
    // Nothing new, nothing to seal.
    await edge.pair.sweep()
    await edge.pair.sweep()
    expect(await sealsOf(store)).toHaveLength(4)
  },
)

test('EVT-02 without the option nothing is sealed', async () => {
  const edge = createEdge()
  await edge.pair.codes.issue({ origin: HERE })
  await edge.pair.sweep()
  expect(await sealsOf(edge.store)).toEqual([])
  expect(await edge.pair.audit.verify()).toEqual({
    ok: true,
    latest: null,
    verified: 0,
    forgotten: 0,
    gaps: 0,
    unsealed: 1,
  })
})

/** What somebody does to sealed items, and what it is found as: by which item of the twelve, in which seal. */
const DAMAGE: readonly {
  fault: string
  edit: (items: StreamItem[]) => StreamItem[]
  at: number
  seal: number
}[] = [
  {
    fault: 'item_altered',
    edit: (items) =>
      items.map((item, n) => (n === 5 ? { ...item, value: `${item.value} ` } : item)),
    at: 5,
    seal: 2,
  },
  { fault: 'item_removed', edit: (items) => items.filter((_, n) => n !== 0), at: 0, seal: 1 },
  { fault: 'item_removed', edit: (items) => items.filter((_, n) => n !== 6), at: 6, seal: 2 },
  { fault: 'item_removed', edit: (items) => items.filter((_, n) => n !== 11), at: 11, seal: 3 },
  { fault: 'item_removed', edit: (items) => items.filter((_, n) => n > 11), at: 0, seal: 1 },
  {
    fault: 'item_reordered',
    edit: (items) =>
      items.map((item, n) =>
        n === 8 || n === 9 ? { ...item, value: items[17 - n]!.value } : item,
      ),
    at: 8,
    seal: 3,
  },
  {
    fault: 'item_altered',
    edit: (items) =>
      items.map((item, n) => (n === 0 ? { ...item, value: items[11]!.value } : item)),
    at: 0,
    seal: 1,
  },
]

test.each(DAMAGE)('EVT-02 $fault in seal $seal is told with its place', async (damage) => {
  const store = memoryStore()
  await sealThree(store)
  const { items } = await store.tail(['pair', 'journal'], null, 100)
  expect(await verify(tampered(store, damage.edit))).toEqual({
    ok: false,
    fault: damage.fault,
    seal: damage.seal,
    id: items[damage.at]!.position,
  })
})

test('EVT-02 an item that was put in between sealed ones is told, before the first, between two, behind the last of a seal', async () => {
  const store = memoryStore()
  await sealThree(store)
  const { items } = await store.tail(['pair', 'journal'], null, 100)
  for (const [behind, seal] of [
    [-1, 1],
    [1, 1],
    [3, 2],
    [10, 3],
  ] as const) {
    const position = behind === -1 ? '0' : `${items[behind]!.position}0`
    const put = (all: StreamItem[]): StreamItem[] =>
      all.toSpliced(behind + 1, 0, { ...items[0]!, position })
    const report = { ok: false, fault: 'item_inserted', seal, id: position }
    expect(await verify(tampered(store, put))).toEqual(report)
  }
})

test('EVT-02 a seal that is altered in any field, missing, or made without the key is told', async () => {
  const store = memoryStore()
  await sealThree(store)
  const seals = await sealsOf(store)
  const { key, seal } = seals[1]!
  const changes: Record<string, unknown> = {
    number: 7,
    previous: 'x',
    previousAt: 5,
    at: seal.at + 1,
    from: 'x',
    to: `${seal.to}0`,
    gap: true,
    items: seal.items.slice(1),
    digest: `${seal.digest.slice(0, -1)}${seal.digest.endsWith('A') ? 'B' : 'A'}`,
  }
  for (const [field, value] of Object.entries(changes)) {
    await rewrite(store, key, { ...seal, [field]: value })
    const report = await verify(store)
    expect([field, report.ok, 'seal' in report && report.seal]).toEqual([field, false, 2])
  }
  await rewrite(store, key, seal)
  expect(await verify(store)).toMatchObject({ ok: true })
  await rewrite(store, key, null)
  expect(await verify(store)).toMatchObject({ ok: false, fault: 'seal_missing', seal: 2 })
  await store.commit([], [{ key, value: 'not a record', purgeAt: null }])
  expect(await verify(store)).toMatchObject({ ok: false, fault: 'seal_altered', seal: 2 })
  await rewrite(store, seals[0]!.key, null)
  expect(await verify(store)).toMatchObject({ ok: false, seal: 1 })
  const other = { secret: 'another secret of these tests, 32 bytes', ...CHAIN }
  const fresh = memoryStore()
  await sealThree(fresh)
  expect(await verify(fresh, other)).toMatchObject({ ok: false, fault: 'seal_altered', seal: 1 })
})

test('EVT-02 taking away the newest seal shows, and nobody seals over its place', async () => {
  const store = memoryStore()
  await sealThree(store)
  const last = (await sealsOf(store)).at(-1)!
  await rewrite(store, last.key, null)
  expect(await verify(store)).toMatchObject({ ok: false, fault: 'seal_missing', seal: 3 })
  await rewrite(store, ['pair', 'seal-head'], null)
  expect(await verify(store)).toMatchObject({ ok: false, fault: 'seal_altered', seal: 2 })
  const left = await sealsOf(store)
  expect(left).toHaveLength(2)
  await createEdge({ store, ...CHAIN }).pair.sweep()
  expect(await sealsOf(store)).toEqual(left)
})

test('EVT-02 a chain that is set back and made anew shows by a seal that was kept elsewhere, and to a process that saw it', async () => {
  const store = memoryStore()
  const edge = await sealThree(store)
  const told = await edge.pair.audit.verify()
  if (!told.ok || told.latest === null) throw new Error('nothing is sealed')
  const { latest } = told
  // Whoever has the database takes all seals away; the server itself seals what he left.
  for (const { key } of await sealsOf(store)) await rewrite(store, key, null)
  await rewrite(store, ['pair', 'seal-head'], null)
  await edge.pair.sweep()
  expect(await sealsOf(store)).toEqual([])
  const other = createEdge({ store, ...CHAIN })
  // The codes ran out meanwhile: fourteen more changes.
  other.pass(1_000_000)
  await other.pair.sweep()
  expect(await other.pair.audit.verify()).toMatchObject({ ok: true, verified: 28 })
  expect(await other.pair.audit.verify(latest)).toMatchObject({ ok: false, fault: 'rewound' })
  expect(await edge.pair.audit.verify()).toMatchObject({ ok: false, fault: 'rewound' })
  for (let n = 0; n < 3; n++) {
    await other.pair.codes.issue({ origin: HERE })
    await other.pair.sweep()
  }
  expect(await other.pair.audit.verify(latest)).toMatchObject({
    ok: false,
    fault: 'rewound',
    seal: 3,
  })
})

test.each(STORES)(
  'EVT-02 what is forgotten in time does not count as removed, and what is forgotten early does ($name)',
  async ({ open }) => {
    const store = open()
    const edge = await sealThree(store)
    edge.pass(89 * DAY)
    await edge.pair.sweep()
    const early = tampered(store, (items) => items.slice(1))
    const late = createEdge({ store: early, ...CHAIN, clock: edge.now })
    expect(await late.pair.audit.verify()).toMatchObject({
      ok: false,
      fault: 'item_removed',
      seal: 1,
    })
    edge.pass(2 * DAY)
    await edge.pair.codes.issue({ origin: HERE })
    await edge.pair.sweep()
    expect(await edge.pair.audit.verify()).toMatchObject({ ok: true, verified: 15, forgotten: 14 })
    // Seals outlive what they cover; then they go too, the oldest first, and the rest holds by itself.
    for (let month = 0; month < 10; month++) {
      edge.pass(30 * DAY)
      await edge.pair.codes.issue({ origin: HERE })
      await edge.pair.sweep()
      expect(await edge.pair.audit.verify()).toMatchObject({ ok: true })
    }
    const seals = await sealsOf(store)
    expect(seals[0]!.seal.number).toBeGreaterThan(3)
    await rewrite(store, seals[0]!.key, null)
    expect(await edge.pair.audit.verify()).toMatchObject({ ok: false, fault: 'seal_missing' })
  },
)
