import type { IncomingMessage } from 'node:http'
import { gzipSync } from 'node:zlib'
import type { RequestHandler } from 'express'
import { describe, expect, test } from 'vitest'
import { frameworks, startHome, type ExpressModule, type Home } from './kit/home.ts'

type Parser = [name: string, make: (express: ExpressModule) => RequestHandler[]]

const anything = { type: () => true }
const parsers: Parser[] = [
  ['none', () => []],
  ['json()', (express) => [express.json()]],
  ['json() of any type', (express) => [express.json(anything)]],
  ['json() of any value', (express) => [express.json({ strict: false })]],
  ['text() of any type', (express) => [express.text(anything)]],
  ['raw() of any type', (express) => [express.raw(anything)]],
  ['urlencoded()', (express) => [express.urlencoded({ extended: true })]],
  ['text() and raw()', (express) => [express.text(), express.raw()]],
  [
    'all',
    (express) => [
      express.json(),
      express.urlencoded({ extended: false }),
      express.text(),
      express.raw(),
    ],
  ],
  ['json() of Express 4 and of Express 5', () => frameworks.map(([, one]) => one.json())],
]
/** Those that read JSON and leave it as bytes or text, or don't touch it. */
const keepBytes = parsers.filter(([name]) => !name.includes('json()') && name !== 'all')
const json = { 'content-type': 'application/json' }

const startAfter = (express: ExpressModule, [, make]: Parser): Promise<Home> =>
  startHome(express, undefined, { before: (app) => void make(express).map((one) => app.use(one)) })

