import { describe, expect, test } from 'vitest'
import { requireSession, requireSocket } from '../src/index.ts'
import { upgradeWebSocket } from '@hono/node-server'
import { startHome, type Home } from './kit/home.ts'

const start = (): Promise<Home> =>
  startHome((app, pair) => {
    app.get('/notes', requireSession(pair), (c) => c.text('ok'))
    app.get(
      '/live',
      requireSocket(pair),
      upgradeWebSocket(() => ({})),
    )
  })

const UPGRADE = [
  'Connection: Upgrade',
  'Upgrade: websocket',
  'Sec-WebSocket-Version: 13',
  'Sec-WebSocket-Key: AQIDBAUGBwgJCgsMDQ4PEA==',
]

describe.each([
  ['GET', '/auth/session', ['Connection: close']],
  ['GET', '/notes', ['Connection: close']],
  ['GET', '/live', UPGRADE],
])('SEC-10 %s %s over one connection (hono)', (method, path, tail) => {
  const status = async (home: Home, lines: readonly string[]): Promise<number> => {
    const answer = await home.raw([
      `${method} ${path} HTTP/1.1`,
      `Host: ${home.host}`,
      ...lines,
      ...tail,
    ])
    if (path !== '/live' && answer.slice(9, 12) === '400')
      expect(answer).toContain('duplicate_credentials')
    return Number(answer.slice(9, 12))
  }

  test('a credential that is there twice is 400, whatever its case, order and worth', async () => {
    const home = await start()
    const { authorization } = await home.bearer()
    const { cookie } = await home.owner()
    const [name] = cookie.split('=')
    const cases: [string, string[]][] = [
      [
        'the same token twice',
        [`Authorization: ${authorization}`, `Authorization: ${authorization}`],
      ],
      ['a good token and a bad', [`Authorization: ${authorization}`, 'Authorization: Bearer bad']],
      ['a bad token and a good', ['Authorization: Bearer bad', `authorization: ${authorization}`]],
      [
        'a good token and another scheme',
        [`Authorization: ${authorization}`, 'Authorization: Basic YTpi'],
      ],
      [
        'another scheme and a good token',
        ['AUTHORIZATION: Basic YTpi', `Authorization: ${authorization}`],
      ],
      ['two in one line', [`Authorization: ${authorization}, ${authorization}`]],
      ['our cookie twice in one line', [`Cookie: ${cookie}; ${cookie}`]],
      ['our cookie in two lines', [`Cookie: ${cookie}`, `Cookie: ${cookie}`]],
      ['our cookie, good and bad', [`Cookie: ${cookie}; ${name}=bad`]],
      ['our cookie, bad and good', [`Cookie: ${name}=; a=b; ${cookie}`]],
      ['two proofs', ['DPoP: a.b.c', 'DPoP: a.b.c', `Cookie: ${cookie}`]],
      ['two proofs in one line', ['DPoP: a.b.c, a.b.c', `Cookie: ${cookie}`]],
      ['two proofs without a session', ['dpop: a', 'DPOP: b']],
    ]
    for (const [what, lines] of cases)
      expect([what, await status(home, lines)]).toEqual([what, 400])
  })

  test('cookies of others beside ours are no doubles', async () => {
    const home = await start()
    const { cookie } = await home.owner()
    const [name] = cookie.split('=')
    const origin = path === '/live' ? [`Origin: ${home.origin}`] : []
    // another server of this host, on another port, has a name of its own
    const others = [`Cookie: pair_00000000=x; x${name}=y; ${cookie}; ${name}x=z; =; ;`, ...origin]
    if (path === '/live') return
    expect(await status(home, others)).toBe(200)
  })
})
