import { describe, expect, test, vi } from 'vitest'
import { eventRoutes } from '../../src/http/event-stream.ts'
import { memoryStore } from '../../src/storage/memory/memory-store.ts'
import type { Store } from '../../src/ports/store.ts'
import { createEdge, HERE, type Edge, type Keyed } from '../kit/edge.ts'
import { jitteredStore } from '../kit/races.ts'
import { readEvents, type EventReader, type Told } from '../kit/events.ts'

async function open(
  edge: Edge,
  device: Keyed,
  query = '',
  more: Record<string, string> = {},
): Promise<EventReader> {
  const headers = { ...(await device.headers('GET', '/auth/access/events')), ...more }
  const response = await edge.pair.handler(
    new Request(`${HERE}/auth/access/events${query}`, { headers }),
  )
  if (response?.status !== 200) throw new Error(`${response?.status} ${await response?.text()}`)
  expect(response.headers.get('content-type')).toBe('text/event-stream; charset=utf-8')
  expect(response.headers.get('cache-control')).toBe('no-store')
  return readEvents(response)
}

const rename = (edge: Edge, device: Keyed, label: string): Promise<void> =>
  edge.pair.devices.rename(device.deviceId, label)
const labelOf = (told: Told): string => JSON.parse(told.data).detail?.label

/** The next events, comments left out. */
async function take(reader: EventReader, count: number): Promise<Told[]> {
  const all: Told[] = []
  while (all.length < count) {
    const told = await reader.next()
    if (told === null) throw new Error(`ended after ${all.length}`)
    if (told.event !== 'comment') all.push(told)
  }
  return all
}

/** The last event before the stream's end. */
async function lastOf(reader: EventReader): Promise<Told | null> {
  let last: Told | null = null
  for (let told = await reader.next(); told !== null; told = await reader.next())
    if (told.event !== 'comment') last = told
  return last
}

