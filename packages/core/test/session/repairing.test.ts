import { describe, expect, test } from 'vitest'
import { fixedClock } from '@pair/testkit/app'
import { faultyStore } from '@pair/testkit/store'
import type { Store } from '../../src/ports/store.ts'
import { memoryStore } from '../../src/storage/memory/memory-store.ts'
import { createDeviceKey } from '../kit/device.ts'
import { NOON } from '../kit/clock.ts'
import { jitteredStore, race } from '../kit/races.ts'
import { ORIGIN, startServer, type Server } from '../kit/server.ts'
import { createVisitor, pairVisitor, type Visitor } from '../kit/visitor.ts'

async function stateOf(visitor: Visitor): Promise<unknown> {
  const { body } = await visitor.call('GET', '/session')
  return body.authenticated === true ? 'in' : (body.reason ?? 'none')
}
const code = async (server: Server): Promise<string> =>
  (await server.pair.codes.issue({ origin: ORIGIN })).typed

/** Writes of each commit that did something, as `word/part`. */
function watched(store: Store): { store: Store; commits: string[][] } {
  const commits: string[][] = []
  return {
    commits,
    store: {
      ...store,
      async commit(checks, writes) {
        const done = await store.commit(checks, writes)
        if (done)
          commits.push(
            writes.map((write) =>
              'append' in write ? write.append[1]! : `${write.key[1]}/${write.key.at(-1)}`,
            ),
          )
        return done
      },
    },
  }
}

