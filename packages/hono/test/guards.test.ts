import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { serveStatic } from '@hono/node-server/serve-static'
import { Hono } from 'hono'
import { bodyLimit } from 'hono/body-limit'
import { describe, expect, onTestFinished, test } from 'vitest'
import { optionalSession, requireSession } from '../src/index.ts'
import { startHome } from './kit/home.ts'

describe('requireSession', () => {
  test('lets a session pass and hands it to the handler (hono)', async () => {
    const home = await startHome((app, pair) =>
      app.get('/notes', requireSession(pair, { scopes: ['notes:read'] }), (c) =>
        c.json({ ...c.var.pair, id: c.var.pair.session.id }),
      ),
    )
    const { authorization, sessionId } = await home.bearer()
    expect(await home.call('/notes', { headers: { authorization } })).toMatchObject({
      status: 200,
      body: {
        kind: 'session',
        proven: false,
        id: sessionId,
        session: { subject: 'owner', scopes: ['notes:read', 'notes:write'], transport: 'bearer' },
      },
    })
  })

  test('refuses with a problem: nobody, too few scopes, no proof, a revoked one (hono)', async () => {
    let reached = 0
    const home = await startHome((app, pair) => {
      app.post(
        '/notes',
        requireSession(pair, { scopes: ['notes:write'] }),
        (c) => (reached++, c.text('ok')),
      )
      app.get(
        '/careful',
        requireSession(pair, { proof: 'required' }),
        (c) => (reached++, c.text('ok')),
      )
      app.get(
        '/people',
        requireSession(pair, { scopes: ['access:read'] }),
        (c) => (reached++, c.text('ok')),
      )
    })
    const reader = await home.bearer(['notes:read'])
    const owner = await home.owner()
    const as = (authorization: string): { headers: Record<string, string> } => ({
      headers: { authorization },
    })
    const refusals = [
      [await home.call('/notes', { method: 'POST' }), 401, 'session_required'],
      [
        await home.call('/notes', { method: 'POST', ...as(reader.authorization) }),
        403,
        'insufficient_scope',
      ],
      [await home.call('/careful', as(reader.authorization)), 403, 'device_key_required'],
      [await home.call('/careful', { headers: { cookie: owner.cookie } }), 401, 'proof_required'],
      [await home.call('/people', { headers: { cookie: owner.cookie } }), 401, 'proof_required'],
      [
        await home.call('/notes', { method: 'POST', ...as('Bearer a.b.c') }),
        401,
        'session_invalid',
      ],
    ] as const
    for (const [answer, status, code] of refusals)
      expect(answer).toMatchObject({ status, body: { code } })
    await home.pair.sessions.revoke(reader.sessionId)
    expect(
      await home.call('/notes', { method: 'POST', ...as(reader.authorization) }),
    ).toMatchObject({ status: 401, body: { code: 'session_revoked' } })
    expect(reached).toBe(0)
    expect((await owner.call('/careful')).status).toBe(200)
    expect((await owner.call('/people')).status).toBe(200)
    expect(reached).toBe(2)
  })

  test('twice or more on one route takes one proof, and the same proof takes no second request (hono)', async () => {
    const home = await startHome((app, pair) => {
      app.use('/deep/*', requireSession(pair, { proof: 'required' }))
      app.use('/deep/er/*', optionalSession(pair))
      app.get(
        '/deep/er/notes',
        requireSession(pair, { scopes: ['access:read'] }),
        requireSession(pair, { proof: 'required' }),
        (c) => c.json({ proven: c.var.pair.proven }),
      )
    })
    const owner = await home.owner()
    const headers = await owner.headers('GET', '/deep/er/notes')
    expect(await home.call('/deep/er/notes', { headers })).toMatchObject({
      status: 200,
      body: { proven: true },
    })
    expect(await home.call('/deep/er/notes', { headers })).toMatchObject({
      status: 401,
      body: { code: 'proof_invalid' },
    })
  })

  test('twice takes one proof also where the request is wrapped in between (hono)', async () => {
    const home = await startHome((app, pair) => {
      app.post(
        '/notes',
        requireSession(pair, { proof: 'required' }),
        bodyLimit({ maxSize: 1_000 }),
        requireSession(pair, { proof: 'required' }),
        async (c) => c.text(await c.req.text()),
      )
    })
    const owner = await home.owner()
    const body = new Blob(['text']).stream()
    expect(await owner.call('/notes', { method: 'POST', body })).toMatchObject({
      status: 200,
      text: 'text',
    })
  })

  test('holds for every method and for what stands below it (hono)', async () => {
    const home = await startHome((app, pair) => {
      const inner = new Hono().all('*', (c) => c.text('inside'))
      app.use('/inner/*', requireSession(pair))
      app.route('/inner', inner)
    })
    const { authorization } = await home.bearer()
    for (const path of [
      '/inner/a',
      '/inner/a/b',
      '/inner/',
      '/inner//a',
      '/inner/%61',
      '/inner/a?x=1',
      '/inner/./a',
    ]) {
      for (const method of ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS']) {
        expect([path, method, (await home.call(path, { method })).status]).toEqual([
          path,
          method,
          401,
        ])
        expect((await home.call(path, { method, headers: { authorization } })).status).toBe(200)
      }
    }
  })

  test('NET-01 stands before static files as before all else (hono)', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'pair-static-'))
    onTestFinished(() => rm(folder, { recursive: true }))
    await writeFile(join(folder, 'private.txt'), 'a private line')
    const home = await startHome((app, pair) =>
      app.use(
        '/files/*',
        requireSession(pair),
        serveStatic({ root: folder, rewriteRequestPath: (path) => path.replace('/files', '') }),
      ),
    )
    const { authorization } = await home.bearer()
    const paths = [
      '/files/private.txt',
      '/files//private.txt',
      '/files/./private.txt',
      '/files/%70rivate.txt',
      '/files/x/../private.txt',
    ]
    for (const path of paths) {
      const answer = await home.raw([
        `GET ${path} HTTP/1.1`,
        `Host: ${home.host}`,
        'Connection: close',
      ])
      expect([path, answer.slice(9, 12), answer.includes('a private line')]).toEqual([
        path,
        '401',
        false,
      ])
    }
    expect(await home.call('/files/private.txt', { headers: { authorization } })).toMatchObject({
      status: 200,
      text: 'a private line',
    })
  })
})

