import { describe, expect, test } from 'vitest'
import type { AuthorizedAnswer } from '../../src/http/wire.ts'
import type { KeylessPolicy } from '../../src/bootstrap/code.ts'
import { memoryStore } from '../../src/storage/memory/memory-store.ts'
import { createApplicant, letIn } from '../kit/applicants.ts'
import { dumpStore } from '../kit/dump.ts'
import {
  createServer,
  type Answer,
  type LoggedOptions,
  type LoggedServer,
} from '../kit/newcomers.ts'
import { OWNER } from '../kit/owners.ts'
import { addressOf, jitteredStore, race } from '../kit/races.ts'
import { keptSecrets, type KeptSecrets } from '../kit/secrets.ts'
import { ORIGIN, startServer } from '../kit/server.ts'

async function unclaimed(
  options: LoggedOptions = {},
): Promise<{ server: LoggedServer; secrets: KeptSecrets; secret: string }> {
  const secrets = keptSecrets()
  const server = createServer({ secret: secrets, admission: 'approval', ...options })
  const { secret } = (await server.pair.ownerSecret({ origin: ORIGIN }))!
  return { server, secrets, secret }
}

const refused = { status: 401, body: { code: 'code_invalid' } }
const seen = ({ status, text, headers }: Answer): string =>
  JSON.stringify([status, text, [...headers].sort()])

