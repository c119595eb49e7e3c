import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { remoteStore } from '../../../store-sqlite/test/kit/remote-store.ts'
import type { Seal } from '../../src/audit/seal.ts'
import type { Put, Store, Write } from '../../src/ports/store.ts'
import { memoryStore } from '../../src/storage/memory/memory-store.ts'
import { createEdge, HERE, type Edge } from '../kit/edge.ts'
import { jitteredStore, race } from '../kit/races.ts'

const CHAIN = { audit: { chain: true } } as const

async function sealsOf(store: Store): Promise<Seal[]> {
  const entries = await store.list(['pair', 'seal'], { limit: 1_000 })
  return entries.map(({ value }) => (JSON.parse(value) as { record: Seal }).record)
}

/** Each item is in one seal, in order, and each seal follows on the one before. */
async function expectOneChain(store: Store): Promise<void> {
  const { items } = await store.tail(['pair', 'journal'], null, 1_000)
  const seals = await sealsOf(store)
  expect(seals.flatMap((seal) => seal.items.map(({ id }) => id))).toEqual(
    items.map(({ position }) => position),
  )
  expect(seals.map(({ number }) => number)).toEqual(seals.map((_, at) => at + 1))
  expect(seals.slice(1).map(({ previous }) => previous)).toEqual(
    seals.slice(0, -1).map(({ digest }) => digest),
  )
}

/** Eight rounds in which all of these add to the journal and sweep at once. */
async function sealTogether(edges: readonly Edge[]): Promise<void> {
  for (let round = 0; round < 8; round++) {
    await race(async (rival) => {
      const edge = edges[rival % edges.length]!
      await edge.pair.codes.issue({ origin: HERE })
      await edge.pair.sweep()
    }, edges.length)
  }
  await edges[0]!.pair.sweep()
}

test('SEC-18 of eight sealers at once one makes each seal: the chain has no fork and leaves nothing out (memory)', async () => {
  const real = memoryStore()
  const edges = Array.from({ length: 8 }, (_, n) =>
    createEdge({ store: jitteredStore(real, n + 1), ...CHAIN }),
  )
  await sealTogether(edges)
  await expectOneChain(real)
  for (const { pair } of edges) {
    const report = await pair.audit.verify()
    expect(report).toMatchObject({ ok: true, gaps: 0, unsealed: 0 })
  }
}, 60_000)

test('SEC-18 of two processes that seal one SQLite file no two make the same seal', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'pair-'))
  const stores = [remoteStore(join(folder, 'pair.db'))]
  // One makes the file.
  await stores[0]!.read(['none'])
  stores.push(remoteStore(join(folder, 'pair.db')))
  onTestFinished(async () => {
    await Promise.all(stores.map(async (store) => store.close()))
    rmSync(folder, { recursive: true })
  })
  const edges = Array.from({ length: 8 }, (_, n) => createEdge({ store: stores[n % 2]!, ...CHAIN }))
  await sealTogether(edges)
  await expectOneChain(stores[1]!)
  for (const { pair } of edges)
    expect(await pair.audit.verify()).toMatchObject({ ok: true, gaps: 0, unsealed: 0 })
}, 60_000)

/** A store in which some commits are slow: what was begun behind them is not shown until they are done. */
function horizonStore(real: Store): { store: Store; delay(isSlow: boolean): () => void } {
  let slow: Promise<void> | null = null
  let waiting = 0
  let horizon: string | null = null
  return {
    delay(isSlow) {
      if (!isSlow) slow = null
      let release = (): void => {}
      slow = new Promise((resolve) => void (release = resolve))
      return () => {
        slow = null
        release()
      }
    },
    store: {
      ...real,
      async commit(checks, writes) {
        if (slow !== null && writes.some((write) => 'append' in write)) {
          waiting++
          horizon ??= (await real.tail(['pair', 'journal'], null, 1)).latest ?? ''
          await slow
          waiting--
          if (waiting === 0) horizon = null
        }
        return real.commit(checks, writes)
      },
      async tail(stream, after, limit) {
        const told = await real.tail(stream, after, limit)
        if (horizon === null) return told
        const place = horizon
        const items = told.items.filter(({ position }) => position <= place)
        return { ...told, items, latest: place === '' ? null : place, settled: false }
      },
    },
  }
}

