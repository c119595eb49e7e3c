import { expect, test } from 'vitest'
import { createHome, DAY, type Home, MINUTE } from './kit/home.ts'
import { loopSocket } from './kit/loop-socket.ts'

/** From now on the answers tell a time that is of no use: what helps is the nonce alone. */
function hideTime(home: Home): { nonces: () => number } {
  let nonces = 0
  home.between(async (request, next) => {
    const response = await next()
    if (response.status !== 401) return response
    const problem = (await response.json()) as Record<string, unknown>
    if (problem['code'] === 'use_dpop_nonce') nonces++
    const { status, headers } = response
    return Response.json({ ...problem, time: new Date(0).toISOString() }, { status, headers })
  })
  return { nonces: () => nonces }
}

test.each([
  ['an hour', 60 * MINUTE],
  ['minus an hour', -60 * MINUTE],
  ['ten years', 3_650 * DAY],
])(
  'POP-03 a device whose clock is off by %s pairs, asks, renews and opens sockets',
  async (_, off) => {
    const home = createHome()
    const { WebSocket, log } = loopSocket(home)
    const client = home.profile({ transport: 'dpop', WebSocket }).open()
    home.pass(off)
    expect(await client.redeem((await home.code()).secret)).toMatchObject({ status: 'paired' })
    expect((await client.fetch('/careful')).status).toBe(200)
    home.pass(16 * MINUTE)
    expect((await client.fetch('/careful')).status).toBe(200)
    const socket = await client.openSocket('/live')
    socket.send('a note')
    await expect.poll(() => log.heard).toEqual(['a note'])
  },
)

test('POP-03 where the clock can not be put right, each request goes by its nonce', async () => {
  const home = createHome()
  const { nonces } = hideTime(home)
  const client = home.profile({ transport: 'dpop' }).open()
  home.pass(60 * MINUTE)
  expect(await client.redeem((await home.code()).secret)).toMatchObject({ status: 'paired' })
  for (const path of ['/careful', '/notes', '/careful'])
    expect((await client.fetch(path, { method: 'POST', body: 'a note' })).status).toBe(200)
  expect(await client.access.get()).toMatchObject({ cursor: expect.any(String) as string })
  home.pass(16 * MINUTE)
  expect((await client.fetch('/careful')).status).toBe(200)
  expect(nonces()).toBeGreaterThan(4)
})
