import { expect, test, vi } from 'vitest'
import type { Store } from '../../src/ports/store.ts'
import { memoryStore } from '../../src/storage/memory/memory-store.ts'
import { createKeyed, createServer, type LoggedServer, type Newcomer } from '../kit/newcomers.ts'

interface Outage {
  server: LoggedServer
  store: Store
  keyed: Newcomer
  /** The store answers again; the commit that hung is still on its way. */
  up(): void
  /** The commit that hung arrives; answers whether it was done. */
  land(): Promise<boolean>
}

/** A newcomer with a key whose pairing hangs in a store that falls silent at that moment: refused with 503. */
async function refusedPairing(): Promise<Outage> {
  const real = memoryStore()
  let land: (() => Promise<boolean>) | undefined
  let down = false
  const line =
    <A extends unknown[], R>(call: (...args: A) => Promise<R>) =>
    async (...args: A): Promise<R> => {
      if (down) throw new Error('connection reset')
      return call(...args)
    }
  const store: Store = {
    ...real,
    read: line(real.read),
    list: line(real.list),
    commit: line(async (checks, writes) => {
      const pairs = writes.some((write) => 'key' in write && write.key[1] === 'session')
      if (!pairs || land) return real.commit(checks, writes)
      land = () => real.commit(checks, writes)
      down = true
      throw new Error('connection reset')
    }),
  }
  const server = createServer({ store })
  const { typed } = await server.pair.codes.issue()
  const keyed = await createKeyed(server)
  expect((await keyed.redeem(typed)).status).toBe(503)
  return { server, store, keyed, up: () => void (down = false), land: () => land!() }
}

const renewed = async ({ keyed }: Outage): Promise<unknown> =>
  (await keyed.call('/auth/renew', { method: 'POST' })).body['code']

test('CODE-05 a pairing that lands after its 503 is ended: its key finds no session by renewal', async () => {
  const outage = await refusedPairing()
  expect(await outage.land()).toBe(true)
  outage.up()
  await vi.waitFor(async () => expect(await renewed(outage)).toBe('session_revoked'), 8_000)
  expect((await outage.server.pair.sessions.list()).items).toEqual([])
  const { items: events } = await outage.server.pair.audit.read()
  expect(events.at(-1)).toMatchObject({ type: 'session.revoked', actor: { kind: 'server' } })
})

test('CODE-05 a pairing that is still under way behind its 503 is fenced off and never lands', async () => {
  const outage = await refusedPairing()
  outage.up()
  const fence = (): Promise<unknown[]> => outage.store.list(['pair', 'session'], { limit: 9 })
  await vi.waitFor(async () => expect(await fence()).toHaveLength(1), 8_000)
  expect(await outage.land()).toBe(false)
  expect((await outage.server.pair.sessions.list()).items).toEqual([])
  expect((await outage.server.pair.codes.list()).items).toMatchObject([{ used: 0 }])
})