describe('NET-07 the first owner', () => {
  test('NET-07 is who brings the secret of the first start: all scopes, one event, told apart from others', async () => {
    const { server, secret, secrets } = await unclaimed()
    const owner = await createApplicant(server, { label: 'My laptop' })
    const claimed = await owner.claimOwner(secret)
    expect(claimed.status).toBe(200)
    expect(claimed.headers.get('cache-control')).toBe('no-store')
    const { session } = claimed.as<AuthorizedAnswer>()
    expect([...session.scopes].sort()).toEqual([...OWNER].sort())
    expect((await server.pair.audit.read()).items).toMatchObject([
      {
        type: 'owner.claimed',
        actor: { kind: 'newcomer', address: '203.0.113.7' },
        sessionId: session.id,
        deviceId: session.device.id,
        detail: { label: 'My laptop' },
      },
    ])
    expect([...secrets.spent]).toEqual(['owner'])
    expect((await owner.call('/auth/access')).status).toBe(200)
    // and may let others in
    await letIn(server, await createApplicant(server))
  })

  test('NET-07 is told once: neither the same device nor another claims again, nor is the secret printed again', async () => {
    const { server, secret } = await unclaimed()
    const owner = await createApplicant(server)
    expect((await owner.claimOwner(secret)).status).toBe(200)
    for (const who of [owner, await createApplicant(server)])
      expect(await who.claimOwner(secret)).toMatchObject(refused)
    expect(await server.pair.ownerSecret({ origin: ORIGIN })).toBeNull()
    expect((await server.pair.sessions.list()).items).toHaveLength(1)
    // also once that session is no more
    await server.pair.sessions.revokeAll()
    expect(await owner.claimOwner(secret)).toMatchObject(refused)
    expect(await server.pair.ownerSecret({ origin: ORIGIN })).toBeNull()
  })

  test('NET-07 hears the same of a wrong secret as of one that is spent, and a wrong one uses nothing up', async () => {
    const { server, secret, secrets } = await unclaimed()
    const thief = await createApplicant(server)
    const wrong: Answer[] = []
    for (const text of [
      '',
      'x',
      secret.slice(1),
      `${secret}A`,
      secret.toLowerCase(),
      'A'.repeat(43),
    ]) {
      thief.address = server.freshAddress()
      wrong.push(await thief.claimOwner(text))
    }
    expect(secrets.spent.size).toBe(0)
    expect((await dumpStore(server.store)).filter(({ key }) => key[1] !== 'proof')).toEqual([])
    const owner = await createApplicant(server)
    expect((await owner.claimOwner(secret)).status).toBe(200)
    thief.address = server.freshAddress()
    const spent = await thief.claimOwner(secret)
    expect(spent).toMatchObject(refused)
    expect(new Set([...wrong, spent].map(seen)).size).toBe(1)
  })

  test('NET-07 claims by a link that carries the secret in its fragment, which is nothing else', async () => {
    const { server, secret } = await unclaimed()
    const told = await server.pair.ownerSecret({ origin: 'http://ignored.example' })
    // the public URL is where people reach it
    expect(told).toEqual({ secret, link: `${ORIGIN}/pair#owner=${secret}` })
    expect(secret).toMatch(/^[\w-]{43}$/)
    for (const [path, body] of [
      ['/auth/redeem', { code: secret }],
      ['/auth/claim', { claim: secret }],
      ['/auth/renew', { refreshToken: secret }],
    ] as const)
      expect([400, 401, 403, 410]).toContain((await server.call(path, { body })).status)
    const authorization = `Bearer ${secret}`
    expect((await server.call('/auth/session', { headers: { authorization } })).body).toMatchObject(
      {
        authenticated: false,
      },
    )
    const { pair } = startServer({ secret: keptSecrets() })
    expect((await pair.ownerSecret({ origin: ORIGIN }))!.link).toMatch(
      /^http:\/\/localhost:3000\/pair#owner=/,
    )
    await expect(pair.ownerSecret({ origin: 'not a url' })).rejects.toMatchObject({
      code: 'invalid_request',
    })
  })

  test('NET-07 is not there to claim where the secret is no source that can mark it as spent', async () => {
    const server = createServer({ admission: 'approval' })
    expect(await server.pair.ownerSecret({ origin: ORIGIN })).toBeNull()
    const who = await createApplicant(server)
    expect(await who.claimOwner('A'.repeat(43))).toMatchObject({
      status: 404,
      body: { code: 'not_found' },
    })
  })

  test.each(['closed', 'code', 'approval', 'code+approval'] as const)(
    'NET-07 claims in mode %s',
    async (admission) => {
      const { server, secret } = await unclaimed({ admission })
      expect((await (await createApplicant(server)).claimOwner(secret)).status).toBe(200)
      expect(await server.pair.admission.get()).toMatchObject({ mode: admission })
    },
  )

  test.each([
    ['limited', 403],
    ['refuse', 403],
    ['full', 200],
  ] as [KeylessPolicy, number][])(
    'NET-07 without a key (keyless: %s) is answered %i, and that uses nothing up',
    async (keyless, status) => {
      const { server, secret, secrets } = await unclaimed({ keyless })
      const guest = await createApplicant(server, { key: null })
      const answer = await guest.claimOwner(secret)
      expect(answer.status).toBe(status)
      if (status === 403) expect(answer.body.code).toBe('device_key_required')
      expect(secrets.spent.size).toBe(status === 200 ? 1 : 0)
    },
  )
})

describe('NET-07 of 40 who claim at once', () => {
  test.each([1, 2, 3, 4, 5, 6, 7, 8])(
    'NET-07 one becomes the owner, over two instances on one store (memory, round %i)',
    async (round) => {
      const secrets = keptSecrets()
      const store = memoryStore()
      const options = { secret: secrets, admission: 'approval' } as const
      const one = createServer({ ...options, store: jitteredStore(store, round) })
      const two = createServer({ ...options, store: jitteredStore(store, round + 100) })
      const { secret } = (await one.pair.ownerSecret({ origin: ORIGIN }))!
      const answers = await race(async (rival) =>
        (await createApplicant(rival % 2 ? one : two, { address: addressOf(rival) })).claimOwner(
          secret,
        ),
      )
      expect(answers.map(({ status }) => status).sort()).toEqual([
        200,
        ...Array.from({ length: 39 }, () => 401),
      ])
      expect((await two.pair.sessions.list()).items).toHaveLength(1)
      expect((await two.pair.devices.list()).items).toHaveLength(1)
      expect((await two.pair.audit.read()).items.map(({ type }) => type)).toEqual(['owner.claimed'])
    },
  )
})
