import { describe, expect, test } from 'vitest'
import type { AuthorizedAnswer } from '../../src/http/wire.ts'
import { memoryStore } from '../../src/storage/memory/memory-store.ts'
import { createApplicant, seen, settle, type Applicant } from '../kit/applicants.ts'
import { dumpStore, dumpText, wordsIn } from '../kit/dump.ts'
import { createServer, type LoggedServer } from '../kit/newcomers.ts'
import { jitteredStore, race } from '../kit/races.ts'

/** A server at which nobody was let in yet, and somebody who asks. */
async function asked(key?: null): Promise<{ server: LoggedServer; phone: Applicant }> {
  const server = createServer({ admission: 'approval' })
  const phone = await createApplicant(server, key === null ? { key } : {})
  await phone.ask()
  return { server, phone }
}

/** All that would be somebody's way in. */
const CREDENTIALS = ['device', 'grant', 'key', 'presence', 'session', 'ticket']

describe('APP-11 a request that was approved', () => {
  test('APP-11 and never collected has left no session, grant or device at any moment', async () => {
    const { server, phone } = await asked()
    const none = async (): Promise<void> => {
      const words = wordsIn(await dumpStore(server.store))
      expect(words.filter((word) => CREDENTIALS.includes(word))).toEqual([])
    }
    await none()
    await settle(server, 'approve', phone)
    await none()
    server.clock.advance(599_999)
    expect(await seen(server, phone)).toMatchObject({ state: 'approved' })
    server.clock.advance(1)
    expect(await phone.collect()).toMatchObject({ status: 410, body: { code: 'approval_expired' } })
    await none()
    await server.pair.sweep()
    expect(await phone.collect()).toMatchObject({ status: 410, body: { code: 'approval_expired' } })
    await none()
    const { items } = await server.pair.audit.read()
    expect(items.map(({ type }) => type)).toEqual([
      'approval.requested',
      'approval.approved',
      'approval.expired',
    ])
    expect(items.at(-1)).toMatchObject({ actor: { kind: 'server' }, detail: { was: 'approved' } })
  })

  test('APP-11 gives its session at the moment of collecting, of which nothing was kept before', async () => {
    const { server, phone } = await asked()
    await settle(server, 'approve', phone)
    const before = dumpText(await dumpStore(server.store))
    server.clock.advance(300_000)
    const collected = await phone.collect()
    const { session } = collected.as<AuthorizedAnswer>()
    expect(session.createdAt).toBe(new Date(server.clock()).toISOString())
    for (const text of [session.id, session.device.id, [...phone.jar.values()][0]!])
      expect(before).not.toContain(text)
    expect(collected.headers.get('cache-control')).toBe('no-store')
    expect((await phone.call('/auth/session')).body).toMatchObject({ authenticated: true })
  })

  test('APP-11 is waited for no longer than was said', async () => {
    const server = createServer({ admission: 'approval', approval: { collectMs: 60_000 } })
    for (const [ms, status] of [
      [59_999, 200],
      [60_000, 410],
    ] as const) {
      const phone = await createApplicant(server)
      await phone.ask()
      server.clock.advance(30_000)
      await settle(server, 'approve', phone)
      server.clock.advance(ms)
      expect((await phone.collect()).status).toBe(status)
    }
  })

  test('APP-11 is collected once', async () => {
    for (const key of [undefined, null] as const) {
      const { server, phone } = await asked(key)
      await settle(server, 'approve', phone)
      const jar = new Map(phone.jar)
      expect((await phone.collect()).status).toBe(200)
      // without a key the cookie is gone with that; put back, it is of no use either
      for (const pair of jar) phone.jar.set(...pair)
      expect(await phone.collect()).toMatchObject({
        status: 410,
        body: { code: 'approval_collected' },
      })
      expect(await phone.withdraw()).toMatchObject({ status: 410 })
      expect((await server.pair.sessions.list()).items).toHaveLength(1)
    }
  })

  test('APP-11 gives a guest without a key what such a guest may have, and takes its waiting cookie', async () => {
    const { server, phone } = await asked(null)
    const [waiting = ''] = [...phone.jar.keys()]
    await settle(server, 'approve', phone)
    const collected = await phone.collect()
    const { session } = collected.as<AuthorizedAnswer>()
    expect(session.scopes).toEqual(['notes:read', 'notes:write'])
    expect(Date.parse(session.expiresAt!) - server.clock()).toBe(86_400_000)
    expect([...phone.jar.keys()]).toEqual([waiting.replace(/_claim$/, '')])
    expect(collected.headers.getSetCookie()).toHaveLength(2)
    expect(collected.text).not.toContain('accessToken')
  })

  test.each([
    [undefined, 'cookie', 'a cookie'],
    [undefined, 'dpop', 'DPoP'],
    [null, 'bearer', 'Bearer'],
  ] as const)(
    'APP-11 is collected by the transport that it asked for (%s, %s)',
    async (key, transport, by) => {
      const server = createServer({ admission: 'approval' })
      const phone = await createApplicant(server, key === null ? { key } : {})
      await phone.ask({ transport })
      await settle(server, 'approve', phone)
      const collected = (await phone.collect()).as<AuthorizedAnswer>()
      expect(collected.session.transport).toBe(transport)
      expect(collected.tokenType ?? 'a cookie').toBe(by)
    },
  )
})

