import { describe, expect, test } from 'vitest'
import type { Store } from '../../src/ports/store.ts'
import { memoryStore } from '../../src/storage/memory/memory-store.ts'
import { MINUTE, toRfc3339 } from '../../src/time.ts'
import { createDeviceKey } from '../kit/device.ts'
import { rotations } from '../kit/rotations.ts'
import { ORIGIN, startServer, type Server } from '../kit/server.ts'
import { createVisitor, pairVisitor, type Visitor } from '../kit/visitor.ts'

const ROTATE = '/keys/rotate'
const JWKS = '/jwks.json'

async function keyed(
  server: Server,
  scopes: readonly string[] = ['access:write'],
): Promise<Visitor> {
  const code = { scopes: scopes as never }
  return pairVisitor(server, { key: await createDeviceKey(), code })
}

describe('SES-11 POST /keys/rotate', () => {
  test('SES-11 makes a generation, and answers all that count', async () => {
    const server = startServer()
    const visitor = await keyed(server)
    const rotate = (body?: unknown): Promise<{ status: number; body: unknown }> =>
      visitor.call('POST', ROTATE, { proof: true, ...(body === undefined ? {} : { body }) })
    const now = server.clock()
    const rotated = await rotate()
    expect(rotated.status).toBe(200)
    const [first, fresh] = (rotated.body as { items: { id: string }[] }).items.map(({ id }) => id)
    expect(await rotate({ old: 'live-out' })).toMatchObject({
      status: 200,
      body: {
        items: [
          {
            id: first,
            signing: true,
            createdAt: toRfc3339(0),
            acceptUntil: toRfc3339(now + MINUTE + 24 * 60 * MINUTE),
          },
          {
            id: fresh,
            signing: false,
            createdAt: toRfc3339(now),
            activeAt: toRfc3339(now + MINUTE),
            acceptUntil: null,
          },
        ],
        next: null,
      },
    })
    expect(await rotations(server)).toMatchObject([
      {
        actor: { kind: 'session', sessionId: visitor.session.id },
        detail: { keyId: fresh, old: 'live-out' },
      },
    ])
    const ended = await rotate({ old: 'end' })
    expect(ended.body).toMatchObject({ items: [{ signing: true, acceptUntil: null }], next: null })
    // Who ended it renews like everybody else.
    expect((await visitor.call('GET', '/session')).body).toMatchObject({ authenticated: false })
    expect((await visitor.call('POST', '/renew', { body: {}, proof: true })).status).toBe(200)
  })

  test('SES-11 asks for access:write, and for a proof of the key', async () => {
    const server = startServer({ keyless: 'full' })
    const owner = await keyed(server)
    const reader = await keyed(server, ['access:read', 'notes:write'])
    const code = async (visitor: Visitor, proof: boolean): Promise<unknown> =>
      (await visitor.call('POST', ROTATE, { body: { old: 'end' }, proof })).body.code
    expect(await code(createVisitor(server), false)).toBe('session_required')
    expect(await code(reader, true)).toBe('insufficient_scope')
    expect(await code(owner, false)).toBe('proof_required')
    const elsewhere = await owner.key!.prove({
      htm: 'POST',
      htu: `${ORIGIN}/auth/renew`,
      at: server.clock(),
    })
    const wrong = await owner.call('POST', ROTATE, { body: {}, proof: elsewhere })
    expect(wrong.body.code).toBe('proof_invalid')
    const foreign = { origin: 'https://evil.example' }
    const crossed = await owner.call('POST', ROTATE, { body: {}, proof: true, headers: foreign })
    expect(crossed.body.code).toBe('origin_refused')
    for (const body of [{ old: 'keep' }, { old: null }, { old: 1 }, { old: ['end'] }])
      expect((await owner.call('POST', ROTATE, { body, proof: true })).body.code).toBe(
        'invalid_request',
      )
    expect((await owner.call('GET', ROTATE)).status).toBe(405)
    expect(await rotations(server)).toEqual([])
    await server.pair.sessions.revoke(owner.session.id)
    expect(await code(owner, true)).toBe('session_revoked')
    expect(await rotations(server)).toEqual([])
  })

  test('SES-11 a revoke between the look and the commit makes the rotation of the revoked one lose', async () => {
    for (const what of ['session', 'device', 'all', 'narrowed'] as const) {
      const store = memoryStore()
      let meanwhile: (() => Promise<unknown>) | null = null
      const commit: Store['commit'] = async (checks, writes) => {
        const isRotation = writes.some((write) => 'key' in write && write.key[1] === 'key-ring')
        const first = meanwhile
        if (isRotation) meanwhile = null
        if (isRotation) await first?.()
        return store.commit(checks, writes)
      }
      const server = startServer({ store: { ...store, commit } })
      const { sessions, devices } = startServer({ store, clock: server.clock }).pair
      const visitor = await keyed(server, ['access:write', 'notes:read'])
      const { id, device } = visitor.session
      meanwhile = {
        session: () => sessions.revoke(id),
        device: () => devices.revoke(device.id),
        all: () => sessions.revokeAll(),
        narrowed: () => sessions.narrow(id, ['notes:read']),
      }[what]
      const answer = await visitor.call('POST', ROTATE, { body: {}, proof: true })
      expect(meanwhile, what).toBeNull()
      expect(answer.status, what).toBe(what === 'narrowed' ? 403 : 401)
      expect(await rotations(server), what).toEqual([])
    }
  })
})

describe('SES-11 GET /jwks.json', () => {
  const get = async (server: Server, method = 'GET'): Promise<Response> =>
    (await server.pair.handler(new Request(`${ORIGIN}/auth${JWKS}`, { method })))!

  test('SES-11 tells anybody the public keys and nothing else, for less than the time before they sign', async () => {
    const server = startServer({ signing: 'eddsa' })
    const answer = await get(server)
    expect(answer.status).toBe(200)
    expect(answer.headers.get('content-type')).toBe('application/jwk-set+json')
    expect(answer.headers.get('cache-control')).toBe('public, max-age=30')
    const { keys, ...others } = (await answer.json()) as { keys: Record<string, string>[] }
    expect(others).toEqual({})
    expect(keys).toHaveLength(2)
    for (const key of keys) {
      expect(Object.keys(key).sort()).toEqual(['alg', 'crv', 'kid', 'kty', 'use', 'x'])
      expect(key).toMatchObject({ alg: 'EdDSA', crv: 'Ed25519', kty: 'OKP', use: 'sig' })
    }
    const head = await get(server, 'HEAD')
    expect([head.status, await head.text()]).toEqual([200, ''])
    expect((await get(server, 'POST')).status).toBe(405)
  })

  test('SES-11 is empty where nobody else can verify', async () => {
    expect(await (await get(startServer())).json()).toEqual({ keys: [] })
  })

  test('SES-11 holds a fresh generation before it signs, and an old one until nothing of it counts', async () => {
    const server = startServer({ signing: 'eddsa' })
    const kids = async (): Promise<string[]> =>
      ((await (await get(server)).json()) as { keys: { kid: string }[] }).keys.map(({ kid }) => kid)
    const before = await kids()
    await server.pair.signingKeys.rotate()
    const both = await kids()
    expect(both).toHaveLength(4)
    expect(both.slice(0, 2)).toEqual(before)
    server.clock.advance(MINUTE + 24 * 60 * MINUTE)
    expect(await kids()).toEqual(both.slice(2))
    await server.pair.signingKeys.rotate({ old: 'end' })
    const last = await kids()
    expect(last).toHaveLength(2)
    expect(last.filter((kid) => both.includes(kid))).toEqual([])
  })
})