describe('EVT-01 the stream of changes', () => {
  test('goes on from the cursor of a snapshot: nothing in between is missed', async () => {
    const edge = createEdge()
    const owner = await edge.owner()
    const { cursor } = (await owner.call('/auth/access')).body
    await rename(edge, owner, 'one')
    await rename(edge, owner, 'two')
    const reader = await open(edge, owner, `?after=${cursor}`)
    expect((await take(reader, 2)).map(labelOf)).toEqual(['one', 'two'])
    await rename(edge, owner, 'three')
    const [third] = await take(reader, 1)
    expect(third).toMatchObject({ event: 'change', id: expect.any(String) })
    expect(JSON.parse(third!.data)).toEqual({
      id: third!.id,
      type: 'device.renamed',
      at: new Date(edge.now()).toISOString(),
      actor: { kind: 'operator' },
      deviceId: owner.deviceId,
      detail: { label: 'three' },
    })
    await reader.cancel()
  })

  test('and the snapshot together tell the whole truth, whatever happens while it is taken', async () => {
    for (let round = 0; round < 8; round++) {
      const store = memoryStore()
      const edge = createEdge({ store })
      const owner = await edge.owner()
      // the snapshot is taken over a slow line, while another instance changes things at every turn
      const slow = createEdge({ store: jitteredStore(store, round + 1) })
      let taken = false
      const snapshot = owner
        .headers('GET', '/auth/access')
        .then((headers) => slow.call('/auth/access', { headers }))
      void snapshot.finally(() => (taken = true))
      for (let n = 0; !taken; n++) {
        const { code } = await edge.pair.codes.issue({ origin: HERE, label: `code ${n}` })
        if (n % 3 === 0) await edge.pair.codes.revoke(code.id)
        await new Promise((resolve) => setImmediate(resolve))
      }
      const { body } = await snapshot
      const known = new Set<string>(body.codes.map(({ id }: { id: string }) => id))
      const reader = await open(edge, owner, `?after=${body.cursor}`)
      await rename(edge, owner, 'last')
      for (const told of await reader
        .until('change')
        .then(async (first) => [...first, ...(await untilLast(reader, first))])) {
        const { type, codeId } = JSON.parse(told.data)
        if (type === 'code.issued') known.add(codeId)
        if (type === 'code.revoked' || type === 'code.evicted') known.delete(codeId)
      }
      const now = (await owner.call('/auth/codes')).body.items.map(({ id }: { id: string }) => id)
      expect([...known].sort()).toEqual(now.sort())
      await reader.cancel()
    }
  })

  async function untilLast(reader: EventReader, before: Told[]): Promise<Told[]> {
    const all: Told[] = []
    while (labelOf(all.at(-1) ?? before.at(-1)!) !== 'last') all.push(...(await take(reader, 1)))
    return all
  }

  test('resumes behind Last-Event-ID, which counts above ?after=, without holes or doubles', async () => {
    const edge = createEdge()
    const owner = await edge.owner()
    const { cursor } = (await owner.call('/auth/access')).body
    for (let n = 0; n < 5; n++) await rename(edge, owner, `n${n}`)
    const first = await open(edge, owner, `?after=${cursor}`)
    const [, second] = await take(first, 2)
    await first.cancel()
    const resumed = await open(edge, owner, `?after=${cursor}`, { 'last-event-id': second!.id! })
    expect((await take(resumed, 3)).map(labelOf)).toEqual(['n2', 'n3', 'n4'])
    await resumed.cancel()
    const byQuery = await open(edge, owner, `?after=${second!.id}`)
    expect((await take(byQuery, 3)).map(labelOf)).toEqual(['n2', 'n3', 'n4'])
    await byQuery.cancel()
  })

  test('without a cursor tells what comes, not what was', async () => {
    const edge = createEdge()
    const owner = await edge.owner()
    await rename(edge, owner, 'before')
    const reader = await open(edge, owner)
    await rename(edge, owner, 'after')
    expect((await take(reader, 1)).map(labelOf)).toEqual(['after'])
    await reader.cancel()
  })

  test('of 10,000 changes loses none for a reader that sleeps meanwhile, and keeps none for him', async () => {
    const real = memoryStore()
    let tails = 0
    const edge = createEdge({
      store: { ...real, tail: (...args) => (tails++, real.tail(...args)) },
    })
    const owner = await edge.owner()
    const reader = await open(edge, owner)
    await rename(edge, owner, 'start')
    expect((await take(reader, 1)).map(labelOf)).toEqual(['start'])
    const before = tails
    for (let n = 0; n < 10_000; n++) await rename(edge, owner, `n${n}`)
    // what nobody reads is not fetched: one page at most stands ready
    expect(tails - before).toBeLessThanOrEqual(3)
    const all = await take(reader, 10_000)
    expect(all.map(labelOf)).toEqual(Array.from({ length: 10_000 }, (_, n) => `n${n}`))
    const ids = all.map(({ id }) => id!)
    expect(ids).toEqual([...new Set(ids)].sort())
    await reader.cancel()
  }, 60_000)

  test('tells a reader whose cursor is older than the journal to start over, and goes on from there', async () => {
    const edge = createEdge({ session: { slidingMs: null } })
    const owner = await edge.owner()
    const { cursor } = (await owner.call('/auth/access')).body
    await rename(edge, owner, 'forgotten')
    edge.pass(91 * 86_400_000)
    await edge.pair.sweep()
    await rename(edge, owner, 'kept')
    const renewed = await owner.call('/auth/renew', { method: 'POST', headers: { cookie: '' } })
    expect(renewed.status).toBe(200)
    const cookie = renewed.headers.get('set-cookie')!.split(';', 1)[0]!
    const reader = await open(edge, owner, `?after=${cursor}`, { cookie })
    const [reset] = await take(reader, 1)
    expect(reset).toMatchObject({ event: 'reset', data: '{}', id: expect.any(String) })
    await rename(edge, owner, 'next')
    expect((await take(reader, 1)).map(labelOf)).toEqual(['next'])
    await reader.cancel()
    const again = await open(edge, owner, `?after=${reset!.id}`, { cookie })
    expect((await take(again, 1)).map(labelOf)).toEqual(['next'])
    await again.cancel()
  })

  test('tells a reader with a cursor of another journal to start over', async () => {
    const edge = createEdge()
    const owner = await edge.owner()
    for (const cursor of ['zzzzzzzzz-zzzzzzzzz', '~', '0', '!']) {
      const reader = await open(edge, owner, `?after=${encodeURIComponent(cursor)}`)
      expect((await take(reader, 1))[0]).toMatchObject({ event: 'reset' })
      await reader.cancel()
    }
  })

  test('refuses what is no cursor', async () => {
    const edge = createEdge()
    const owner = await edge.owner()
    for (const [query, headers] of [
      ['?after=', {}],
      ['?after=%20', {}],
      ['?after=%00', {}],
      ['?after=%C3%A9', {}],
      [`?after=${'x'.repeat(65)}`, {}],
      ['', { 'last-event-id': 'a b' }],
    ] as const) {
      const answer = await owner.call(`/auth/access/events${query}`, { headers })
      expect(answer).toMatchObject({ status: 400, body: { code: 'invalid_request' } })
    }
  })

  test.each([true, false])(
    'brings the changes of another instance (store tells of changes: %s)',
    async (watched) => {
      const { watch, ...mute } = memoryStore()
      const store: Store = watched ? { ...mute, watch: watch! } : mute
      const edge = createEdge({ store })
      const other = createEdge({ store })
      const owner = await edge.owner()
      const reader = await open(edge, owner)
      await reader.next()
      const next = take(reader, 1)
      // the reader is waiting by now; with nothing that tells, it has to look by itself
      await new Promise((resolve) => setTimeout(resolve, 20))
      const started = performance.now()
      await rename(other, owner, 'from elsewhere')
      expect((await next).map(labelOf)).toEqual(['from elsewhere'])
      expect(performance.now() - started).toBeLessThan(1_000)
      await reader.cancel()
    },
  )

  test('brings what the store could not show at once soon, also where it tells of changes', async () => {
    const real = memoryStore()
    let hidden = true
    const store: Store = {
      ...real,
      async tail(stream, after, limit) {
        const tail = await real.tail(stream, after, limit)
        if (!hidden) return tail
        const items = tail.items.filter(({ value }) => !value.includes('behind the horizon'))
        return { ...tail, items, settled: items.length === tail.items.length }
      },
    }
    const edge = createEdge({ store })
    const owner = await edge.owner()
    const reader = await open(edge, owner)
    await reader.next()
    const next = take(reader, 1)
    await rename(edge, owner, 'behind the horizon')
    await new Promise((resolve) => setTimeout(resolve, 50))
    hidden = false
    const started = performance.now()
    expect((await next).map(labelOf)).toEqual(['behind the horizon'])
    expect(performance.now() - started).toBeLessThan(1_000)
    await reader.cancel()
  })
})