describe('APP-11 of 40 who collect at once', () => {
  test.each([1, 2, 3, 4, 5, 6, 7, 8])(
    'APP-11 one gets the session, by key and without (memory, round %i)',
    async (round) => {
      const store = memoryStore()
      const clocked = createServer({ admission: 'approval', store: jitteredStore(store, round) })
      const replica = createServer({
        admission: 'approval',
        clock: clocked.clock,
        store: jitteredStore(store, round + 100),
      })
      for (const key of [undefined, null] as const) {
        const phone = await createApplicant(clocked, key === null ? { key } : {})
        await phone.ask()
        await settle(clocked, 'approve', phone)
        const twin = await createApplicant(replica, { key: phone.key })
        for (const pair of phone.jar) twin.jar.set(...pair)
        twin.pending = phone.pending
        const cookie = [...phone.jar].flat().join('=')
        const answers = await race((rival) =>
          (rival % 2 ? phone : twin).collect({}, key === null ? { headers: { cookie } } : {}),
        )
        expect(answers.map(({ status }) => status).sort()).toEqual([
          200,
          ...Array.from({ length: 39 }, () => 410),
        ])
        for (const { status, body, headers } of answers)
          if (status === 410) {
            expect(body.code).toBe('approval_collected')
            expect(headers.getSetCookie()).toEqual([])
          }
      }
      expect((await replica.pair.sessions.list()).items).toHaveLength(2)
      expect((await replica.pair.devices.list()).items).toHaveLength(2)
      const { items } = await replica.pair.audit.read({ limit: 1_000 })
      expect(items.filter(({ type }) => type === 'approval.collected')).toHaveLength(2)
    },
  )

  test.each([1, 2, 3, 4, 5, 6, 7, 8])(
    'APP-11 and take it back, it is the one or the other (memory, round %i)',
    async (round) => {
      const server = createServer({
        admission: 'approval',
        store: jitteredStore(memoryStore(), round),
      })
      const phone = await createApplicant(server)
      await phone.ask()
      await settle(server, 'approve', phone)
      const answers = await race((rival) => (rival % 2 ? phone.collect() : phone.withdraw()))
      const sessions = (await server.pair.sessions.list()).items.length
      expect(answers.filter(({ status }) => status === 200)).toHaveLength(sessions)
      expect(answers.some(({ status }) => status === 204)).toBe(sessions === 0)
      const { items } = await server.pair.audit.read()
      expect(items.slice(2).map(({ type }) => type)).toEqual([
        sessions === 1 ? 'approval.collected' : 'approval.withdrawn',
      ])
    },
  )
})