describe('optionalSession', () => {
  test('lets everyone pass and tells who it is, but no request that nobody may send (hono)', async () => {
    const home = await startHome((app, pair) =>
      app.all('/hello', optionalSession(pair), (c) => c.json(c.var.pair)),
    )
    const { authorization, sessionId } = await home.bearer()
    expect((await home.call('/hello')).body).toEqual({ kind: 'none' })
    expect((await home.call('/hello', { headers: { authorization } })).body).toMatchObject({
      kind: 'session',
      session: { id: sessionId },
    })
    expect(
      (await home.call('/hello', { headers: { authorization: 'Bearer a.b.c' } })).body,
    ).toEqual({ kind: 'none', reason: 'invalid' })
    expect((await home.call('/hello?ticket=17')).body).toEqual({ kind: 'none', reason: 'invalid' })
    await home.pair.sessions.revoke(sessionId)
    expect((await home.call('/hello', { headers: { authorization } })).body).toEqual({
      kind: 'none',
      reason: 'revoked',
    })
    expect(
      (await home.call('/hello', { method: 'POST', headers: { origin: 'https://evil.example' } }))
        .status,
    ).toBe(403)
    expect(
      (await home.call('/hello', { headers: { authorization: 'Bearer a, Bearer b' } })).status,
    ).toBe(400)
  })
})

test('NET-01 a stream is opened by a ticket once (hono)', async () => {
  const home = await startHome((app, pair) =>
    app.get('/feed', requireSession(pair, { scopes: ['notes:read'] }), (c) => c.text('fed')),
  )
  const { authorization } = await home.bearer()
  const ticket = await home.ticket(authorization, 'stream')
  const rivals = await Promise.all(
    Array.from({ length: 20 }, () => home.call(`/feed?ticket=${ticket}`)),
  )
  expect(rivals.map(({ status }) => status).sort((a, b) => a - b)).toEqual([
    200,
    ...Array.from({ length: 19 }, () => 401),
  ])
  expect(
    (await home.call(`/feed?ticket=${await home.ticket(authorization, 'socket')}`)).status,
  ).toBe(401)
  expect((await home.call(`/feed?access_token=${authorization.slice(7)}`)).status).toBe(401)
})
