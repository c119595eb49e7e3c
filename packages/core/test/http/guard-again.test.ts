import { expect, test } from 'vitest'
import { createPair, memoryStore } from '../../src/index.ts'
import { createDeviceKey } from '../kit/device.ts'
import { startServer } from '../kit/server.ts'
import { pairVisitor } from '../kit/visitor.ts'

const ORIGIN = 'http://localhost:3000'
const HERE = { remoteAddress: '127.0.0.1' }

test('NET-01 a guard judges the session anew, also for a request that it has let through before', async () => {
  const secret = crypto.getRandomValues(new Uint8Array(32))
  const pair = createPair({ secret, store: memoryStore(), scopes: ['notes:read'] })
  const { typed } = await pair.startupCode({ origin: ORIGIN })
  const redeemed = await pair.handler(
    new Request(`${ORIGIN}/auth/redeem`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ code: typed, transport: 'bearer' }),
    }),
    HERE,
  )
  const { accessToken, session } = await redeemed!.json()
  const request = new Request(`${ORIGIN}/stream`, {
    headers: { authorization: `Bearer ${accessToken}` },
  })
  expect((await pair.guard(request, HERE, {})).ok).toBe(true)
  expect((await pair.guard(request, HERE, {})).ok).toBe(true)
  await pair.sessions.revoke(session.id)
  expect((await pair.guard(request, HERE, {})).ok).toBe(false)
  await pair.close()
})

test('SEC-10 who asks before our own routes spends nothing that they need', async () => {
  const server = startServer()
  const visitor = await pairVisitor(server, { key: await createDeviceKey(), transport: 'dpop' })
  const calls = [
    ['/auth/renew', { body: {}, authorization: null }],
    ['/auth/tickets', { body: { for: 'socket' } }],
  ] as const
  for (const [path, call] of calls) {
    const request = await visitor.request('POST', path, { ...call, proof: true })
    expect(await server.pair.identify(request.clone(), HERE)).toEqual({
      ok: true,
      auth: { kind: 'none' },
    })
    expect((await server.pair.handler(request, HERE))?.status, path).toBe(200)
  }
  await server.pair.close()
})
