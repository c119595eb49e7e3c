import { Hono } from 'hono'
import { bodyLimit } from 'hono/body-limit'
import { cors } from 'hono/cors'
import { createPair, memoryStore } from '@pair/core'
import { describe, expect, test } from 'vitest'
import { pairHono, requireSession } from '../src/index.ts'
import { startHome, type Home } from './kit/home.ts'

const code = async ({ pair, origin }: Home): Promise<string> =>
  (await pair.codes.issue({ origin })).typed

describe('a mount', () => {
  test('answers what is below the base path and leaves all else to the app (hono)', async () => {
    const home = await startHome((app) => {
      app.get('/', (c) => c.text('home'))
      app.all('/auth/nothing', (c) => c.text('not reached'))
      app.post('/echo', async (c) => c.text(await c.req.text()))
      app.notFound((c) => c.text('the app’s', 404))
    })
    expect(await home.call('/')).toMatchObject({ status: 200, text: 'home' })
    expect(await home.call('/echo', { body: 'as it was' })).toMatchObject({
      status: 200,
      text: 'as it was',
    })
    expect(await home.call('/authx')).toMatchObject({ status: 404, text: 'the app’s' })
    expect(await home.call('/auth/nothing')).toMatchObject({
      status: 404,
      body: { code: 'not_found' },
    })
    expect(await home.call('/auth/session')).toMatchObject({
      status: 200,
      body: { authenticated: false },
    })
  })

  test('pairs, renews, lists, revokes and logs out over the network (hono)', async () => {
    const home = await startHome()
    const owner = await home.owner()
    const other = await home.owner()
    expect((await owner.call('/auth/session')).body.authenticated).toBe(true)
    const issued = await owner.call('/auth/codes', { body: {} })
    expect(issued.body.link).toMatch(new RegExp(`^${home.origin}/pair#code=`))
    expect((await owner.call('/auth/sessions')).body.items).toHaveLength(2)
    expect((await owner.call(`/auth/devices/${other.deviceId}`, { method: 'DELETE' })).status).toBe(
      204,
    )
    expect(await other.call('/auth/codes')).toMatchObject({
      status: 401,
      body: { code: 'session_revoked' },
    })
    expect((await owner.call('/auth/renew', { method: 'POST' })).headers.get('set-cookie')).toMatch(
      /^pair_/,
    )
    expect(
      (await owner.call('/auth/logout', { method: 'POST' })).headers.get('set-cookie'),
    ).toMatch(/Max-Age=0/)
    expect((await owner.call('/auth/session')).body).toMatchObject({
      authenticated: false,
      reason: 'revoked',
    })
  })

  test('tells the address of the peer (hono)', async () => {
    const home = await startHome()
    await home.bearer()
    const events = (await home.pair.audit.read()).items
    expect(events.find(({ type }) => type === 'code.redeemed')?.actor).toEqual({
      kind: 'newcomer',
      address: '127.0.0.1',
    })
  })

  test('tells the address that the runtime’s own connInfo knows (hono)', async () => {
    const pair = createPair({
      secret: 'a secret of these tests, 32 bytes or more',
      store: memoryStore(),
      scopes: ['a'],
    })
    const app = new Hono().use(
      pairHono(pair, { connInfo: () => ({ remote: { address: '192.0.2.7' } }) }),
    )
    const { typed } = await pair.codes.issue({ origin: 'http://localhost' })
    const body = JSON.stringify({ code: typed })
    const answer = await app.request('http://localhost/auth/redeem', {
      method: 'POST',
      body,
      headers: { 'content-type': 'application/json' },
    })
    expect(answer.status).toBe(200)
    const events = (await pair.audit.read()).items
    expect(events.find(({ type }) => type === 'code.redeemed')?.actor).toEqual({
      kind: 'newcomer',
      address: '192.0.2.7',
    })
  })

  test('NET-05 wrong methods, HEAD and OPTIONS are answered as they must (hono)', async () => {
    const { call } = await startHome()
    const wrong = await call('/auth/session', { method: 'DELETE' })
    expect([wrong.status, wrong.headers.get('allow'), wrong.body.code]).toEqual([
      405,
      'GET, HEAD',
      'method_not_allowed',
    ])
    const head = await call('/auth/session', { method: 'HEAD' })
    expect([head.status, head.text, head.headers.get('content-type')]).toEqual([
      200,
      '',
      'application/json',
    ])
    expect((await call('/auth/redeem', { method: 'HEAD' })).status).toBe(405)
    expect((await call('/auth/access/events', { method: 'HEAD' })).status).toBe(401)
    expect((await call('/auth/session', { method: 'OPTIONS' })).status).toBe(405)
  })

  test('stands beside cors() of Hono, and its own answer for listed origins is right without (hono)', async () => {
    const listed = 'https://app.example'
    const plain = await startHome(
      (app, pair) => app.get('/notes', requireSession(pair), (c) => c.text('ok')),
      { allowedOrigins: [listed] },
    )
    const headers = { origin: listed }
    for (const path of ['/auth/session', '/auth/codes', '/notes', '/auth/nothing'])
      expect((await plain.call(path, { headers })).headers.get('access-control-allow-origin')).toBe(
        listed,
      )
    const preflight = await plain.call('/auth/redeem', {
      method: 'OPTIONS',
      headers: { ...headers, 'access-control-request-method': 'POST' },
    })
    expect([preflight.status, preflight.headers.get('access-control-allow-origin')]).toEqual([
      204,
      listed,
    ])
    const beside = await startHome(
      (app, pair) => app.get('/notes', requireSession(pair), (c) => c.text('ok')),
      {
        allowedOrigins: [listed],
        before: (app) => app.use(cors({ origin: listed, credentials: true })),
      },
    )
    const answer = await beside.call('/notes', { headers })
    expect([answer.status, answer.headers.get('access-control-allow-origin')]).toEqual([
      401,
      listed,
    ])
  })
})