describe('EVT-01 the stream ends', () => {
  test.each<[string, string, (edge: Edge, owner: Keyed) => Promise<unknown>]>([
    [
      'its session is revoked',
      'session_revoked',
      (edge, owner) => edge.pair.sessions.revoke(owner.sessionId),
    ],
    [
      'its device is revoked',
      'session_revoked',
      (edge, owner) => edge.pair.devices.revoke(owner.deviceId),
    ],
    ['all are signed out', 'session_revoked', (edge) => edge.pair.sessions.revokeAll()],
    [
      'it signs itself out',
      'session_revoked',
      (_, owner) => owner.call('/auth/logout', { method: 'POST' }),
    ],
    [
      'the scope is taken away',
      'insufficient_scope',
      (edge, owner) => edge.pair.sessions.narrow(owner.sessionId, ['notes:read']),
    ],
  ])('when %s, and says %s', async (_, code, end) => {
    const edge = createEdge()
    const owner = await edge.owner()
    const reader = await open(edge, owner)
    await reader.next()
    await end(edge, owner)
    const last = await lastOf(reader)
    expect(last).toMatchObject({ event: 'end', data: JSON.stringify({ code }) })
    expect(
      await edge.call('/auth/access/events', {
        headers: await owner.headers('GET', '/auth/access/events'),
      }),
    ).toMatchObject({
      status: code === 'session_revoked' ? 401 : 403,
      body: { code },
    })
  })

  test('when its session is revoked on another instance, within a second', async () => {
    for (const watched of [true, false]) {
      const { watch, ...mute } = memoryStore()
      const store: Store = watched ? { ...mute, watch: watch! } : mute
      const [edge, other] = [createEdge({ store }), createEdge({ store })]
      const owner = await edge.owner()
      const reader = await open(edge, owner)
      await reader.next()
      const last = lastOf(reader)
      await new Promise((resolve) => setTimeout(resolve, 20))
      const started = performance.now()
      await other.pair.sessions.revoke(owner.sessionId)
      expect(await last).toMatchObject({ event: 'end', data: '{"code":"session_revoked"}' })
      expect(performance.now() - started).toBeLessThan(1_000)
    }
  })

  test('when its session expires, and says session_expired', async () => {
    const edge = createEdge({ clock: Date.now, session: { slidingMs: 1_200 } })
    const owner = await edge.owner()
    const reader = await open(edge, owner)
    expect(await lastOf(reader)).toMatchObject({ event: 'end', data: '{"code":"session_expired"}' })
    expect((await edge.pair.sessions.list()).items).toEqual([])
  })

  test('for a sleeping reader too: of a storm behind the revoke he gets no more', async () => {
    const edge = createEdge()
    const [owner, other] = [await edge.owner(), await edge.owner()]
    const reader = await open(edge, owner)
    await reader.next()
    await edge.pair.sessions.revoke(owner.sessionId)
    await vi.waitFor(async () =>
      expect((await owner.call('/auth/session')).body.authenticated).toBe(false),
    )
    for (let n = 0; n < 500; n++) await rename(edge, other, `secret ${n}`)
    let heard = 0
    for (let told = await reader.next(); told !== null; told = await reader.next()) {
      if (told.event === 'change' && labelOf(told)?.startsWith('secret')) heard++
    }
    expect(heard).toBe(0)
  })

  test('when the server closes, and does not say that the device was signed out', async () => {
    const edge = createEdge()
    const owner = await edge.owner()
    const reader = await open(edge, owner)
    await reader.next()
    const last = lastOf(reader)
    await edge.pair.close()
    expect(await last).toBeNull()
  })

  test('when the store is away for too long, and does not say that the device was signed out', async () => {
    const real = memoryStore()
    let down = false
    const fail = <T>(call: () => Promise<T>): Promise<T> =>
      down ? Promise.reject(new Error('down')) : call()
    const store: Store = {
      ...real,
      read: (key) => fail(() => real.read(key)),
      tail: (...args) => fail(() => real.tail(...args)),
    }
    const edge = createEdge({ store, clock: Date.now })
    const owner = await edge.owner()
    const reader = await open(edge, owner)
    await reader.next()
    const last = lastOf(reader)
    down = true
    // a write of another instance wakes it
    await real.commit([], [{ append: ['pair', 'journal'], value: '{}', purgeAt: null }])
    expect(await last).toMatchObject({ event: 'end', data: '{"code":"store_unavailable"}' })
  })
})

