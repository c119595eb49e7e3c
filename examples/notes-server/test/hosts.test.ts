import { request } from 'node:http'
import { fileURLToPath } from 'node:url'
import { createPair, memoryStore, type PairOptions } from '@pair/core'
import { beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { createServer as onExpress } from '../../notes-express/src/express.ts'
import { createNotesApi } from '../src/api.ts'
import { createServer as onHono } from '../src/hono.ts'
import { listen } from '../src/listen.ts'
import { openNotes } from '../src/notes.ts'
import { createPages, loadPages } from '../src/pages.ts'
import type { NotesScope } from '../src/start.ts'

interface Answer {
  status: number | undefined
  type: string | undefined
  text: string
}

type Ask = (path: string, headers: Record<string, string>, method?: string) => Promise<Answer>

let files: Awaited<ReturnType<typeof loadPages>>
beforeAll(async () => {
  files = await loadPages(fileURLToPath(new URL('../public', import.meta.url)))
})

const NETWORK: Partial<PairOptions<NotesScope>> = {
  allowedHosts: ['lab.lan'],
  allowInsecureLan: true,
}

async function start(
  createServer: typeof onHono,
  options = NETWORK,
): Promise<{ ask: Ask; port: number }> {
  const pair = createPair<NotesScope>({
    secret: 'a secret of these tests, 32 bytes or more',
    store: memoryStore(),
    scopes: ['notes:read', 'notes:write'],
    ...options,
    logger: { debug() {}, info() {}, warn() {}, error() {} },
  })
  const server = createServer({
    pair,
    api: createNotesApi(openNotes()),
    pages: createPages(pair, files),
    addresses: () => [],
  })
  const port = await listen(server, 0, '127.0.0.1')
  onTestFinished(() => void server.close())
  const ask: Ask = (path, headers, method = 'GET') =>
    new Promise((resolve, reject) => {
      const call = request({ host: '127.0.0.1', port, path, headers, method, agent: false })
      call.on('error', reject).on('response', (answer) => {
        let text = ''
        answer.setEncoding('utf8').on('data', (chunk: string) => (text += chunk))
        answer.on('end', () => {
          resolve({ status: answer.statusCode, type: answer.headers['content-type'], text })
        })
      })
      call.end()
    })
  return { ask, port }
}

const PATHS = ['/', '/pair', '/devices', '/style.css', '/icon.svg', '/not-there', '/api/notes']

describe.each([
  ['hono', onHono],
  ['express', onExpress],
] as const)('%s', (_, createServer) => {
  test('NET-01 no page, file or route is answered to a host name that was not declared', async () => {
    const { ask, port } = await start(createServer)
    for (const path of PATHS) {
      for (const host of [
        'evil.example',
        `evil.example:${port}`,
        '10.0.0.7',
        'lab.lan.evil.example',
      ]) {
        for (const method of ['GET', 'HEAD']) {
          const answer = await ask(path, { host }, method)
          const { status, type } = answer
          expect([path, host, status, type]).toEqual([path, host, 403, 'application/problem+json'])
          if (method === 'GET') expect(JSON.parse(answer.text).code).toBe('host_refused')
        }
      }
    }
  })

  test('NET-01 pages are answered to everybody at the host names of this server', async () => {
    const { ask, port } = await start(createServer)
    for (const host of [`localhost:${port}`, `127.0.0.1:${port}`, 'lab.lan', `lab.lan:${port}`]) {
      const home = await ask('/', { host })
      expect([host, home.status, home.type]).toEqual([host, 200, 'text/html; charset=utf-8'])
      expect((await ask('/pair', { host }, 'HEAD')).status).toBe(200)
      expect((await ask('/not-there', { host })).status).toBe(404)
    }
  })

  test('NET-01 no credential that is planted, wrong or double keeps anybody from the pages', async () => {
    const { ask, port } = await start(createServer)
    const host = `localhost:${port}`
    for (const headers of [
      { cookie: 'pair_x=a; pair_x=b' },
      { authorization: 'Bearer junk, Bearer junk' },
      { dpop: 'a, b' },
      { 'sec-fetch-site': 'cross-site', origin: 'https://evil.example' },
    ]) {
      expect((await ask('/pair', { host, ...headers } as Record<string, string>)).status).toBe(200)
    }
  })

  test('NET-01 a page is answered behind a proxy that ends TLS, and what came without TLS is for the routes to refuse', async () => {
    const { ask } = await start(createServer, {
      publicUrl: 'https://notes.example',
      proxy: { cidrs: ['127.0.0.0/8'] },
    })
    const host = 'notes.example'
    const statuses = async (path: string): Promise<unknown[]> => [
      (await ask(path, { host, 'x-forwarded-for': '10.0.0.7', 'x-forwarded-proto': 'https' }))
        .status,
      (await ask(path, { host })).status,
      (await ask(path, { host: 'evil.example', 'x-forwarded-proto': 'https' })).status,
    ]
    expect(await statuses('/pair')).toEqual([200, 200, 403])
    expect(await statuses('/auth/session')).toEqual([200, 403, 403])
    expect(await statuses('/api/notes')).toEqual([401, 403, 403])
  })

  test('a path that can not be decoded is refused, with no word of the code behind it', async () => {
    const { ask, port } = await start(createServer)
    const answer = await ask('/api/notes/%ff', { host: `localhost:${port}` }, 'DELETE')
    expect([400, 401]).toContain(answer.status)
    expect(answer.type).toBe('application/problem+json')
    expect(answer.text).not.toMatch(/\bat \S+ \(|\.[jt]s\b|node_modules/)
  })
})
