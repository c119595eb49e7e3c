import { faultyStore, type FaultyStore } from '@pair/testkit/store'
import { expect, test, vi } from 'vitest'
import { memoryStore } from '../../src/storage/memory/memory-store.ts'
import { createKeyed, createServer, type LoggedServer, type Newcomer } from '../kit/newcomers.ts'

interface Outage {
  line: FaultyStore
  server: LoggedServer
  keyed: Newcomer
}

/** A newcomer with a key, refused with 503: at its commit the store falls silent. */
async function refusedPairing(fault: 'error-after' | 'hang-before'): Promise<Outage> {
  const line = faultyStore(memoryStore())
  const server = createServer({ store: line.store })
  const { typed } = await server.pair.codes.issue()
  const keyed = await createKeyed(server)
  // the first commit spends its proof
  line.plan('commit', [null, fault], { thenDown: true })
  expect((await keyed.redeem(typed)).status).toBe(503)
  return { line, server, keyed }
}

const renewed = async ({ keyed }: Outage): Promise<unknown> =>
  (await keyed.call('/auth/renew', { method: 'POST' })).body['code']

async function isEnded(outage: Outage): Promise<void> {
  await vi.waitFor(async () => expect(await renewed(outage)).toBe('session_revoked'), 8_000)
  expect((await outage.server.pair.sessions.list()).items).toEqual([])
  const { items: events } = await outage.server.pair.audit.read()
  expect(events.at(-1)).toMatchObject({ type: 'session.revoked', actor: { kind: 'server' } })
}

test('CODE-05 a pairing that was done behind its 503 is ended: its key finds no session by renewal', async () => {
  const outage = await refusedPairing('error-after')
  outage.line.up()
  await isEnded(outage)
})

test('CODE-05 it is ended also where the store stumbles once more while that is done', async () => {
  for (const fault of ['error-before', 'error-after'] as const) {
    const outage = await refusedPairing('error-after')
    outage.line.up()
    outage.line.plan('commit', fault)
    await vi.waitFor(() => expect(outage.line.calls('commit')).toBeGreaterThan(3), 8_000)
    await isEnded(outage)
  }
})

test('CODE-05 a pairing that lands long after its 503 is ended', async () => {
  const outage = await refusedPairing('hang-before')
  await outage.line.release()
  outage.line.up()
  await isEnded(outage)
})

test('CODE-05 a pairing that is still under way behind its 503 is fenced off and never lands', async () => {
  const outage = await refusedPairing('hang-before')
  outage.line.up()
  const fence = (): Promise<unknown[]> => outage.line.store.list(['pair', 'session'], { limit: 9 })
  await vi.waitFor(async () => expect(await fence()).toHaveLength(1), 8_000)
  expect(await outage.line.release()).toEqual([false])
  expect((await outage.server.pair.sessions.list()).items).toEqual([])
  expect((await outage.server.pair.codes.list()).items).toMatchObject([{ used: 0 }])
})
