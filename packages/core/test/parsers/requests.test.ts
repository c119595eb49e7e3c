import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { utf8 } from '../../src/encoding/bytes.ts'
import { deriveKeys } from '../../src/token/keys-crypto.ts'
import { SECRET, startServer } from '../kit/server.ts'
import { pairVisitor } from '../kit/visitor.ts'
import { createDraw, createTexts, createValues } from './random-texts.ts'

const TIMES = 10_000
const keys = deriveKeys(utf8(SECRET), 'pair')
const { stackTraceLimit } = Error
beforeAll(() => void (Error.stackTraceLimit = 0))
afterAll(() => void (Error.stackTraceLimit = stackTraceLimit))
vi.setConfig({ testTimeout: 20_000 })

/** No URL can hold half a character. */
const whole = (text: string): string => text.replace(/\p{Cs}/gu, '\ufffd')

describe('requests', () => {
  const METHODS = ['GET', 'POST', 'PATCH', 'PUT', 'DELETE', 'HEAD', 'OPTIONS']
  const PATHS = [
    'session',
    'renew',
    'logout',
    'tickets',
    'resource-tokens',
    'health',
    'redeem',
    'request',
    'claim',
    'withdraw',
    'claim-owner',
    'access',
    'codes',
    'sessions',
    'devices',
    'approvals',
    'admission',
    'preview',
    'access/events',
    'codes/cod_x',
    'sessions/revoke-others',
    'approvals/apr_x/approve',
  ]

  test('SEC-14 the handler takes 10^4 requests of random path, query, headers and body: no answer is a fault of ours, and none is told without a code', async () => {
    const faults: string[] = []
    const server = startServer({
      logger: { debug() {}, info() {}, warn() {}, error: (message) => void faults.push(message) },
    })
    const visitor = await pairVisitor(server, { transport: 'bearer' })
    const bearer = `Bearer ${visitor.accessToken}`
    const draw = createDraw(7)
    const one = <T>(list: readonly T[]): T => list[draw(list.length)]!
    const header = createTexts(8, {
      valid: [bearer, 'DPoP a.b.c', 'pair_x=a', 'start', '000000001', 'http://localhost:3000'],
      words: ['Bearer ', 'DPoP ', ',', ';', '=', 'a.b.c', 'start', 'null', 'application/json'],
    })
    const bodyText = createTexts(9, {
      valid: [
        '{"code":"ABC-DEF-GHJ","device":{"label":"x","kind":"app"},"transport":"bearer"}',
        '{"claim":"apr_x.y","waitSeconds":0}',
        '{"for":"socket"}',
      ],
      words: ['{', '}', '"code"', ':', '"ABC-DEF-GHJ"', ',', '"device"', '[', ']', 'null', '\\'],
    })
    const bodyValue = createValues(12, [
      { code: 'ABC-DEF-GHJ', device: { label: 'x', kind: 'app' }, transport: 'bearer' },
      { claim: 'apr_x.y', waitSeconds: 0, nonce: 'n', refreshToken: 'ses_x.y', for: 'socket' },
      { label: 'x', scopes: [], uses: 1, digest: 'x', mode: 'code', version: null, secret: 's' },
    ])
    const body = (): string => (draw(2) === 0 ? bodyText() : (JSON.stringify(bodyValue()) ?? ''))
    const NAMES = [
      'authorization',
      'dpop',
      'cookie',
      'last-event-id',
      'origin',
      'host',
      'x-forwarded-for',
    ]
    const statuses = new Map<number, number>()
    let unsendable = 0
    for (let left = TIMES; left > 0; left--) {
      const method = one(METHODS)
      const headers: [string, string][] = [
        ['content-type', draw(4) === 0 ? header() : 'application/json'],
      ]
      const who = draw(4)
      if (who < 2) headers.push(['authorization', bearer])
      if (who === 2) headers.push([one(NAMES), header()])
      if (draw(3) === 0) headers.push(['last-event-id', header()])
      const path = draw(8) === 0 ? encodeURI(whole(header())) : one(PATHS)
      const query = draw(3) === 0 ? `?after=${encodeURIComponent(whole(header()))}` : ''
      let request: Request
      try {
        const bare = method === 'GET' || method === 'HEAD'
        request = new Request(`http://localhost:3000/auth/${path}${query}`, {
          method,
          headers,
          ...(bare ? {} : { body: draw(8) === 0 ? utf8(body()).subarray(draw(9)) : body() }),
        })
      } catch {
        // No client can send it: such a header is refused where requests are made.
        unsendable++
        continue
      }
      const parsed = draw(8) === 0 ? { parsedBody: body() } : {}
      const response = await server.pair.handler(request, { remoteAddress: header(), ...parsed })
      if (response === null) continue
      const { status } = response
      statuses.set(status, (statuses.get(status) ?? 0) + 1)
      if (
        status === 200 ||
        status === 204 ||
        method === 'HEAD' ||
        status === 201 ||
        status === 202
      ) {
        await response.body?.cancel()
        continue
      }
      const problem = (await response.json()) as { code?: string }
      if (status >= 500 || typeof problem.code !== 'string')
        throw new Error(`${status} ${method} ${path}${query} ${JSON.stringify([headers, problem])}`)
    }
    expect(faults).toEqual([])
    expect(unsendable).toBeLessThan(TIMES / 3)
    for (const status of [200, 400, 401, 404, 405]) expect(statuses.get(status)).toBeGreaterThan(10)
    await server.pair.close()
  })

  test('SEC-14 guards take 10^4 random credentials, cookies and tickets and let nobody in', async () => {
    const server = startServer()
    const { accessToken = '' } = await pairVisitor(server, { transport: 'bearer' })
    const text = createTexts(10, {
      valid: [accessToken, 'A'.repeat(43)],
      words: ['.', 'Bearer ', ',', ' ', accessToken, 'e30', '='],
    })
    const draw = createDraw(11)
    let asked = 0
    for (let left = TIMES; left > 0; left--) {
      const secret = text()
      if (secret.includes(accessToken)) continue
      const place = draw(4)
      let request: Request
      try {
        const query = place === 0 ? `?ticket=${encodeURIComponent(whole(secret))}` : ''
        const headers: Record<string, string> =
          place === 1
            ? { authorization: `Bearer ${secret}` }
            : place === 2
              ? { cookie: `pair_${keys.instance}=${secret}` }
              : { dpop: secret, authorization: `DPoP ${secret}` }
        request = new Request(`http://localhost:3000/live${query}`, {
          headers: place === 0 ? {} : headers,
        })
      } catch {
        continue
      }
      asked++
      const found =
        draw(2) === 0
          ? await server.pair.guard(request, undefined, {})
          : await server.pair.openSocket(request, undefined, {})
      const response =
        found instanceof Response ? found : 'response' in found ? found.response : null
      if (response === null || response.status >= 500 || response.status < 400)
        throw new Error(`${response?.status} ${JSON.stringify(secret)}`)
    }
    expect(asked).toBeGreaterThan(TIMES / 2)
    await server.pair.close()
  })
})