test('SEC-18 slow and fast commits mixed: a sealer takes nothing from behind what the store is not sure of yet', async () => {
  const { store, delay } = horizonStore(memoryStore())
  const edge = createEdge({ store, ...CHAIN })
  await edge.pair.codes.issue({ origin: HERE })
  const release = delay(true)
  const slow = edge.pair.codes.issue({ origin: HERE })
  await new Promise((resolve) => setImmediate(resolve))
  await edge.pair.sweep()
  expect((await sealsOf(store)).flatMap(({ items }) => items)).toHaveLength(1)
  release()
  await slow
  await edge.pair.sweep()
  await expectOneChain(store)
  expect(await edge.pair.audit.verify()).toMatchObject({ ok: true, verified: 2 })
})

test('SEC-18 what is written and sealed while the chain is looked at is no fault of it', async () => {
  const real = memoryStore()
  const other = createEdge({ store: real, ...CHAIN })
  const seal = async (): Promise<void> => {
    await other.pair.codes.issue({ origin: HERE })
    await other.pair.sweep()
  }
  await seal()
  let left = 3
  const edge = createEdge({
    store: {
      ...real,
      async read(key) {
        if (key[1] === 'seal-head' && left-- > 0) await seal()
        return real.read(key)
      },
    },
    ...CHAIN,
  })
  expect(await edge.pair.audit.verify()).toMatchObject({ ok: true, verified: 4, unsealed: 0 })
})

const isSeal = (write: Write): write is Put => 'key' in write && write.key[1] === 'seal'

test.each(['thrown', 'lost'] as const)(
  'EVT-02 a seal whose commit is %s leaves a chain that holds, and the next sweep goes on',
  async (how) => {
    const real = memoryStore()
    let faults = 0
    const edge = createEdge({
      store: {
        ...real,
        async commit(checks, writes) {
          if (!writes.some(isSeal) || faults++ % 3 > 1) return real.commit(checks, writes)
          if (how === 'lost') await real.commit(checks, writes)
          throw new Error('the line is broken')
        },
      },
      ...CHAIN,
    })
    for (let round = 0; round < 9; round++) {
      await edge.pair.codes.issue({ origin: HERE })
      await edge.pair.sweep().catch(() => undefined)
      expect(await edge.pair.audit.verify()).toMatchObject({ ok: true })
    }
    // What fenced a seal off is no seal; it is written over.
    await edge.pair.sweep()
    await edge.pair.sweep()
    expect(await edge.pair.audit.verify()).toMatchObject({ ok: true, verified: 9, unsealed: 0 })
  },
)

test('EVT-02 a long journal is sealed in parts, whoever dies between two leaves the rest to the next', async () => {
  const real = memoryStore()
  let left = 2
  const dying = createEdge({
    store: {
      ...real,
      async commit(checks, writes) {
        if (writes.some(isSeal) && left-- <= 0) return new Promise<never>(() => {})
        return real.commit(checks, writes)
      },
    },
    ...CHAIN,
  })
  const item = JSON.stringify({
    type: 'device.renamed',
    at: dying.now(),
    actor: { kind: 'operator' },
  })
  for (let n = 0; n < 700; n++)
    await real.commit([], [{ append: ['pair', 'journal'], value: item, purgeAt: null }])
  void dying.pair.sweep().catch(() => undefined)
  while (left >= 0) await new Promise((resolve) => setImmediate(resolve))
  const next = createEdge({ store: real, ...CHAIN })
  await next.pair.sweep()
  expect((await sealsOf(real)).map(({ items }) => items.length)).toEqual([256, 256, 188])
  expect(await next.pair.audit.verify()).toMatchObject({ ok: true, verified: 700, unsealed: 0 })
})
