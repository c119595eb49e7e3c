import { faultyStore, type Fault, type FaultyStore } from '@pair/testkit/store'
import { expect, test, vi } from 'vitest'
import { memoryStore } from '../../src/storage/memory/memory-store.ts'
import { createApplicant, type Applicant } from '../kit/applicants.ts'
import { createServer, type LoggedServer } from '../kit/newcomers.ts'
import { keptSecrets } from '../kit/secrets.ts'
import { ORIGIN } from '../kit/server.ts'

interface Outage {
  server: LoggedServer
  line: FaultyStore
  owner: Applicant
  secret: string
}

/** The right one, who was told 503: the store fell silent at the last commit of his claim. */
async function refused(fault: Fault): Promise<Outage> {
  const line = faultyStore(memoryStore())
  const server = createServer({ secret: keptSecrets(), admission: 'approval', store: line.store })
  const { secret } = (await server.pair.ownerSecret({ origin: ORIGIN }))!
  const owner = await createApplicant(server)
  // his proof, the beginning, the owner
  line.plan('commit', [null, null, fault], { thenDown: true })
  expect(await owner.claimOwner(secret)).toMatchObject({ status: 503 })
  return { server, line, owner, secret }
}

/** Nobody is in by what was refused, and the same secret makes an owner, once. */
async function expectClaimable({ server, owner, secret }: Outage): Promise<void> {
  await vi.waitFor(
    async () => expect(await server.pair.ownerSecret({ origin: ORIGIN })).toMatchObject({ secret }),
    8_000,
  )
  expect((await server.pair.sessions.list()).items).toEqual([])
  expect((await owner.call('/auth/renew', { method: 'POST' })).status).toBe(401)
  const again = await createApplicant(server, { key: owner.key })
  expect((await again.claimOwner(secret)).status).toBe(200)
  expect((await (await createApplicant(server)).claimOwner(secret)).status).toBe(401)
  expect((await server.pair.sessions.list()).items).toHaveLength(1)
}

test('NET-07 a claim that was done behind its 503 makes nobody the owner, and the secret is good once more', async () => {
  const outage = await refused('error-after')
  outage.line.up()
  expect((await outage.server.pair.sessions.list()).items).toHaveLength(1)
  await expectClaimable(outage)
  const { items } = await outage.server.pair.audit.read()
  expect(items.map(({ type }) => type)).toEqual([
    'owner.claimed',
    'session.revoked',
    'owner.claimed',
  ])
})

test('NET-07 a claim that lands late behind its 503 makes nobody the owner', async () => {
  const outage = await refused('hang-before')
  expect(await outage.line.release()).toEqual([true])
  outage.line.up()
  expect((await outage.server.pair.sessions.list()).items).toHaveLength(1)
  await vi.waitFor(
    async () => expect((await outage.server.pair.sessions.list()).items).toEqual([]),
    8_000,
  )
  await expectClaimable(outage)
})

test('NET-07 who claimed again meanwhile stays the owner when the first claim is undone', async () => {
  const { server, line, owner, secret } = await refused('hang-before')
  line.up()
  const other = await createApplicant(server)
  expect((await other.claimOwner(secret)).status).toBe(200)
  expect(await line.release()).toEqual([false])
  // the place of the first session is fenced off by then
  const sessions = (): Promise<unknown[]> => line.store.list(['pair', 'session'], { limit: 9 })
  await vi.waitFor(async () => expect(await sessions()).toHaveLength(2), 8_000)
  expect((await other.call('/auth/session')).body).toMatchObject({ authenticated: true })
  expect((await owner.call('/auth/renew', { method: 'POST' })).status).toBe(401)
  expect(await server.pair.ownerSecret({ origin: ORIGIN })).toBeNull()
  expect((await server.pair.sessions.list()).items).toHaveLength(1)
})
