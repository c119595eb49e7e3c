import { readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'
import { accessRoutes } from '../../src/http/access-routes.ts'
import { approvalRoutes } from '../../src/http/approval-routes.ts'
import { entryRoutes } from '../../src/http/entry-routes.ts'
import { eventRoutes } from '../../src/http/event-stream.ts'
import { sessionRoutes } from '../../src/http/session-routes.ts'
import { createEdge, HERE, toRequest, type Answer, type Call } from '../kit/edge.ts'

const LOOPBACK = ['127.0.0.1', '127.255.255.254', '::1', '::ffff:127.0.0.1', '0:0:0:0:0:0:0:1']
const ELSEWHERE = '203.0.113.9'
const ROUTES = [
  ...sessionRoutes,
  ...entryRoutes,
  ...accessRoutes,
  ...approvalRoutes,
  ...eventRoutes,
].map(({ method, path }) => [method, path.replace(':id', `ses_${'a'.repeat(22)}`)] as const)

const SECURE = { info: { encrypted: true } }
const OPTIONS = { publicUrl: 'https://home.example' } as const

/** What an answer says, without what is drawn or dated. */
const told = ({ status, body, headers }: Answer): unknown => ({
  status,
  code: body?.code,
  cookies: headers.getSetCookie().length,
})

describe('LIM-08 a stranger on loopback is answered like one from elsewhere', () => {
  test.each(ROUTES)('%s %s', async (method, path) => {
    const body = ['POST', 'PATCH', 'PUT'].includes(method) ? {} : undefined
    for (const at of ['https://home.example', 'https://localhost:3000', 'https://evil.example']) {
      const ask = async (remoteAddress: string, call: Call = {}): Promise<unknown> =>
        told(
          await createEdge(OPTIONS).call(`/auth/${path}`, {
            ...call,
            method,
            body,
            at,
            info: { ...SECURE.info, remoteAddress },
          }),
        )
      const elsewhere = await ask(ELSEWHERE)
      for (const peer of LOOPBACK) expect(await ask(peer), peer).toEqual(elsewhere)
    }
  })
})

test.each(['closed', 'code', 'approval', 'code+approval'] as const)(
  'LIM-08 in the mode %s loopback comes in by no other door, and no easier',
  async (admission) => {
    const device = { label: 'A stranger', kind: 'browser' }
    const ask = async (remoteAddress: string): Promise<unknown[]> => {
      const edge = createEdge({ ...OPTIONS, admission })
      const info = { remoteAddress, encrypted: true }
      const call = async (path: string, body: unknown): Promise<unknown> =>
        told(await edge.call(path, { at: 'https://localhost:3000', body, info }))
      const answers = [
        await call('/auth/redeem', { code: '222-222-222' }),
        await call('/auth/codes/preview', { code: '222-222-222' }),
        await call('/auth/request', { device }),
        await call('/auth/claim-owner', { secret: 'a'.repeat(43), device }),
        await call('/auth/renew', {}),
      ]
      expect((await edge.pair.sessions.list()).items).toEqual([])
      return answers
    }
    const elsewhere = await ask(ELSEWHERE)
    for (const peer of LOOPBACK) expect(await ask(peer), peer).toEqual(elsewhere)
  },
)

test('LIM-08 guards of the app, sockets and tickets ask loopback for a session too', async () => {
  const edge = createEdge(OPTIONS)
  for (const remoteAddress of [...LOOPBACK, ELSEWHERE])
    for (const at of ['https://home.example', 'http://localhost:3000']) {
      const info = { remoteAddress, encrypted: at.startsWith('https') }
      const request = (): Request => toRequest('/notes', { at })
      expect(await edge.pair.authenticate(request(), info)).toMatchObject({ kind: 'none' })
      const guarded = await edge.pair.guard(request(), info, {})
      expect(guarded).toMatchObject({ ok: false, response: { status: 401 } })
      expect(await edge.pair.openSocket(request(), info, {})).toMatchObject({ status: 401 })
    }
})

test('LIM-08 wrong codes are limited and lock out on loopback as elsewhere', async () => {
  for (const remoteAddress of [...LOOPBACK, ELSEWHERE]) {
    const edge = createEdge({ limits: {} })
    const redeem = async (code = '222-222-222'): Promise<unknown> =>
      (await edge.call('/auth/redeem', { body: { code }, info: { remoteAddress } })).body.code
    for (let n = 0; n < 8; n++) expect(await redeem()).toBe('code_invalid')
    expect(await redeem()).toBe('rate_limited')
    edge.pass(60_000)
    for (let n = 0; n < 2; n++) expect(await redeem()).toBe('code_invalid')
    expect(await redeem((await edge.pair.codes.issue({ origin: HERE })).typed)).toBe('locked_out')
  }
})

test('LIM-08 a Host that is not declared, a strange page and plain http stay refused from loopback', async () => {
  const edge = createEdge(OPTIONS)
  for (const remoteAddress of [...LOOPBACK, ELSEWHERE]) {
    const ask = async (at: string, headers: Record<string, string> = {}): Promise<unknown> =>
      (await edge.call('/auth/logout', { body: {}, at, headers, info: { remoteAddress } })).body
        .code
    expect(await ask('https://evil.example')).toBe('host_refused')
    expect(await ask('http://home.example')).toBe('insecure_transport')
    expect(await ask('http://localhost:3000', { origin: 'http://localhost:4000' })).toBe(
      'origin_refused',
    )
  }
})

test('LIM-08 a proxy on loopback is believed nothing until it is declared', async () => {
  const edge = createEdge(OPTIONS)
  const headers = { 'x-forwarded-proto': 'https', 'x-forwarded-for': ELSEWHERE }
  for (const remoteAddress of LOOPBACK) {
    const info = { remoteAddress, encrypted: false }
    const answer = await edge.call('/auth/session', { at: 'http://home.example', headers, info })
    expect([answer.status, answer.body.code]).toEqual([403, 'insecure_transport'])
  }
})

test('LIM-08 the peer’s address is read in one place, and judged as loopback in one: to doubt it', () => {
  const root = fileURLToPath(new URL('../../src/', import.meta.url))
  const holding = (mark: RegExp): string[] =>
    readdirSync(root, { recursive: true, encoding: 'utf8' })
      .filter((file) => file.endsWith('.ts') && mark.test(readFileSync(root + file, 'utf8')))
      .map((file) => file.replaceAll('\\', '/'))
      .sort()
  expect(holding(/\bremoteAddress\s*[,?)\]:}=]|\.remoteAddress/)).toEqual([
    'http/request-facts.ts',
    'pair.ts',
  ])
  expect(holding(/'127\.|'::1'|isLoopback\(/)).toEqual(['http/undeclared-proxy.ts'])
})
