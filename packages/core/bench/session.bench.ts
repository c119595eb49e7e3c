import { jwtVerify, SignJWT } from 'jose'
import { expect, test } from 'vitest'
import { createPair, memoryStore } from '../src/index.ts'

const ORIGIN = 'http://localhost:3000'
const secret = crypto.getRandomValues(new Uint8Array(32))

test('a guard on the memory store, beside a bare jose verification', async ({ bench }) => {
  const pair = createPair({ secret, store: memoryStore(), scopes: ['notes:read'] })
  const { typed } = await pair.startupCode({ origin: ORIGIN })
  const redeemed = await pair.handler(
    new Request(`${ORIGIN}/auth/redeem`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ code: typed, transport: 'bearer' }),
    }),
  )
  const { accessToken } = (await redeemed!.json()) as { accessToken: string }
  const guard = async (): Promise<void> => {
    const request = new Request(`${ORIGIN}/notes`, {
      headers: { authorization: `Bearer ${accessToken}` },
    })
    const { ok } = await pair.guard(request, undefined, { scopes: ['notes:read'] })
    if (!ok) throw new Error('refused')
  }
  const token = await new SignJWT({})
    .setProtectedHeader({ alg: 'HS256' })
    .setExpirationTime('1h')
    .sign(secret)
  const bare = async (): Promise<void> => void (await jwtVerify(token, secret))

  const jose = await bench('jose jwtVerify, HS256, no state', bare).run({ time: 500 })
  const ours = await bench('guard: token, epoch, session, grant, device', guard).run({ time: 500 })
  console.log(
    `guard ${(ours.throughput.mean / jose.throughput.mean).toFixed(2)} × a bare jose verification`,
  )
  expect(ours.throughput.mean).toBeGreaterThan(0)
  await pair.close()
})

test('codes issued and redeemed on the memory store', async ({ bench }) => {
  const pair = createPair({ secret, store: memoryStore(), scopes: ['notes:read'] })
  const cycle = async (): Promise<void> => {
    const { typed } = await pair.codes.issue({ origin: ORIGIN })
    const response = await pair.handler(
      new Request(`${ORIGIN}/auth/redeem`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ code: typed, transport: 'bearer' }),
      }),
    )
    if (response?.status !== 200) throw new Error('refused')
  }
  const ours = await bench('issue and redeem', cycle).run({ time: 500 })
  expect(ours.throughput.mean).toBeGreaterThan(0)
  await pair.close()
})
