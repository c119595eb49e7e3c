import { describe, expect, test } from 'vitest'
import type { PairOptions } from '../../src/pair-options.ts'
import { createEdge, HERE, pairKeyed, type Call, type Edge } from '../kit/edge.ts'

/** An edge behind a proxy that ends TLS: each call comes as the proxy passes it on. */
function behindProxy(
  options: Partial<PairOptions>,
  headers: Record<string, string>,
  at = 'http://10.0.0.2:3000',
): Edge {
  const edge = createEdge(options)
  const call: Edge['call'] = (path, more: Call = {}) =>
    edge.call(path, {
      ...more,
      at,
      headers: { host: 'home.example', ...headers, ...more.headers },
      info: { remoteAddress: '10.0.0.1', encrypted: false, ...more.info },
    })
  return { ...edge, call }
}

const TLS = { 'x-forwarded-for': '203.0.113.9', 'x-forwarded-proto': 'https' }
const attributesOf = (header: string | null): string => header?.replace(/=[\w.-]+;/, '=…;') ?? ''

describe('NET-04 the base path', () => {
  test('is where the routes are, and nowhere else', async () => {
    const edge = createEdge({ basePath: '/my/pair' })
    expect((await edge.call('/my/pair/session')).status).toBe(200)
    for (const path of ['/auth/session', '/my/session', '/my/pairs/session', '/pair/session'])
      expect(await edge.pair.handler(new Request(HERE + path))).toBeNull()
  })

  test('is a part of the address that a proof names', async () => {
    const edge = createEdge({ basePath: '/my/pair' })
    const renamed: Edge['call'] = (path, call) =>
      edge.call(path.replace('/auth/', '/my/pair/'), call)
    const { typed } = await edge.pair.codes.issue({ origin: HERE })
    // the proof names /auth/redeem, the request goes to /my/pair/redeem
    await expect(pairKeyed({ call: renamed, now: edge.now }, typed)).rejects.toThrow('401')
  })
})

