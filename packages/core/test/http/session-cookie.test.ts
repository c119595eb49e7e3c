import { describe, expect, test } from 'vitest'
import { deriveKeys } from '../../src/token/keys-crypto.ts'
import { utf8 } from '../../src/encoding/bytes.ts'
import type { RequestInfo } from '../../src/pair.ts'
import { createDeviceKey } from '../kit/device.ts'
import { SECRET, startServer, type Server } from '../kit/server.ts'
import { createVisitor, pairVisitor, type PairWish } from '../kit/visitor.ts'

const { instance } = deriveKeys(utf8(SECRET), 'pair')

/** The attributes of the one Set-Cookie line, sorted. */
async function setCookieOf(
  server: Server,
  { key = null, info }: PairWish = {},
  headers: Record<string, string> = {},
): Promise<{ name: string; attributes: string[] }> {
  const { typed } = await server.pair.codes.issue({ origin: server.origin })
  const device = { label: 'A', kind: 'browser', ...(key ? { publicKey: key.jwk } : {}) }
  const visitor = createVisitor(server, key, info)
  const answer = await visitor.call('POST', '/redeem', {
    body: { code: typed, device },
    proof: key !== null,
    headers,
  })
  expect(answer.status, answer.text).toBe(200)
  const lines = answer.headers.getSetCookie()
  expect(lines).toHaveLength(1)
  const [first = '', ...attributes] = lines[0]!.split('; ')
  return { name: first.split('=')[0]!, attributes: attributes.sort() }
}

describe('SES-01', () => {
  test('SES-01 a session states the transport that it was made with, and keeps it', async () => {
    const server = startServer()
    const key = await createDeviceKey()
    for (const [transport, visitor] of [
      ['cookie', await pairVisitor(server)],
      ['cookie', await pairVisitor(server, { key: await createDeviceKey() })],
      ['bearer', await pairVisitor(server, { transport: 'bearer' })],
      ['dpop', await pairVisitor(server, { key, transport: 'dpop' })],
    ] as const) {
      expect(visitor.session.transport).toBe(transport)
      const answer = await visitor.call<{ session: { transport: string } }>('GET', '/session', {
        proof: visitor.key !== null,
      })
      expect(answer.body.session.transport).toBe(transport)
    }
    const stored = await server.pair.sessions.list()
    expect(stored.items.map((item) => item.transport).sort()).toEqual([
      'bearer',
      'cookie',
      'cookie',
      'dpop',
    ])
  })

  test('SES-01 an answer to a cookie session holds the token in Set-Cookie alone', async () => {
    const server = startServer({ keyless: 'full' })
    for (const key of [null, await createDeviceKey()]) {
      const visitor = createVisitor(server, key)
      const { typed } = await server.pair.codes.issue({ origin: server.origin })
      const redeemed = await visitor.redeem(typed)
      const first = visitor.cookie()
      const renewed = await visitor.call('POST', '/renew', { body: {}, proof: key !== null })
      for (const [answer, token] of [
        [redeemed, first],
        [renewed, visitor.cookie()],
      ] as const) {
        expect(answer.status).toBe(200)
        expect(token).toMatch(/^[\w-]+\.[\w-]+\.[\w-]+$/)
        const readable = [
          answer.text,
          ...[...answer.headers]
            .filter(([name]) => name !== 'set-cookie')
            .map(([, value]) => value),
        ].join('\n')
        expect(readable).not.toContain(token.split('.')[2])
        expect(Object.keys(answer.body)).not.toEqual(expect.arrayContaining(['accessToken']))
        expect(answer.text).not.toMatch(/accessToken|refreshToken|tokenType/)
        expect(answer.headers.get('cache-control')).toBe('no-store')
      }
    }
  })

  test('SES-01 a token answer sets no cookie', async () => {
    const server = startServer({ keyless: 'full' })
    for (const [key, transport] of [
      [null, 'bearer'],
      [await createDeviceKey(), 'dpop'],
    ] as const) {
      const visitor = createVisitor(server, key)
      const { typed } = await server.pair.codes.issue({ origin: server.origin })
      const answer = await visitor.redeem(typed, { transport })
      expect(answer.headers.has('set-cookie')).toBe(false)
      expect(answer.body.tokenType).toBe(transport === 'dpop' ? 'DPoP' : 'Bearer')
      expect('refreshToken' in answer.body).toBe(transport === 'bearer')
    }
  })

  test('SES-01 a key takes no bearer and no key takes no dpop; the code stays whole', async () => {
    const server = startServer()
    const { typed } = await server.pair.codes.issue({ origin: server.origin })
    const key = await createDeviceKey()
    expect((await createVisitor(server, key).redeem(typed, { transport: 'bearer' })).status).toBe(
      400,
    )
    expect((await createVisitor(server).redeem(typed, { transport: 'dpop' })).status).toBe(400)
    expect((await createVisitor(server, key).redeem(typed, { transport: 'dpop' })).status).toBe(200)
  })
})

