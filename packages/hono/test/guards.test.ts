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