describe('SES-09', () => {
  test('SES-09 a known key keeps its device id, and its older session ends in the commit that makes the new one', async () => {
    const { store, commits } = watched(memoryStore())
    const server = startServer({ store })
    const key = await createDeviceKey()
    const old = await pairVisitor(server, { key })
    const typed = await code(server)
    const fresh = createVisitor(server, key)
    const before = commits.length
    const answer = await fresh.redeem(typed, { label: 'A new name', scopes: ['notes:read'] })
    expect(answer.body.session.device).toMatchObject({
      id: old.session.device.id,
      label: 'A new name',
      createdAt: old.session.device.createdAt,
    })
    expect(answer.body.session.id).not.toBe(old.session.id)
    const made = commits
      .slice(before)
      .filter((writes) => !writes.every((write) => write.startsWith('proof/')))
    expect(made).toHaveLength(1)
    expect(made[0]).toEqual(
      expect.arrayContaining([
        'session/record',
        'session/revoked',
        'device/record',
        'grant/record',
        'code/record',
        'journal',
      ]),
    )
    expect([await stateOf(old), await stateOf(fresh)]).toEqual(['revoked', 'in'])
    expect((await server.pair.devices.list()).items).toHaveLength(1)
    expect((await server.pair.sessions.list()).items).toHaveLength(1)
    const event = (await server.pair.audit.read()).items.at(-1)
    expect(event).toMatchObject({
      type: 'code.redeemed',
      detail: { known: true, replacedSessionId: old.session.id },
    })
  })

  test('SES-09 renewal by the key finds the new session, with the new rights alone', async () => {
    const server = startServer()
    const key = await createDeviceKey()
    await pairVisitor(server, { key })
    const fresh = createVisitor(server, key)
    await fresh.redeem(await code(server), { scopes: ['notes:read'] })
    const renewed = await fresh.call<{ session: { id: string; scopes: string[] } }>(
      'POST',
      '/renew',
      { body: {}, proof: true },
    )
    expect(renewed.body.session).toMatchObject({ id: fresh.session.id, scopes: ['notes:read'] })
  })

  test('SES-09 of 40 pairings of one key at once every code is used once and one session stands', async () => {
    for (let round = 0; round < 8; round++) {
      const clock = fixedClock(NOON)
      const store = jitteredStore(memoryStore({ clock }), round + 5)
      const servers = [startServer({ store, clock }), startServer({ store, clock })] as const
      const key = await createDeviceKey()
      const codes: string[] = []
      for (let n = 0; n < 20; n++) codes.push(await code(servers[0]))
      const visitors = codes.map((_, n) => createVisitor(servers[n % 2]!, key))
      const answers = await race((rival) => visitors[rival % 20]!.redeem(codes[rival % 20]!))
      const won = answers.filter(({ status }) => status === 200)
      // a code that its key brings twice is answered again, as long as it was not replaced by another
      expect(won.length).toBeGreaterThanOrEqual(20)
      expect(new Set(won.map(({ body }) => body.session.device.id)).size).toBe(1)
      const { items } = await servers[0].pair.sessions.list()
      expect(items).toHaveLength(1)
      expect((await servers[0].pair.devices.list()).items).toHaveLength(1)
      const states = await Promise.all(visitors.map(stateOf))
      expect(states.filter((state) => state === 'in')).toHaveLength(1)
      expect(states.filter((state) => state === 'revoked')).toHaveLength(19)
    }
  }, 30_000)

  test('SES-09 a pairing that fails leaves the older session standing', async () => {
    const line = faultyStore(memoryStore())
    const server = startServer({ store: line.store })
    const key = await createDeviceKey()
    const old = await pairVisitor(server, { key })
    expect((await createVisitor(server, key).redeem('222-222-222')).status).toBe(401)
    expect(
      (await createVisitor(server, key).redeem(await code(server), { scopes: ['access:write'] }))
        .status,
    ).toBe(403)
    const typed = await code(server)
    line.plan('commit', [null, 'error-before'], { thenDown: true })
    expect((await createVisitor(server, key).redeem(typed)).status).toBe(503)
    line.up()
    expect(await stateOf(old)).toBe('in')
    const again = createVisitor(server, key)
    expect((await again.redeem(typed)).status).toBe(200)
    expect([await stateOf(old), await stateOf(again)]).toEqual(['revoked', 'in'])
  })

  test('SES-09 after a revoke of the device the same key starts clean: a new id, and nothing of the old revives', async () => {
    const server = startServer()
    const key = await createDeviceKey()
    const old = await pairVisitor(server, { key })
    await server.pair.devices.revoke(old.session.device.id)
    const fresh = await pairVisitor(server, { key })
    expect(fresh.session.device.id).not.toBe(old.session.device.id)
    expect([await stateOf(old), await stateOf(fresh)]).toEqual(['revoked', 'in'])
    expect((await server.pair.devices.list()).items.map(({ id }) => id)).toEqual([
      fresh.session.device.id,
    ])
  })

  test('SES-09 after a logout or an end the same key keeps its id', async () => {
    const server = startServer()
    const key = await createDeviceKey()
    const first = await pairVisitor(server, { key })
    await first.call('POST', '/logout')
    const second = await pairVisitor(server, { key, code: { session: { slidingMs: 60_000 } } })
    server.clock.advance(60_000)
    const third = await pairVisitor(server, { key })
    expect(new Set([first, second, third].map(({ session }) => session.device.id)).size).toBe(1)
    expect(await stateOf(third)).toBe('in')
  })

  test('SES-09 a re-pairing and a revoke of the device at once never leave the new session without its device', async () => {
    for (let round = 0; round < 8; round++) {
      const clock = fixedClock(NOON)
      const server = startServer({
        clock,
        store: jitteredStore(memoryStore({ clock }), round + 21),
      })
      const key = await createDeviceKey()
      const old = await pairVisitor(server, { key })
      const typed = await code(server)
      const fresh = createVisitor(server, key)
      await Promise.all([fresh.redeem(typed), server.pair.devices.revoke(old.session.device.id)])
      // Either order is right: revoked together with the device, or a new incarnation that stands.
      const state = await stateOf(fresh)
      expect(state).toBe(fresh.session.device.id === old.session.device.id ? 'revoked' : 'in')
      expect(await stateOf(old)).toBe('revoked')
    }
  })

  test('SES-09 devices without a key are never taken for one another', async () => {
    const server = startServer()
    const [one, two] = [await pairVisitor(server), await pairVisitor(server)]
    expect(one.session.device.id).not.toBe(two.session.device.id)
    expect([await stateOf(one), await stateOf(two)]).toEqual(['in', 'in'])
  })
})