describe('NET-03 a body over the network', () => {
  const post = (home: Home, headers: readonly string[], body: string): Promise<string> =>
    home.raw(
      ['POST /auth/redeem HTTP/1.1', `Host: ${home.host}`, 'Connection: close', ...headers],
      body,
    )

  test('of a megabyte is 413, with its length told or not, and the server goes on (hono)', async () => {
    const home = await startHome()
    const typed = await code(home)
    const body = JSON.stringify({ code: typed, x: 'x'.repeat(1_048_576) })
    expect(await home.call('/auth/redeem', { body })).toMatchObject({
      status: 413,
      body: { code: 'body_too_large' },
    })
    const stream = new Blob([body]).stream()
    const chunked = await home.call('/auth/redeem', {
      method: 'POST',
      body: stream,
      headers: { 'content-type': 'application/json' },
    })
    expect(chunked).toMatchObject({ status: 413, body: { code: 'body_too_large' } })
    expect((await home.call('/auth/redeem', { body: { code: typed } })).status).toBe(200)
  })

  test('that never ends is refused after 16 KiB and cut off (hono)', async () => {
    const home = await startHome()
    const chunk = `1000\r\n${' '.repeat(4_096)}\r\n`
    const answer = await post(
      home,
      ['Content-Type: application/json', 'Transfer-Encoding: chunked'],
      chunk.repeat(8),
    )
    expect(answer).toMatch(/^HTTP\/1\.1 413 /)
    expect(answer).toContain('body_too_large')
  })

  test('that lies of its length or breaks off ends nothing but its connection (hono)', async () => {
    const home = await startHome()
    const typed = await code(home)
    const json = JSON.stringify({ code: typed })
    const head = ['Content-Type: application/json']
    const whole = post(home, [...head, 'Content-Length: 99999999'], json)
    expect(await whole).toMatch(/^HTTP\/1\.1 413 /)
    expect(
      await post(home, [...head, 'Transfer-Encoding: chunked'], `5\r\n{"cod\r\nZZ\r\n`),
    ).not.toMatch(/^HTTP\/1\.1 200/)
    expect(
      await post(
        home,
        [...head, `Content-Length: ${json.length}`, 'Transfer-Encoding: chunked'],
        json,
      ),
    ).toMatch(/^(?:HTTP\/1\.1 400|$)/)
    expect((await home.call('/auth/redeem', { body: { code: typed } })).status).toBe(200)
  })

  test.each([
    ['{"code":', 400],
    ['[]', 400],
    ['{"code":"222-222-222","code":"333-333-333"}', 400],
    ['{"code":"222-222-222","__proto__":{}}', 400],
    ['{"code":"\\u0000"}', 400],
    ['{"code":"\\ud800"}', 400],
    [`{"code":"222-222-222","x":${'['.repeat(2_000)}${']'.repeat(2_000)}}`, 400],
    ['\u00ff', 400],
    ['{"code":"222-222-222"}', 401],
  ])(
    'that is broken (%#) is the same problem, read by us, by c.req.json() or by c.req.text() before (hono)',
    async (body, status) => {
      const readers: ((app: Hono) => void)[] = [
        () => undefined,
        (app) => app.use(async (c, next) => (await c.req.json().catch(() => null), next())),
        (app) => app.use(async (c, next) => (await c.req.text(), next())),
        (app) => app.use(async (c, next) => (await c.req.arrayBuffer(), next())),
        (app) => app.use(bodyLimit({ maxSize: 100_000 })),
      ]
      for (const before of readers) {
        const home = await startHome(undefined, { before })
        const answer = await home.call('/auth/redeem', {
          method: 'POST',
          body: Buffer.from(body, 'latin1'),
          headers: { 'content-type': 'application/json' },
        })
        // the name that was there twice is gone once another has parsed it
        const expected = body.includes('333') && answer.status === 401 ? 401 : status
        expect(answer.status).toBe(expected)
        expect(answer.headers.get('content-type')).toBe('application/problem+json')
      }
    },
  )

  test.each<[string, (app: Hono) => void]>([
    ['json()', (app) => app.post('*', async (c, next) => (await c.req.json(), next()))],
    ['text()', (app) => app.use(async (c, next) => (await c.req.text(), next()))],
    ['arrayBuffer()', (app) => app.use(async (c, next) => (await c.req.arrayBuffer(), next()))],
    ['bodyLimit', (app) => app.use(bodyLimit({ maxSize: 100_000 }))],
  ])('is used as it was read by %s before, also under a proof of it (hono)', async (_, before) => {
    const home = await startHome(undefined, { before })
    expect((await home.call('/auth/redeem', { body: { code: await code(home) } })).status).toBe(200)
    await home.owner()
    const form = await home.call('/auth/redeem', {
      body: JSON.stringify({ code: await code(home) }),
      headers: { 'content-type': 'text/plain' },
    })
    expect(form.status).toBe(415)
  })
})

