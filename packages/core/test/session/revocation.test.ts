import { describe, expect, test } from 'vitest'
import { fixedClock } from '@pair/testkit/app'
import type { SessionItemWire } from '../../src/http/wire.ts'
import type { Store } from '../../src/ports/store.ts'
import { memoryStore } from '../../src/storage/memory/memory-store.ts'
import { createDeviceKey } from '../kit/device.ts'
import { NOON } from '../kit/clock.ts'
import { jitteredStore, race } from '../kit/races.ts'
import { ORIGIN, startServer, type Server } from '../kit/server.ts'
import { createVisitor, pairVisitor, type Visitor } from '../kit/visitor.ts'

const keyed = async (server: Server): Promise<Visitor> =>
  pairVisitor(server, { key: await createDeviceKey() })

async function reasonOf(visitor: Visitor): Promise<unknown> {
  const { body } = await visitor.call('GET', '/session')
  return body.authenticated === true ? 'in' : (body.reason ?? 'none')
}

describe('SES-06', () => {
  test('SES-06 sessions are listed with device, presence and which one asks', async () => {
    const server = startServer()
    const [one, two] = [await keyed(server), await keyed(server)]
    const { body } = await one.call<{ items: SessionItemWire[]; next: null }>('GET', '/sessions', {
      proof: true,
    })
    expect(body.next).toBeNull()
    expect(body.items.map(({ id }) => id).sort()).toEqual([one.session.id, two.session.id].sort())
    expect(body.items.filter(({ current }) => current).map(({ id }) => id)).toEqual([
      one.session.id,
    ])
    for (const item of body.items) {
      expect(item).toMatchObject({
        device: { label: 'A device', kind: 'browser' },
        presence: { online: true },
      })
      expect(JSON.stringify(item)).not.toMatch(/epoch|grantId|hash|renewal/)
    }
  })

  test('SES-06 revoking one ends it at once and no other, and is told apart', async () => {
    const server = startServer()
    const [one, two] = [await keyed(server), await keyed(server)]
    const answer = await one.call('DELETE', `/sessions/${two.session.id}`, { proof: true })
    expect(answer.status).toBe(204)
    expect([await reasonOf(one), await reasonOf(two)]).toEqual(['in', 'revoked'])
    expect((await one.call('DELETE', `/sessions/${two.session.id}`, { proof: true })).status).toBe(
      404,
    )
    for (const id of [
      'x',
      'ses_',
      `ses_${'A'.repeat(22)}`,
      '..',
      one.session.device.id,
      'revoke-all',
      '%2e%2e',
    ]) {
      expect((await one.call('DELETE', `/sessions/${id}`, { proof: true })).status, id).toBe(404)
    }
    expect(await server.pair.guard(await two.request('GET', '/x'), undefined, {})).toMatchObject({
      ok: false,
      response: expect.objectContaining({ status: 401 }),
    })
  })

  test('SES-06 revoke-others leaves the one that asks, with its cookie, and ends codes too', async () => {
    const server = startServer()
    const [one, two, three] = [
      await keyed(server),
      await keyed(server),
      await pairVisitor(server, { transport: 'bearer' }),
    ]
    const { typed } = await server.pair.codes.issue({ origin: ORIGIN })
    expect(
      (await one.call('POST', '/sessions/revoke-others', { body: {}, proof: true })).status,
    ).toBe(204)
    expect([await reasonOf(one), await reasonOf(two), await reasonOf(three)]).toEqual([
      'in',
      'revoked',
      'revoked',
    ])
    expect((await createVisitor(server).redeem(typed)).status).toBe(401)
    expect((await one.call('POST', '/renew', { body: {}, proof: true })).status).toBe(200)
    expect((await two.call('POST', '/renew', { body: {}, proof: true })).body.code).toBe(
      'session_revoked',
    )
    expect((await server.pair.sessions.list()).items).toHaveLength(1)
    const fresh = await keyed(server)
    expect(await reasonOf(fresh)).toBe('in')
  })

  test('SES-06 revoke-all ends every one, the one that asks too', async () => {
    const server = startServer()
    const visitors = await Promise.all(Array.from({ length: 5 }, () => keyed(server)))
    expect(
      (await visitors[0]!.call('POST', '/sessions/revoke-all', { body: {}, proof: true })).status,
    ).toBe(204)
    for (const visitor of visitors) expect(await reasonOf(visitor)).toBe('revoked')
    expect((await server.pair.sessions.list()).items).toEqual([])
    expect(await reasonOf(await keyed(server))).toBe('in')
  })

  test('SES-06 revoke-all is one commit of one epoch, however many sessions there are', async () => {
    const { store, commits } = counted(memoryStore())
    const server = startServer({ store })
    for (let n = 0; n < 30; n++) await pairVisitor(server)
    const before = commits.length
    await server.pair.sessions.revokeAll()
    expect(commits.slice(before)).toEqual([['epoch', 'journal']])
  })

  test('SES-06 of 40 pairings at the moment of a revoke-all none keeps a session of the old age', async () => {
    for (let round = 0; round < 8; round++) {
      const clock = fixedClock(NOON)
      const server = startServer({ clock, store: jitteredStore(memoryStore({ clock }), round + 3) })
      const codes = await Promise.all(
        Array.from({ length: 19 }, () => server.pair.codes.issue({ origin: ORIGIN })),
      )
      const visitors = codes.map(() => createVisitor(server))
      await race(async (rival) => {
        if (rival === 10) return server.pair.sessions.revokeAll()
        const code = codes[rival]
        if (code) await visitors[rival]!.redeem(code.typed)
      })
      expect((await server.pair.sessions.list()).items).toEqual([])
      for (const visitor of visitors.filter(({ jar }) => jar.size > 0))
        expect(await reasonOf(visitor)).toBe('revoked')
    }
  })

  test('SES-06 a session may log itself out, without any scope of ours and by its cookie alone', async () => {
    const server = startServer()
    const visitor = await pairVisitor(server, {
      key: await createDeviceKey(),
      code: { scopes: ['notes:read'] },
    })
    const other = await keyed(server)
    const cookie = new Map(visitor.jar)
    expect((await visitor.call('POST', '/logout')).status).toBe(204)
    expect(visitor.jar.size).toBe(0)
    visitor.jar = cookie
    expect([await reasonOf(visitor), await reasonOf(other)]).toEqual(['revoked', 'in'])
    expect((await visitor.call('POST', '/logout')).body.code).toBe('session_revoked')
    const events = (await server.pair.audit.read()).items.filter(
      ({ sessionId }) => sessionId === visitor.session.id,
    )
    expect(events.map(({ type }) => type)).toEqual(['code.redeemed', 'session.ended'])
    expect(events[1]!.actor).toMatchObject({ kind: 'session', sessionId: visitor.session.id })
  })

  test('SES-06 40 revokes of one session at once tell the journal once', async () => {
    for (let round = 0; round < 8; round++) {
      const clock = fixedClock(NOON)
      const store = jitteredStore(memoryStore({ clock }), round + 11)
      const [one, two] = [startServer({ clock, store }), startServer({ clock, store })]
      const visitor = await pairVisitor(one)
      const outcomes = await race((rival) =>
        (rival % 2 ? one : two).pair.sessions.revoke(visitor.session.id).then(
          () => 'done',
          (error: { code: string }) => error.code,
        ),
      )
      expect(outcomes.filter((outcome) => outcome === 'done')).toHaveLength(1)
      expect(outcomes.filter((outcome) => outcome === 'not_found')).toHaveLength(39)
      expect(
        (await one.pair.audit.read()).items.filter(({ type }) => type === 'session.revoked'),
      ).toHaveLength(1)
    }
  })

  test('SES-06 last seen is written once a minute at most, whatever the traffic, and moves no other record', async () => {
    const { store, commits } = counted(memoryStore())
    const server = startServer({ store })
    const visitor = await pairVisitor(server)
    const before = commits.length
    await race(async () => visitor.call('GET', '/session'))
    for (let n = 0; n < 100; n++) await visitor.call('GET', '/session')
    expect(commits.slice(before)).toEqual([['presence']])
    server.clock.advance(59_999)
    await visitor.call('GET', '/session')
    expect(commits.length - before).toBe(1)
    server.clock.advance(1)
    await race(async () => visitor.call('GET', '/session'))
    expect(commits.slice(before)).toEqual([['presence'], ['presence']])
  })

  test('SES-06 who was not seen for 90 s is offline, and last seen is to the minute', async () => {
    const server = startServer()
    const visitor = await pairVisitor(server)
    const start = server.clock()
    const presence = async (): Promise<unknown> =>
      (await server.pair.sessions.list()).items[0]!.presence
    expect(await presence()).toEqual({ lastSeenAt: start, online: true })
    server.clock.advance(89_999)
    expect(await presence()).toEqual({ lastSeenAt: start, online: true })
    server.clock.advance(1)
    expect(await presence()).toEqual({ lastSeenAt: start, online: false })
    await visitor.call('GET', '/session')
    expect(await presence()).toEqual({ lastSeenAt: start + 90_000, online: true })
    expect((await server.pair.devices.list()).items[0]!.presence).toEqual({
      lastSeenAt: start + 90_000,
      online: true,
    })
  })

  test('SES-06 CODE-12 a store that can not write presence refuses nobody, once no code can be redeemed again', async () => {
    const real = memoryStore()
    const server = startServer({
      store: {
        ...real,
        commit: async (checks, writes) =>
          writes.some((write) => 'key' in write && write.key[1] === 'presence')
            ? Promise.reject(new Error('full'))
            : real.commit(checks, writes),
      },
    })
    const visitor = await pairVisitor(server)
    // its first use is not on record, and whoever lost the answer might be handed the session
    const { status, body } = await visitor.call('GET', '/session')
    expect([status, body.code]).toEqual([503, 'store_unavailable'])
    server.clock.advance(120_000)
    expect(await reasonOf(visitor)).toBe('in')
  })
})

/** The same store, and the words that each commit wrote. */
function counted(store: Store): { store: Store; commits: string[][] } {
  const commits: string[][] = []
  return {
    commits,
    store: {
      ...store,
      commit(checks, writes) {
        commits.push(writes.map((write) => ('append' in write ? write.append : write.key)[1]!))
        return store.commit(checks, writes)
      },
    },
  }
}