describe('SES-02', () => {
  const plain = ['HttpOnly', 'Path=/', 'SameSite=Lax']

  test('SES-02 over loopback http the cookie is unprefixed and not Secure', async () => {
    for (const origin of ['http://localhost:3000', 'http://127.0.0.1:8080', 'http://[::1]:3000']) {
      const { name, attributes } = await setCookieOf(startServer({ origin }), {
        key: await createDeviceKey(),
      })
      expect(name).toBe(`pair_${instance}`)
      expect(attributes).toEqual(['HttpOnly', 'Max-Age=900', 'Path=/', 'SameSite=Lax'])
    }
  })

  test('SES-02 over https direct it is __Host- and Secure', async () => {
    const origin = 'https://home.example'
    const { name, attributes } = await setCookieOf(startServer({ origin, publicUrl: origin }), {
      key: await createDeviceKey(),
    })
    expect(name).toBe(`__Host-pair_${instance}`)
    expect(attributes).toEqual(['HttpOnly', 'Max-Age=900', 'Path=/', 'SameSite=Lax', 'Secure'])
  })

  test('SES-02 a TLS socket counts where the URL says http', async () => {
    const server = startServer({ origin: 'http://localhost:3000' })
    const { name, attributes } = await setCookieOf(server, { info: { encrypted: true } })
    expect(name).toBe(`__Host-pair_${instance}`)
    expect(attributes).toContain('Secure')
  })

  const throughProxy = {
    'x-forwarded-proto': 'https',
    'x-forwarded-host': 'home.example',
    'x-forwarded-for': '203.0.113.9',
  }
  const peer: RequestInfo = { remoteAddress: '10.0.0.2', encrypted: false }

  test('SES-02 a declared proxy that ends TLS makes it Secure', async () => {
    for (const proxy of [{ hops: 1 }, { cidrs: ['10.0.0.0/8'] }]) {
      const { name, attributes } = await setCookieOf(
        startServer({ publicUrl: 'https://home.example', proxy }),
        { info: peer },
        throughProxy,
      )
      expect(name).toBe(`__Host-pair_${instance}`)
      expect(attributes).toEqual(expect.arrayContaining([...plain, 'Secure']))
    }
  })

  test('SES-02 the same headers from anybody else change nothing', async () => {
    for (const options of [{}, { proxy: { cidrs: ['192.0.2.0/24'] } }]) {
      const { name, attributes } = await setCookieOf(
        startServer(options),
        { info: peer },
        throughProxy,
      )
      expect(name).toBe(`pair_${instance}`)
      expect(attributes).not.toContain('Secure')
    }
  })

  test('SES-02 a proxy that received plain http gets no Secure cookie by what its client wrote', async () => {
    const server = startServer({ proxy: { hops: 1 } })
    const headers = {
      'x-forwarded-proto': 'https, http',
      'x-forwarded-for': '203.0.113.9, 127.0.0.1',
    }
    const { name } = await setCookieOf(server, { info: peer }, headers)
    expect(name).toBe(`pair_${instance}`)
  })

  test('SES-02 each scheme reads its own name alone: a cookie planted over http is nobody over https', async () => {
    const origin = 'https://home.example'
    const server = startServer({ origin, publicUrl: origin })
    const visitor = await pairVisitor(server)
    const token = visitor.cookie()
    const ask = async (cookie: string, at: Server = server): Promise<unknown> =>
      (await createVisitor(at).call('GET', '/session', { headers: { cookie } })).body.authenticated
    expect(await ask(`__Host-pair_${instance}=${token}`)).toBe(true)
    expect(await ask(`pair_${instance}=${token}`)).toBe(false)
    expect(await ask(`__host-pair_${instance}=${token}`)).toBe(false)
    const local = { ...server, origin: 'http://localhost:3000' }
    expect(await ask(`__Host-pair_${instance}=${token}`, local)).toBe(false)
    expect(await ask(`pair_${instance}=${token}`, local)).toBe(true)
  })

  test('SES-02 logout takes the cookie away under the same name and attributes', async () => {
    const origin = 'https://home.example'
    const server = startServer({ origin, publicUrl: origin })
    const visitor = await pairVisitor(server)
    const answer = await visitor.call('POST', '/logout')
    expect(answer.status).toBe(204)
    expect(answer.headers.getSetCookie()).toEqual([
      `__Host-pair_${instance}=; Path=/; HttpOnly; SameSite=Lax; Max-Age=0; Secure`,
    ])
  })

  test('SES-02 a Max-Age never outlives the credential', async () => {
    const server = startServer()
    server.clock.advance(777)
    const { attributes } = await setCookieOf(server, { key: await createDeviceKey() })
    expect(attributes).toContain('Max-Age=899')
    const short = await server.pair.codes.issue({
      origin: server.origin,
      session: { slidingMs: 60_000 },
    })
    const visitor = createVisitor(server, await createDeviceKey())
    const answer = await visitor.redeem(short.typed)
    expect(answer.headers.getSetCookie()[0]).toMatch(/Max-Age=59;?/)
  })
})
