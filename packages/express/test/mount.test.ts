import { memoryStore } from '@pair/core'
import { describe, expect, test } from 'vitest'
import { pairExpress, requireSession } from '../src/index.ts'
import { frameworks, startHome } from './kit/home.ts'

describe.each(frameworks)('a mount (%s)', (_, express) => {
  test('answers what is below the base path and leaves all else to the app', async () => {
    const home = await startHome(express, (app) => {
      app.get('/', (req, res) => void res.send('home'))
      app.all('/auth/nothing', (req, res) => void res.send('not reached'))
      app.post('/echo', express.text(), (req, res) => void res.send(req.body))
      app.post('/pipe', (req, res) => void req.pipe(res))
      app.use((req, res) => void res.status(404).send('the app’s'))
    })
    expect(await home.call('/')).toMatchObject({ status: 200, text: 'home' })
    const headers = { 'content-type': 'text/plain' }
    for (const path of ['/echo', '/pipe'])
      expect(await home.call(path, { body: 'as it was', headers })).toMatchObject({
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

  test('NET-04 below a path of the app, in a router or a sub-app, goes by the path that was asked', async () => {
    const home = await startHome(
      express,
      (app, pair) => {
        const inner = express.Router()
        inner.get('/notes', requireSession(pair, { proof: 'required' }), (req, res) => {
          res.json({ url: req.url, proven: req.pair.proven })
        })
        app.use('/x/api', express().use('/v1', inner))
        app.use('/auth', (req, res) => void res.send('the app’s'))
      },
      {
        basePath: '/x/auth',
        mount: (app, pair) => {
          app.use('/x', express.Router().use(pairExpress(pair)))
        },
      },
    )
    const owner = await home.owner({ below: '/x' })
    expect((await owner.call('/auth/session')).body.authenticated).toBe(true)
    expect((await owner.call('/auth/sessions')).body.items).toHaveLength(1)
    expect((await owner.call('/api/v1/notes?a=b')).body).toEqual({
      url: '/notes?a=b',
      proven: true,
    })
    expect(await home.call('/auth/session')).toMatchObject({ status: 200, text: 'the app’s' })
  })

  test('tells the address of the peer, whatever the app believes of proxies', async () => {
    const home = await startHome(express, undefined, {
      before: (app) => app.set('trust proxy', true),
    })
    const body = { code: await home.code() }
    await home.call('/auth/redeem', { body, headers: { 'x-forwarded-for': '192.0.2.7' } })
    const events = (await home.pair.audit.read()).items
    expect(events.find(({ type }) => type === 'code.redeemed')?.actor).toEqual({
      kind: 'newcomer',
      address: '127.0.0.1',
    })
  })

  test('NET-02 answers preflights of listed origins, and keeps what the app has set beside', async () => {
    const listed = 'https://app.example'
    const home = await startHome(express, undefined, {
      allowedOrigins: [listed],
      before: (app) =>
        app.use((req, res, next) => {
          res.cookie('theirs', '1').vary('Accept-Language')
          next()
        }),
    })
    const headers = { origin: listed, 'access-control-request-method': 'POST' }
    const preflight = await home.call('/auth/redeem', { method: 'OPTIONS', headers })
    expect([preflight.status, preflight.headers.get('access-control-allow-origin')]).toEqual([
      204,
      listed,
    ])
    const paired = await home.call('/auth/redeem', { body: { code: await home.code() } })
    expect(paired.headers.getSetCookie()).toEqual([
      expect.stringMatching(/^theirs=/),
      expect.stringMatching(/^pair_/),
    ])
    expect(paired.headers.get('vary')).toBe('Accept-Language, Origin')
    expect(paired.headers.get('cache-control')).toBe('no-store')
  })

  test('NET-02 a Host or target that is junk gets a 4xx on our routes and guarded ones', async () => {
    let reached = 0
    const home = await startHome(express, (app, pair) => {
      app.get('/notes', requireSession(pair), (req, res) => (reached++, void res.send('ok')))
      app.use((req, res) => void res.send('the app’s'))
    })
    const { authorization } = await home.bearer()
    const ask = async (line: string, ...hosts: string[]): Promise<string> => {
      const lines = [
        line,
        ...hosts.map((host) => `Host: ${host}`),
        `Authorization: ${authorization}`,
      ]
      return (await home.raw([...lines, 'Connection: close'])).slice(9, 12)
    }
    for (const path of ['/auth/session', '/notes']) {
      expect([path, await ask(`GET ${path} HTTP/1.1`, home.host)]).toEqual([path, '200'])
      for (const host of ['a b', 'localhost@evil.example', 'localhost/../x', '', '[::1', '\u00e9'])
        expect([path, host, await ask(`GET ${path} HTTP/1.1`, host)]).toEqual([path, host, '400'])
      for (const hosts of [['evil.example'], [home.host, 'evil.example']])
        expect([path, await ask(`GET ${path} HTTP/1.1`, ...hosts)]).toEqual([path, '403'])
      for (const origin of ['http://evil.example', home.origin, 'https://evil.example:1'])
        expect([origin, await ask(`GET ${origin}${path} HTTP/1.1`, home.host)]).toEqual([
          origin,
          '400',
        ])
      expect([path, await ask(`GET ${path} HTTP/1.0`)]).toEqual([path, '400'])
    }
    expect(await ask('TRACE /auth/session HTTP/1.1', home.host)).toBe('400')
    expect(reached).toBe(1)
    // what is not ours is the app's to judge
    expect(await ask('GET /health HTTP/1.0')).toBe('200')
    expect(await ask('OPTIONS * HTTP/1.1', home.host)).not.toBe('400')
    for (const target of ['//evil.example/auth/session', 'http://evil.example//[', '//['])
      expect([target, await ask(`GET ${target} HTTP/1.1`, home.host)]).toEqual([target, '200'])
    expect(home.errors).toEqual([])
  })

  test('hands a fault to the app’s error handler', async () => {
    const home = await startHome(
      express,
      (app, pair) => app.get('/notes', requireSession(pair), (req, res) => void res.send('ok')),
      {
        before: (app) =>
          app.use((req, res, next) => {
            const set = res.setHeader.bind(res)
            res.setHeader = (name, value) => {
              if (name === 'referrer-policy') throw new Error('of a middleware')
              return set(name, value)
            }
            next()
          }),
      },
    )
    for (const path of ['/notes', '/auth/session'])
      expect([path, await home.call(path)]).toMatchObject([
        path,
        { status: 500, body: { app: 'it went wrong' } },
      ])
    expect(home.errors).toEqual([new Error('of a middleware'), new Error('of a middleware')])
  })

  test('answers a store that fails with 503, and never lets it through', async () => {
    const real = memoryStore()
    let broken = false
    const home = await startHome(
      express,
      (app, pair) => app.get('/notes', requireSession(pair), (req, res) => void res.send('ok')),
      {
        store: {
          ...real,
          async read(...keys) {
            if (broken) throw new Error('the disk is gone')
            return real.read(...keys)
          },
        },
      },
    )
    const { authorization } = await home.bearer()
    broken = true
    for (const path of ['/notes', '/auth/session'])
      expect([path, await home.call(path, { headers: { authorization } })]).toMatchObject([
        path,
        { status: 503, body: { code: 'store_unavailable' } },
      ])
    expect(home.errors).toEqual([])
  })

  test('keeps its peace where the app has answered before', async () => {
    const home = await startHome(express, undefined, {
      before: (app) =>
        app.use((req, res, next) => {
          res.send('too late')
          next()
        }),
    })
    expect(await home.call('/auth/session')).toMatchObject({ status: 200, text: 'too late' })
    expect(home.errors).toEqual([])
  })
})