describe('EVT-01 a reader that goes away', () => {
  test('leaves nothing behind: no look at the store, no listener', async () => {
    const real = memoryStore()
    let calls = 0
    const counted =
      <A extends unknown[], R>(call: (...args: A) => R) =>
      (...args: A): R => (calls++, call(...args))
    const edge = createEdge({
      store: { ...real, read: counted(real.read), tail: counted(real.tail) },
    })
    const [owner, other] = [await edge.owner(), await edge.owner()]
    const cost = async (): Promise<number> => {
      calls = 0
      await rename(edge, other, `n${Math.random()}`)
      await new Promise((resolve) => setTimeout(resolve, 5))
      return calls
    }
    const alone = await cost()
    const readers = []
    for (let n = 0; n < 20; n++) {
      const reader = await open(edge, owner)
      if (n % 2 === 0) await reader.next()
      readers.push(reader)
    }
    // ten wait for the next change; the others have not asked yet
    const waiting = readers
      .filter((_, n) => n % 2 === 0)
      .map((reader) => reader.next().catch(() => null))
    await new Promise((resolve) => setTimeout(resolve, 5))
    expect(await cost()).toBeGreaterThan(alone)
    await Promise.all(readers.map((reader) => reader.cancel()))
    await Promise.all(waiting)
    expect(await cost()).toBe(alone)
  })
})

test('EVT-01 the stream beats while nothing happens', async () => {
  const edge = createEdge()
  const owner = await edge.owner()
  const seen: number[] = []
  const follower = {
    next: async (idleMs: number) => {
      seen.push(idleMs)
      await new Promise((resolve) => setTimeout(resolve, 1))
      return { kind: 'idle' as const }
    },
    close: () => undefined,
  }
  // the route itself, on a journal in which nothing happens
  const response = await eventRoutes[0]!.handle({
    parts: {
      journal: { now: async () => 'start', follow: () => follower },
      live: { hold: () => () => undefined },
    },
    facts: { request: new Request(HERE), url: new URL(HERE) },
    require: async () => ({ session: { id: owner.sessionId } }),
  } as never)
  const reader = response.body!.getReader()
  const text = async (): Promise<string> => new TextDecoder().decode((await reader.read()).value)
  expect([await text(), await text(), await text()]).toEqual([
    ': open\n\n',
    ': beat\n\n',
    ': beat\n\n',
  ])
  expect(new Set(seen)).toEqual(new Set([15_000]))
  await reader.cancel()
})
