import { expect, test } from 'vitest'
import { createPair, memoryStore, type Pair } from '../../src/index.ts'

const ORIGIN = 'http://localhost:3000'
const secret = 'an-app-without-scopes-needs-a-secret-too'

async function redeem(pair: Pair<never>, code: string): Promise<Response | null> {
  const body = JSON.stringify({ code, transport: 'bearer' })
  const headers = { 'content-type': 'application/json' }
  return pair.handler(new Request(`${ORIGIN}/auth/redeem`, { method: 'POST', headers, body }))
}

test('an app without scopes of its own issues codes that let in and name none', async () => {
  const pair = createPair({ secret, store: memoryStore() })
  const { typed, code } = await pair.codes.issue({ origin: ORIGIN })
  expect(code.scopes).toEqual([])
  expect((await redeem(pair, typed))?.status).toBe(200)
  await pair.close()
})

test('an app without scopes of its own lets in a device without a key by its start-up code, without access:*', async () => {
  const pair = createPair({ secret, store: memoryStore() })
  const { typed } = await pair.startupCode({ origin: ORIGIN })
  const answer = await (await redeem(pair, typed))?.json()
  expect(answer).toMatchObject({ status: 'authorized', session: { scopes: [] } })
  await pair.close()
})

test('CODE-11 in an app with scopes a device without a key burns no code that gives only access:*', async () => {
  const pair = createPair({ secret, store: memoryStore(), scopes: ['notes:read'] })
  const { typed, code } = await pair.codes.issue({ origin: ORIGIN, scopes: ['access:read'] })
  const refused = await redeem(pair as unknown as Pair<never>, typed)
  expect([refused?.status, (await refused!.json()).code]).toEqual([403, 'device_key_required'])
  expect((await pair.codes.list()).items.map(({ id }) => id)).toEqual([code.id])
  await pair.close()
})
