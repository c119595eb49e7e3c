import { attachUpgrade } from '@pair/node'
import type { RequestHandler } from 'express'
import { describe, expect, onTestFinished, test } from 'vitest'
import { WebSocket, WebSocketServer } from 'ws'
import { optionalSession, requireSession } from '../src/index.ts'
import { frameworks, startHome } from './kit/home.ts'

describe.each(frameworks)('guards (%s)', (_, express) => {
  test('put the session on the request, and nothing stands on a route without them', async () => {
    const home = await startHome(express, (app, pair) => {
      app.get('/notes', requireSession(pair, { scopes: ['notes:read'] }), (req, res) => {
        res.json({ pair: req.pair, optional: req.optionalPair ?? null })
      })
      app.get('/hello', optionalSession(pair), (req, res) => {
        res.json({ pair: req.pair ?? null, optional: req.optionalPair })
      })
      app.get('/open', (req, res) => {
        res.json({ pair: req.pair ?? null, optional: req.optionalPair ?? null })
      })
      app.get('/forgotten', (req, res) => void res.json(req.pair.session))
    })
    const { authorization, sessionId } = await home.bearer()
    const headers = { authorization }
    const session = { kind: 'session', proven: false, session: { id: sessionId } }
    expect((await home.call('/notes', { headers })).body).toMatchObject({
      pair: session,
      optional: null,
    })
    expect((await home.call('/hello', { headers })).body).toMatchObject({
      pair: null,
      optional: session,
    })
    expect((await home.call('/hello')).body).toEqual({ pair: null, optional: { kind: 'none' } })
    expect((await home.call('/open', { headers })).body).toEqual({ pair: null, optional: null })
    expect((await home.call('/forgotten', { headers })).status).toBe(500)
    expect(home.errors).toEqual([expect.any(TypeError)])
  })

  test('SES-10 let nobody pass who lacks what is needed', async () => {
    let reached = 0
    const home = await startHome(express, (app, pair) => {
      app.post('/notes', requireSession(pair, { scopes: ['notes:write'] }), (req, res) => {
        res.json(reached++)
      })
    })
    const { authorization } = await home.bearer(['notes:read'])
    expect(await home.call('/notes', { method: 'POST' })).toMatchObject({
      status: 401,
      body: { code: 'session_required' },
    })
    const short = await home.call('/notes', { method: 'POST', headers: { authorization } })
    expect(short).toMatchObject({ status: 403, body: { code: 'insufficient_scope' } })
    expect(short.headers.get('content-type')).toBe('application/problem+json')
    expect(reached).toBe(0)
  })

  test('twice or more on one way take one proof, and the same proof takes no second request', async () => {
    const home = await startHome(express, (app, pair) => {
      app.use('/deep', requireSession(pair, { proof: 'required' }))
      const router = express.Router()
      router.use(optionalSession(pair), express.json())
      router.post(
        '/notes',
        requireSession(pair, { scopes: ['access:read'] }),
        requireSession(pair, { proof: 'required' }),
        (req, res) => void res.json([req.pair.proven, req.optionalPair.kind, req.body]),
      )
      app.use('/deep/er', router)
    })
    const owner = await home.owner()
    const headers = await owner.headers('POST', '/deep/er/notes')
    const call = { body: { a: 1 }, headers }
    expect(await home.call('/deep/er/notes', call)).toMatchObject({
      status: 200,
      body: [true, 'session', { a: 1 }],
    })
    expect(await home.call('/deep/er/notes', call)).toMatchObject({
      status: 401,
      body: { code: 'proof_invalid' },
    })
  })

  test('SEC-22 judge a request anew whose method was overridden between them', async () => {
    const override: RequestHandler = (req, _res, next) => {
      req.method = 'DELETE'
      next()
    }
    const home = await startHome(express, (app, pair) => {
      app.use('/notes', optionalSession(pair), override)
      app.delete('/notes', requireSession(pair), (req, res) => void res.send('deleted'))
    })
    const { cookie } = await home.owner()
    const call = (origin: string): Promise<{ status: number }> =>
      home.call('/notes', { headers: { cookie, origin } })
    expect((await call(home.origin)).status).toBe(200)
    expect((await call('https://evil.example')).status).toBe(403)
  })

  test('hold for every method, spelling and what stands below', async () => {
    let reached = 0
    const home = await startHome(express, (app, pair) => {
      app.use('/inner', requireSession(pair), (req, res) => (reached++, void res.end()))
      app.use((req, res) => void res.send('outside'))
    })
    const { authorization } = await home.bearer()
    const methods = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS']
    const paths = ['/inner', '/inner/', '/INNER/a', '/inner/%61', '/inner/?x=1', '/inner/x/../a']
    for (const path of paths)
      for (const method of methods)
        expect([
          path,
          method,
          (
            await home.raw([
              `${method} ${path} HTTP/1.1`,
              `Host: ${home.host}`,
              'Connection: close',
            ])
          ).slice(9, 12),
        ]).toEqual([path, method, '401'])
    expect(reached).toBe(0)
    for (const method of methods)
      expect((await home.call('/inner/a', { method, headers: { authorization } })).status).toBe(200)
    expect(reached).toBe(methods.length)
  })

  test('leave errors of the app to the app, thrown or told', async () => {
    const home = await startHome(express, (app, pair) => {
      app.get('/thrown', requireSession(pair), () => {
        throw new Error('thrown')
      })
      app.get('/told', optionalSession(pair), (req, res, next) => next(new Error('told')))
    })
    const { authorization } = await home.bearer()
    for (const path of ['/thrown', '/told'])
      expect(await home.call(path, { headers: { authorization } })).toMatchObject({
        status: 500,
        body: { app: 'it went wrong' },
      })
    expect(home.errors).toEqual([new Error('thrown'), new Error('told')])
  })

  test.each([false, true])(
    'SES-02 NET-04 see https by a declared proxy, with the app’s trust proxy %s',
    async (trust) => {
      const home = await startHome(
        express,
        (app, pair) =>
          app.get('/notes', requireSession(pair, { proof: 'required' }), (req, res) => {
            res.json({ proven: req.pair.proven })
          }),
        { proxy: { hops: 1 }, before: (app) => app.set('trust proxy', trust) },
      )
      const headers = { 'x-forwarded-proto': 'https', 'x-forwarded-for': '192.0.2.7' }
      const origin = `https://${home.host}`
      const owner = await home.owner({ origin, headers })
      expect(owner.cookie).toMatch(/^__Host-pair_/)
      const issued = await owner.call('/auth/codes', { body: {} })
      expect(issued.body.link).toMatch(new RegExp(`^${origin}/pair#code=`))
      expect((await owner.call('/notes')).body).toEqual({ proven: true })
      // without the header the same cookie is none of ours
      const { cookie } = owner
      expect((await home.call('/notes', { headers: { cookie } })).status).toBe(401)
    },
  )

  test('NET-01 stand on sockets too by attachUpgrade, on the server of the app', async () => {
    const home = await startHome(express, (app, pair) =>
      app.get('/live', requireSession(pair), (req, res) => void res.send('a page')),
    )
    attachUpgrade(home.server, {
      pair: home.pair,
      path: '/live',
      need: { scopes: ['notes:read'] },
      ws: { WebSocketServer },
      onConnection: ({ socket, auth }) => socket.send(auth.session.id),
    })
    const { authorization, sessionId } = await home.bearer()
    const headers = { authorization }
    const url = `${home.origin.replace('http', 'ws')}/live`
    const socket = new WebSocket(url, { headers })
    onTestFinished(() => socket.terminate())
    const greeting = await new Promise((resolve) =>
      socket.once('message', (frame: Buffer) => resolve(frame.toString())),
    )
    expect(greeting).toBe(sessionId)
    expect((await home.call('/live', { headers })).text).toBe('a page')
    const closing = new Promise((resolve) => socket.once('close', resolve))
    await home.pair.sessions.revoke(sessionId)
    expect(await closing).toBe(4003)
    const refused = new WebSocket(url, { headers })
    const status = await new Promise((resolve) =>
      refused.once('unexpected-response', (_, response) => {
        response.resume()
        resolve(response.statusCode)
      }),
    )
    expect(status).toBe(401)
  })
})
