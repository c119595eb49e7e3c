import { expect, test } from 'vitest'
import { createPair, memoryStore } from '../../src/index.ts'

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