describe.each(frameworks)('a body (%s)', (_, express) => {
  describe.each(parsers)('after the parser %s', (...parser) => {
    test('NET-03 pairs, under a proof over it too, and so does a gzipped one that was inflated', async () => {
      const home = await startAfter(express, parser)
      expect((await home.call('/auth/redeem', { body: { code: await home.code() } })).status).toBe(
        200,
      )
      const owner = await home.owner()
      expect((await owner.call('/auth/codes', { body: { label: 'ü' } })).status).toBe(201)
      expect((await owner.call('/auth/renew', { method: 'POST' })).status).toBe(200)
      const zipped = await home.call('/auth/redeem', {
        body: gzipSync(JSON.stringify({ code: await home.code() })),
        headers: { ...json, 'content-encoding': 'gzip' },
      })
      const isInflated = /json|any|all/.test(parser[0])
      expect([zipped.status, zipped.body.code]).toEqual(
        isInflated ? [200, undefined] : [400, 'invalid_request'],
      )
      // without a body there is nothing to say, whatever a parser made of it
      expect((await owner.call('/auth/logout', { method: 'POST' })).status).toBe(204)
    })

    test('NET-03 is a problem where it is no object of JSON, and the code stays good', async () => {
      const home = await startAfter(express, parser)
      const code = await home.code()
      const post = async (
        body: string | Buffer,
        headers: Record<string, string> = json,
      ): Promise<number> => {
        const answer = await home.call('/auth/redeem', { method: 'POST', body, headers })
        const isProblem = answer.headers.get('content-type') === 'application/problem+json'
        // what a parser before us refuses is the app's to answer
        expect(isProblem || answer.body.app === 'it went wrong').toBe(true)
        return answer.status
      }
      for (const body of [
        '{"code":',
        '[]',
        'null',
        `"${code}"`,
        `{"code":"${code}","__proto__":{}}`,
        `{"code":"${code}","x":"\\u0000"}`,
        `{"code":"${code}","x":"\\ud800"}`,
        `{"code":"${code}","x":${'['.repeat(50)}${']'.repeat(50)}}`,
      ])
        expect([body, await post(body)]).toEqual([body, 400])
      expect(await post(`{"code":"${code}","x":"${'x'.repeat(20_000)}"}`)).toBe(413)
      expect(await post(`{"code":"${code}","x":"${'x'.repeat(200_000)}"}`)).toBe(413)
      expect(
        await post(`code=${code}`, { 'content-type': 'application/x-www-form-urlencoded' }),
      ).toBe(parser[0] === 'json() of any type' ? 400 : 415)
      expect(await post(`{"code":"${code}"}`, { 'content-type': 'text/plain' })).toBe(415)
      expect((await home.call('/auth/redeem', { body: { code } })).status).toBe(200)
    })
  })

  test.each(keepBytes)('NET-03 after %s is judged by its bytes', async (...parser) => {
    const home = await startAfter(express, parser)
    const code = await home.code()
    const twice = await home.call('/auth/redeem', {
      body: `{"code":"${code}","code":"${code}"}`,
      headers: json,
    })
    expect(twice.body).toMatchObject({
      status: 400,
      detail: 'A member of the body is there twice.',
    })
    const broken = await home.call('/auth/redeem', {
      body: Buffer.from(`{"code":"${code}","x":"\u00ff"}`, 'latin1'),
      headers: json,
    })
    // a parser that makes text has made a replacement character of it
    expect([broken.status, parser[0]]).toEqual(
      parser[0].startsWith('text() of any') ? [200, parser[0]] : [400, parser[0]],
    )
  })

  test('that a parser refused goes to the app’s error handler', async () => {
    const home = await startHome(express, undefined, {
      before: (app) => app.use(express.json({ limit: 100 })),
    })
    for (const [body, status] of [
      ['{"code":', 400],
      [`{"code":"${'x'.repeat(200)}"}`, 413],
    ] as const)
      expect(await home.call('/auth/redeem', { body, headers: json })).toMatchObject({
        status,
        body: { app: 'it went wrong' },
      })
    expect(home.errors).toMatchObject([
      { type: 'entity.parse.failed' },
      { type: 'entity.too.large' },
    ])
  })

  test('that something else took is no empty one: 500, and the code stays good', async () => {
    let take = true
    const home = await startHome(express, undefined, {
      before: (app) =>
        app.use((req, res, next) => {
          if (take) req.resume().once('end', () => next())
          else next()
        }),
    })
    const owned = { body: { code: await home.code() } }
    expect(await home.call('/auth/redeem', owned)).toMatchObject({
      status: 500,
      body: { code: 'internal' },
    })
    take = false
    expect((await home.call('/auth/redeem', owned)).status).toBe(200)
  })

  test.each<[string, (req: IncomingMessage) => unknown]>([
    ['listens to its data', (req) => req.on('data', () => {})],
    ['lets it flow', (req) => req.resume()],
    [
      'reads it without waiting',
      async (req) => {
        for await (const _ of req);
      },
    ],
  ])('that somebody takes who %s is never read as an empty one', async (_, take) => {
    let taken = false
    const home = await startHome(express, undefined, {
      before: (app) => app.use((req, res, next) => (void (taken && take(req)), next())),
    })
    const owner = await home.owner()
    taken = true
    const before = (await home.pair.codes.list()).items.length
    const issued = await owner.call('/auth/codes', { body: { scopes: ['notes:read'], uses: 2 } })
    expect([400, 500]).toContain(issued.status)
    expect((await home.pair.codes.list()).items).toHaveLength(before)
  })

  test('that is not ours reaches parsers behind the mount as it came', async () => {
    const home = await startHome(express, (app) => {
      app.post('/json', express.json({ limit: '5mb' }), (req, res) => void res.json(req.body))
      app.post('/raw', express.raw({ limit: '5mb' }), (req, res) => void res.send(req.body))
      app.post(
        '/form',
        express.urlencoded({ extended: true }),
        (req, res) => void res.json(req.body),
      )
    })
    const large = { text: 'ü'.repeat(1_000_000) }
    expect((await home.call('/json', { body: large })).body).toEqual(large)
    const zipped = await home.call('/json', {
      body: gzipSync(JSON.stringify(large)),
      headers: { ...json, 'content-encoding': 'gzip' },
    })
    expect(zipped.body).toEqual(large)
    const form = { 'content-type': 'application/x-www-form-urlencoded' }
    expect((await home.call('/form', { body: 'a=b', headers: form })).body).toEqual({ a: 'b' })
    const raw = { 'content-type': 'application/octet-stream' }
    expect((await home.call('/raw', { body: 'x'.repeat(2_000_000), headers: raw })).text).toBe(
      'x'.repeat(2_000_000),
    )
  })
})
