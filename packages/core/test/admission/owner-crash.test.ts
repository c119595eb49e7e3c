import { describe, expect, test } from 'vitest'
import { faultyStore } from '@pair/testkit/store'
import { memoryStore } from '../../src/storage/memory/memory-store.ts'
import { createApplicant } from '../kit/applicants.ts'
import { createServer, type LoggedServer } from '../kit/newcomers.ts'
import { keptSecrets, type KeptSecrets } from '../kit/secrets.ts'
import { ORIGIN } from '../kit/server.ts'

const unavailable = { status: 503, body: { code: 'store_unavailable' } }
const refused = { status: 401, body: { code: 'code_invalid' } }

async function unclaimed(): Promise<{
  server: LoggedServer
  secrets: KeptSecrets
  line: ReturnType<typeof faultyStore>
  secret: string
  /** The same server after its process died. */
  restarted(): LoggedServer
}> {
  const secrets = keptSecrets()
  const line = faultyStore(memoryStore())
  const restarted = (): LoggedServer =>
    createServer({ secret: secrets, admission: 'approval', store: line.store })
  const server = restarted()
  const { secret } = (await server.pair.ownerSecret({ origin: ORIGIN }))!
  return { server, secrets, line, secret, restarted }
}

/** Once the owner is known nobody becomes it again, and one session is all there is. */
async function expectClaimedOnce(server: LoggedServer, secret: string): Promise<void> {
  expect(await (await createApplicant(server)).claimOwner(secret)).toMatchObject(refused)
  expect(await server.pair.ownerSecret({ origin: ORIGIN })).toBeNull()
  expect((await server.pair.sessions.list()).items).toHaveLength(1)
  const types = (await server.pair.audit.read()).items.map(({ type }) => type)
  expect(types).toEqual(['owner.claimed'])
}

describe('NET-07 a claim of the owner that breaks off', () => {
  test.each([
    ['isSpent', 'before'],
    ['getOrCreate', 'before'],
    ['getOrCreate', 'after'],
    ['markSpent', 'before'],
    ['markSpent', 'after'],
  ] as const)(
    'NET-07 where %s fails (%s it was done) is answered 503, makes nobody the owner, and is done again by the same secret',
    async (call, when) => {
      const { server, secrets, secret, restarted } = await unclaimed()
      const owner = await createApplicant(server)
      secrets.fail(call, when)
      expect(await owner.claimOwner(secret)).toMatchObject(unavailable)
      expect((await server.pair.sessions.list()).items).toEqual([])
      const again = restarted()
      expect(await (await createApplicant(again)).claimOwner('A'.repeat(43))).toMatchObject(refused)
      expect(await again.pair.ownerSecret({ origin: ORIGIN })).toMatchObject({ secret })
      const same = await createApplicant(again, { key: owner.key })
      expect((await same.claimOwner(secret)).status).toBe(200)
      await expectClaimedOnce(again, secret)
    },
  )

  // the proof, the beginning, the owner
  test.each([
    [0, 'error-before'],
    [1, 'error-before'],
    [1, 'error-after'],
    [2, 'error-before'],
  ] as const)(
    'NET-07 where commit %i meets %s and the store goes away is done again by the same secret',
    async (nth, fault) => {
      const { server, line, secret, restarted } = await unclaimed()
      const owner = await createApplicant(server)
      line.plan('commit', [...Array.from({ length: nth }, () => null), fault], { thenDown: true })
      expect(await owner.claimOwner(secret)).toMatchObject(unavailable)
      line.up()
      const again = restarted()
      expect((await again.pair.sessions.list()).items).toEqual([])
      const same = await createApplicant(again, { key: owner.key })
      expect((await same.claimOwner(secret)).status).toBe(200)
      await expectClaimedOnce(again, secret)
    },
  )

  test('NET-07 where only the answer of the last commit is lost has made the owner, and says so', async () => {
    const { server, line, secret } = await unclaimed()
    const owner = await createApplicant(server)
    line.plan('commit', [null, null, 'error-after'])
    expect((await owner.claimOwner(secret)).status).toBe(200)
    await expectClaimedOnce(server, secret)
  })
})

test('NET-07 in a mode that can not be read nobody becomes the owner, and the same secret is good once it is mended', async () => {
  const { server, secret } = await unclaimed()
  await server.store.commit([], [{ key: ['pair', 'admission'], value: 'x', purgeAt: null }])
  const owner = await createApplicant(server)
  expect(await owner.claimOwner(secret)).toMatchObject({
    status: 403,
    body: { code: 'admission_unknown' },
  })
  expect((await server.pair.sessions.list()).items).toEqual([])
  await server.pair.admission.recover('closed')
  expect((await owner.claimOwner(secret)).status).toBe(200)
})

describe('NET-07 the spent mark', () => {
  test('NET-07 outlives the store: a server that lost it is not there to claim again', async () => {
    const { server, secrets, secret } = await unclaimed()
    expect((await (await createApplicant(server)).claimOwner(secret)).status).toBe(200)
    const anew = createServer({ secret: secrets, admission: 'approval' })
    expect(await anew.pair.ownerSecret({ origin: ORIGIN })).toBeNull()
    expect(await (await createApplicant(anew)).claimOwner(secret)).toMatchObject(refused)
    expect((await anew.pair.sessions.list()).items).toEqual([])
  })

  test('NET-07 was made before there is an owner: a store that is lost in between opens nothing', async () => {
    const { server, line, secrets, secret } = await unclaimed()
    line.plan('commit', [null, null, 'error-before'], { thenDown: true })
    expect(await (await createApplicant(server)).claimOwner(secret)).toMatchObject(unavailable)
    expect([...secrets.spent]).toEqual(['owner'])
    const anew = createServer({ secret: secrets, admission: 'approval' })
    expect(await anew.pair.ownerSecret({ origin: ORIGIN })).toBeNull()
    expect(await (await createApplicant(anew)).claimOwner(secret)).toMatchObject(refused)
  })

  test('NET-07 is asked of the store too: a record that can not be read opens nothing', async () => {
    const { server, secret, secrets } = await unclaimed()
    await server.store.commit([], [{ key: ['pair', 'owner'], value: '{"kind"', purgeAt: null }])
    expect(await server.pair.ownerSecret({ origin: ORIGIN })).toBeNull()
    expect(await (await createApplicant(server)).claimOwner(secret)).toMatchObject(refused)
    expect(secrets.spent.size).toBe(0)
  })
})