describe('NET-04 behind a declared proxy', () => {
  const options = { publicUrl: 'https://home.example', proxy: { hops: 1 } } as const

  test('scheme, cookie, links and the address of proofs are those that the client sees', async () => {
    const edge = behindProxy(options, TLS)
    const { typed, link } = await edge.pair.codes.issue({
      scopes: ['notes:read', 'access:read', 'access:write'],
    })
    expect(link).toMatch(/^https:\/\/home\.example\/pair#code=[\w-]{22}$/)
    const keyed = await pairKeyed(edge, typed, 'https://home.example')
    expect(keyed.cookie).toMatch(/^__Host-pair_[0-9a-f]{8}=/)
    const issued = await keyed.call('/auth/codes', {
      body: {},
      headers: { origin: 'https://home.example' },
    })
    expect(issued.status).toBe(201)
    expect(issued.body.link).toMatch(/^https:\/\/home\.example\/pair#code=/)
    const events = (await edge.pair.audit.read()).items
    expect(events.find(({ type }) => type === 'code.redeemed')?.actor).toEqual({
      kind: 'newcomer',
      address: '203.0.113.9',
    })
  })

  test('the cookie is Secure and of this host alone; over plain loopback it is neither', async () => {
    const secure = behindProxy(options, TLS)
    const { typed } = await secure.pair.codes.issue()
    const overTls = await secure.call('/auth/redeem', { body: { code: typed } })
    expect(attributesOf(overTls.headers.get('set-cookie'))).toMatch(
      /^__Host-pair_\w+=…; Path=\/; HttpOnly; SameSite=Lax; Max-Age=\d+; Secure$/,
    )
    const plain = createEdge()
    const overHttp = await plain.call('/auth/redeem', {
      body: { code: (await plain.pair.codes.issue({ origin: HERE })).typed },
    })
    expect(attributesOf(overHttp.headers.get('set-cookie'))).toMatch(
      /^pair_\w+=…; Path=\/; HttpOnly; SameSite=Lax; Max-Age=\d+$/,
    )
    const direct = createEdge(options)
    const call = {
      body: { code: (await direct.pair.codes.issue()).typed },
      headers: { host: 'home.example' },
      info: { encrypted: true },
    }
    expect((await direct.call('/auth/redeem', call)).headers.get('set-cookie')).toMatch(
      /^__Host-.*; Secure$/,
    )
  })

  test('a sub-path that the proxy strips is in links and proofs', async () => {
    const edge = behindProxy({ publicUrl: 'https://home.example/app', proxy: { hops: 1 } }, TLS)
    const { typed, link } = await edge.pair.codes.issue({
      scopes: ['notes:read', 'access:read', 'access:write'],
    })
    expect(link).toMatch(/^https:\/\/home\.example\/app\/pair#code=/)
    const keyed = await pairKeyed(edge, typed, 'https://home.example/app')
    const issued = await keyed.call('/auth/codes', { body: {} })
    expect(issued.body.link).toMatch(/^https:\/\/home\.example\/app\/pair#code=/)
    // the same proof for the address without the sub-path does not hold
    const dpop = await keyed.prove('GET', 'https://home.example/auth/codes')
    expect(
      (await edge.call('/auth/codes', { headers: { cookie: keyed.cookie, dpop } })).status,
    ).toBe(401)
  })

  test('a sub-path that the proxy leaves is the base path’s', async () => {
    const edge = behindProxy(
      { publicUrl: 'https://home.example/app', basePath: '/app/auth', proxy: { hops: 1 } },
      TLS,
    )
    const through: Edge['call'] = (path, call) => edge.call(`/app${path}`, call)
    const { typed, link } = await edge.pair.codes.issue({ scopes: ['access:read'] })
    expect(link).toMatch(/^https:\/\/home\.example\/app\/pair#code=/)
    const keyed = await pairKeyed(
      { call: through, now: edge.now },
      typed,
      'https://home.example/app',
    )
    expect((await keyed.call('/auth/codes')).status).toBe(200)
  })

  test('a forwarded host counts for nothing: the proxy passes Host on', async () => {
    const edge = createEdge(options)
    const status = async (at: string, host: string): Promise<number> =>
      (
        await edge.call('/auth/session', {
          at,
          headers: { ...TLS, 'x-forwarded-host': host },
          info: { remoteAddress: '10.0.0.1' },
        })
      ).status
    for (const host of ['home.example', 'localhost', 'evil.example, home.example']) {
      expect(await status('http://evil.example', host)).toBe(403)
      expect(await status('http://10.0.0.2:3000', host)).toBe(403)
    }
    expect(await status('http://home.example', 'evil.example')).toBe(200)
  })

  test('what the client wrote before the proxy counts for nothing', async () => {
    const edge = behindProxy(options, {
      'x-forwarded-for': '127.0.0.1, 203.0.113.9',
      'x-forwarded-proto': 'https, http',
    })
    expect(await edge.call('/auth/session')).toMatchObject({
      status: 403,
      body: { code: 'insecure_transport' },
    })
  })

  test('of named addresses only these are believed', async () => {
    const edge = createEdge({
      publicUrl: 'https://home.example',
      proxy: { cidrs: ['10.0.0.0/24'] },
    })
    const status = async (remoteAddress: string): Promise<number> =>
      (
        await edge.call('/auth/session', {
          headers: { host: 'home.example', ...TLS },
          info: { remoteAddress, encrypted: false },
        })
      ).status
    expect(await status('10.0.0.1')).toBe(200)
    expect(await status('::ffff:10.0.0.1')).toBe(200)
    expect(await status('10.0.1.1')).toBe(403)
    expect(await status('203.0.113.9')).toBe(403)
  })
})

test('NET-04 forwarded headers change nothing where no proxy was declared', async () => {
  const edge = createEdge()
  const forged = {
    'x-forwarded-proto': 'https',
    'x-forwarded-for': '203.0.113.9',
    'x-forwarded-host': 'home.example',
    'x-forwarded-prefix': '/app',
  }
  const { typed } = await edge.pair.codes.issue({ origin: HERE })
  const { headers } = await edge.call('/auth/redeem', { body: { code: typed }, headers: forged })
  expect(headers.get('set-cookie')).toMatch(/^pair_\w+=(?!.*Secure)/)
  const redeemed = (await edge.pair.audit.read()).items.find(({ type }) => type === 'code.redeemed')
  expect(redeemed?.actor).toEqual({ kind: 'newcomer', address: '127.0.0.1' })
  const owner = await edge.owner()
  expect((await owner.call('/auth/codes', { body: {}, headers: forged })).body.link).toMatch(
    /^http:\/\/localhost:3000\/pair#/,
  )
})

test('NET-04 links lead to the origin at which the server was asked', async () => {
  const edge = createEdge({ allowedHosts: ['lab.lan'], publicUrl: 'https://home.example/app' })
  const at = async (origin: string, encrypted: boolean): Promise<string> => {
    const { typed } = await edge.pair.codes.issue({ scopes: ['access:write', 'notes:read'] })
    const host = new URL(origin).host
    const call: Edge['call'] = (path, more: Call = {}) =>
      edge.call(path, { ...more, headers: { ...more.headers, host }, info: { encrypted } })
    const keyed = await pairKeyed({ call, now: edge.now }, typed, origin)
    return (await keyed.call('/auth/codes', { body: {} })).body.link.split('#')[0]
  }
  expect(await at('http://localhost:3000', false)).toBe('http://localhost:3000/pair')
  expect(await at('https://lab.lan:8443', true)).toBe('https://lab.lan:8443/pair')
})
