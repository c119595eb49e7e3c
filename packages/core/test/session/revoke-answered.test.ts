import { expect, test } from 'vitest'
import { faultyStore } from '@pair/testkit/store'
import { createPair, memoryStore } from '../../src/index.ts'

const ORIGIN = 'http://localhost:3000'

test('a device that is revoked is answered as revoked, also where the store fails right behind it', async () => {
  const line = faultyStore(memoryStore())
  const secret = crypto.getRandomValues(new Uint8Array(32))
  const pair = createPair({ secret, store: line.store, scopes: ['notes:read'] })
  const { typed } = await pair.startupCode({ origin: ORIGIN })
  await pair.handler(
    new Request(`${ORIGIN}/auth/redeem`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ code: typed, transport: 'bearer' }),
    }),
    { remoteAddress: '127.0.0.1' },
  )
  const [device] = (await pair.devices.list()).items
  line.plan('commit', [null, 'error-before'], { thenDown: true })
  await pair.devices.revoke(device!.id)
  line.up()
  expect((await pair.sessions.list()).items).toEqual([])
  await pair.close()
})
