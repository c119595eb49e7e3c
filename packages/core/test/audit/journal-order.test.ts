import { expect, test, vi } from 'vitest'
import type { AuditEvent } from '../../src/audit/event.ts'
import { memoryStore } from '../../src/storage/memory/memory-store.ts'
import { createEdge, HERE, type Edge } from '../kit/edge.ts'
import { readEvents } from '../kit/events.ts'
import { jitteredStore, race } from '../kit/races.ts'

const DAY = 86_400_000

async function everything(edge: Edge): Promise<AuditEvent[]> {
  const all: AuditEvent[] = []
  for (let after: string | null | undefined; after !== null;) {
    const page: { items: AuditEvent[]; next: string | null } = await edge.pair.audit.read({
      limit: 7,
      ...(after === undefined ? {} : { after }),
    })
    all.push(...page.items)
    after = page.next
  }
  return all
}

test('SEC-18 slow and fast commits of three instances mixed: a reader that passed a place never misses one before it (memory)', async () => {
  for (let round = 0; round < 8; round++) {
    const real = memoryStore()
    const fast = createEdge({ store: real })
    const owner = await fast.owner()
    const writers = [
      fast,
      createEdge({ store: jitteredStore(real, round * 2 + 1) }),
      createEdge({ store: jitteredStore(real, round * 2 + 2) }),
    ]
    const before = (await everything(fast)).length
    const open = async (edge: Edge): Promise<ReturnType<typeof readEvents>> => {
      const response = await edge.pair.handler(
        new Request(`${HERE}/auth/access/events`, {
          headers: await owner.headers('GET', '/auth/access/events'),
        }),
      )
      return readEvents(response!)
    }
    // one reader in the process of each writer, one of them over the slow line
    const readers = await Promise.all(writers.map(open))
    await Promise.all(
      readers.map(async (reader) => {
        for (let told = await reader.next(); told?.event !== 'comment'; told = await reader.next());
      }),
    )
    const seen = readers.map(async (reader) => {
      const ids: string[] = []
      for (;;) {
        const told = await reader.next()
        if (told === null) throw new Error('ended')
        if (told.event === 'comment') continue
        expect(told.event).toBe('change')
        ids.push(told.id!)
        if (JSON.parse(told.data).detail?.label === 'the last') return ids
      }
    })
    await race(async (rival) => {
      const edge = writers[rival % 3]!
      for (let n = 0; n < 3; n++) {
        const { code } = await edge.pair.codes.issue({ origin: HERE })
        if (rival % 2 === 0) await edge.pair.codes.revoke(code.id).catch(() => undefined)
      }
    })
    await fast.pair.devices.rename(owner.deviceId, 'the last')
    const truth = (await everything(fast)).slice(before).map(({ id }) => id)
    expect(truth.length).toBeGreaterThan(120)
    expect(truth).toEqual([...new Set(truth)].sort())
    for (const ids of await Promise.all(seen)) expect(ids).toEqual(truth)
    await Promise.all(readers.map((reader) => reader.cancel()))
  }
}, 60_000)

test('SEC-18 each change is told once, in the commit that makes it: a lost commit tells nothing', async () => {
  const edge = createEdge()
  await race(() => edge.pair.codes.issue({ origin: HERE }), 40)
  const { items } = await edge.pair.codes.list()
  const events = await everything(edge)
  const issued = events.filter(({ type }) => type === 'code.issued').map(({ codeId }) => codeId)
  expect(issued).toHaveLength(40)
  expect(new Set(issued).size).toBe(40)
  const evicted = new Set(
    events.filter(({ type }) => type === 'code.evicted').map(({ codeId }) => codeId),
  )
  expect(new Set(items.map(({ id }) => id))).toEqual(
    new Set(issued.filter((id) => !evicted.has(id))),
  )
})

test('SEC-18 a place that the journal has forgotten shows as a gap, and one that it holds does not', async () => {
  const edge = createEdge()
  const { store } = edge
  const { deviceId } = await edge.owner()
  const first = (await everything(edge)).at(-1)!.id
  edge.pass(60 * DAY)
  await edge.pair.devices.rename(deviceId, 'sixty days later')
  const second = (await everything(edge)).at(-1)!.id
  edge.pass(31 * DAY)
  await edge.pair.sweep()
  await edge.pair.codes.issue({ origin: HERE })
  const { oldest, latest } = await store.tail(['pair', 'journal'], null, 100)
  expect(oldest).toBe(second)
  const tell = async (after: string): Promise<string> => {
    const owner = await edge.owner()
    const request = new Request(`${HERE}/auth/access/events?after=${after}`, {
      headers: await owner.headers('GET', '/auth/access/events'),
    })
    const reader = readEvents((await edge.pair.handler(request))!)
    await reader.next()
    const told = await reader.next()
    await reader.cancel()
    return told!.event
  }
  expect(await tell(first)).toBe('reset')
  expect(await tell(second)).toBe('change')
  expect(await tell(latest!)).toBe('change')
})

test('EVT-01 listeners in process hear every change of any instance, in order, and a thrower takes nothing from others', async () => {
  const store = memoryStore()
  const [edge, other] = [createEdge({ store }), createEdge({ store })]
  const heard: string[] = []
  edge.pair.on('change', () => {
    throw new Error('of the app')
  })
  const stop = edge.pair.on('change', ({ id }) => void heard.push(id))
  await new Promise((resolve) => setTimeout(resolve, 5))
  await race((rival) => (rival % 2 ? edge : other).pair.codes.issue({ origin: HERE }))
  const truth = (await everything(edge)).map(({ id }) => id)
  await vi.waitFor(() => expect(heard).toEqual(truth))
  stop()
  await edge.pair.codes.issue({ origin: HERE })
  await new Promise((resolve) => setTimeout(resolve, 20))
  expect(heard).toEqual(truth)
})
