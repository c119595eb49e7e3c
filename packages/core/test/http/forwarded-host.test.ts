import { describe, expect, test } from 'vitest'
import type { PairOptions } from '../../src/pair-options.ts'
import { createEdge, pairKeyed, toRequest, type Call, type Edge } from '../kit/edge.ts'

const PROXIES: [string, NonNullable<PairOptions['proxy']>][] = [
  ['hops', { hops: 1 }],
  ['named addresses', { cidrs: ['10.0.0.0/24'] }],
]
const OPTIONS = { publicUrl: 'https://home.example', allowedHosts: ['lab.lan'] } as const
const TLS = { 'x-forwarded-for': '203.0.113.9', 'x-forwarded-proto': 'https' }
const PLAIN = { 'x-forwarded-for': '203.0.113.9', 'x-forwarded-proto': 'http' }
const CLAIMS = [
  'home.example',
  'HOME.example',
  'lab.lan',
  'localhost',
  'localhost:3000',
  '127.0.0.1',
  '[::1]',
  'evil.example, home.example',
  'home.example, evil.example',
]

/** A call as the believed proxy at 10.0.0.1 passes it on. */
const passedOn = (host: string, headers: Record<string, string>): Call => ({
  at: 'http://10.0.0.2:3000',
  headers: { host, ...headers },
  info: { remoteAddress: '10.0.0.1', encrypted: false },
})

async function told(edge: Edge, call: Call): Promise<unknown> {
  const { status, body } = await edge.call('/auth/session', call)
  return status === 200 ? 200 : `${status} ${body.code}`
}

describe.each(PROXIES)('behind a proxy believed by %s', (_, proxy) => {
  test('NET-02 an undeclared Host stays refused whatever X-Forwarded-Host says', async () => {
    const edge = createEdge({ ...OPTIONS, proxy })
    for (const host of ['evil.example', 'home.example.evil.example', '10.0.0.2:3000', 'a b'])
      for (const claim of CLAIMS) {
        const headers = { 'x-forwarded-host': claim }
        for (const scheme of [TLS, PLAIN, { 'x-forwarded-proto': 'https' }, {}])
          expect(await told(edge, passedOn(host, { ...scheme, ...headers })), claim).toBe(
            '403 host_refused',
          )
      }
  })

  test('NET-02 a rebinding page that writes X-Forwarded-Host reaches no guard and no socket of the app', async () => {
    const edge = createEdge({ ...OPTIONS, proxy })
    for (const claim of ['home.example', 'localhost']) {
      const call = passedOn('evil.example', { ...TLS, 'x-forwarded-host': claim })
      const guarded = await edge.pair.identify(toRequest('/notes', call), call.info)
      expect(guarded).toMatchObject({ ok: false, response: { status: 403 } })
      expect(await edge.pair.openSocket(toRequest('/live', call), call.info, {})).toMatchObject({
        status: 403,
      })
    }
  })

  test('NET-04 the Host header decides: what stands in X-Forwarded-Host changes nothing', async () => {
    const edge = createEdge({ ...OPTIONS, proxy })
    for (const claim of [...CLAIMS, 'evil.example', 'not a host', '', ','])
      for (const host of ['home.example', 'HOME.example', 'lab.lan', 'lab.lan:8443'])
        expect(
          await told(edge, passedOn(host, { ...TLS, 'x-forwarded-host': claim })),
          `${host} ${claim}`,
        ).toBe(200)
  })

  test('NET-04 X-Forwarded-Host: localhost makes plain http of another machine no loopback', async () => {
    const edge = createEdge({ ...OPTIONS, proxy })
    for (const host of ['home.example', 'lab.lan'])
      for (const claim of ['localhost', 'localhost:3000', '127.0.0.1', '[::1]', 'a.localhost'])
        for (const scheme of [PLAIN, { 'x-forwarded-for': '203.0.113.9' }, {}])
          expect(
            await told(edge, passedOn(host, { ...scheme, 'x-forwarded-host': claim })),
            `${host} ${claim}`,
          ).toBe('403 insecure_transport')
  })

  test('NET-04 links, proofs and own origins are of the Host header, not of X-Forwarded-Host', async () => {
    const edge = createEdge({ ...OPTIONS, proxy })
    const call: Edge['call'] = (path, more: Call = {}) => {
      const by = passedOn('lab.lan', { ...TLS, 'x-forwarded-host': 'evil.example' })
      return edge.call(path, { ...more, ...by, headers: { ...by.headers, ...more.headers } })
    }
    const { typed } = await edge.pair.codes.issue({ scopes: ['access:write', 'notes:read'] })
    const keyed = await pairKeyed({ call, now: edge.now }, typed, 'https://lab.lan')
    const issued = await keyed.call('/auth/codes', { body: {} })
    expect(issued.body.link).toMatch(/^https:\/\/lab\.lan\/pair#code=/)
    const forged = await keyed.prove('POST', 'https://evil.example/auth/codes')
    const refused = await keyed.call('/auth/codes', { body: {}, headers: { dpop: forged } })
    expect([refused.status, refused.body.code]).toEqual([401, 'proof_invalid'])
    const page = { origin: 'https://evil.example' }
    expect((await keyed.call('/auth/codes', { body: {}, headers: page })).body.code).toBe(
      'origin_refused',
    )
  })
})