describe('NET-02 over the network', () => {
  test('a Host that is not ours is refused on our routes and on guarded ones (hono)', async () => {
    const home = await startHome((app, pair) =>
      app.get('/notes', requireSession(pair), (c) => c.text('ok')),
    )
    const { authorization } = await home.bearer()
    for (const path of ['/auth/session', '/auth/health', '/notes']) {
      for (const [host, status] of [
        ['evil.example', 403],
        [`evil.example:${home.host.split(':')[1]}`, 403],
        ['192.168.1.7', 403],
        [home.host, 200],
        ['localhost', 200],
      ] as const) {
        const answer = await home.raw([
          `GET ${path} HTTP/1.1`,
          `Host: ${host}`,
          `Authorization: ${authorization}`,
          'Connection: close',
        ])
        expect([path, host, answer.slice(9, 12)]).toEqual([path, host, String(status)])
      }
    }
  })

  test('a Host that is junk, doubled or missing gets a 4xx and nothing else (hono)', async () => {
    const home = await startHome()
    for (const host of [
      'a b',
      'localhost@evil.example',
      'localhost/../x',
      '',
      '[::1',
      'localhost:99999999',
      '\u00e9',
    ])
      expect([
        host,
        (
          await home.raw(['GET /auth/session HTTP/1.1', `Host: ${host}`, 'Connection: close'])
        ).slice(9, 10),
      ]).toEqual([host, '4'])
    const twice = await home.raw([
      'GET /auth/session HTTP/1.1',
      `Host: ${home.host}`,
      'Host: evil.example',
      'Connection: close',
    ])
    expect(twice.slice(9, 10)).toBe('4')
    expect((await home.raw(['GET /auth/session HTTP/1.1', 'Connection: close'])).slice(9, 10)).toBe(
      '4',
    )
    expect((await home.call('/auth/session')).status).toBe(200)
  })

  test('SEC-22 other ports of this machine can not post to us, with a cookie or without (hono)', async () => {
    const home = await startHome((app, pair) =>
      app.post('/notes', requireSession(pair), (c) => c.text('ok')),
    )
    const owner = await home.owner()
    const headers = { cookie: owner.cookie }
    expect(
      (await home.call('/notes', { method: 'POST', headers: { ...headers, origin: home.origin } }))
        .status,
    ).toBe(200)
    for (const origin of [
      'http://127.0.0.1:1',
      'http://localhost:4000',
      `http://localhost:${home.host.split(':')[1]}`,
      'null',
      'https://evil.example',
    ]) {
      expect(
        (await home.call('/notes', { method: 'POST', headers: { ...headers, origin } })).status,
      ).toBe(403)
      const typed = await code(home)
      expect(
        (await home.call('/auth/redeem', { body: { code: typed }, headers: { origin } })).status,
      ).toBe(403)
      expect((await home.call('/auth/redeem', { body: { code: typed } })).status).toBe(200)
    }
  })
})
