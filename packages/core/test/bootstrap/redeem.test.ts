import { describe, expect, it, test } from 'vitest'
import { faultyStore } from '@pair/testkit/store'
import type { AuthorizedAnswer } from '../../src/http/wire.ts'
import { memoryStore } from '../../src/storage/memory/memory-store.ts'
import { createDeviceKey } from '../kit/device.ts'
import { createKeyed, createServer, createStranger, secretOf } from '../kit/newcomers.ts'
import { ORIGIN } from '../kit/server.ts'

describe('typing', () => {
  test('CODE-02 a code typed in another way is redeemed, and is then used in every way', async () => {
    const server = createServer()
    const { typed } = await server.pair.codes.issue()
    const loose = ` ${typed.toLowerCase().replaceAll('-', ' – ')} `
    expect((await createStranger(server).redeem(loose)).status).toBe(200)
    for (const again of [typed, loose, typed.replaceAll('-', ''), typed.toLowerCase()]) {
      expect((await createStranger(server).redeem(again)).body.code).toBe('code_invalid')
    }
  })

  test('CODE-02 a forbidden glyph is refused with a hint and asks the store nothing', async () => {
    const line = faultyStore(memoryStore())
    const server = createServer({ store: line.store })
    const { typed } = await server.pair.codes.issue()
    const asked = (): number[] =>
      (['read', 'commit', 'increment'] as const).map((call) => line.calls(call))
    const before = asked()
    for (const glyph of ['0', 'O', '1', 'I', 'L', 'ſ', '\u212a']) {
      const { status, body } = await createStranger(server).redeem(glyph + typed.slice(1))
      expect(status).toBe(400)
      expect(body.code).toBe('code_malformed')
      expect(body.hint).toMatch(/0, O, 1, I or L/)
    }
    expect(asked()).toEqual(before)
    expect((await createStranger(server).redeem(typed)).status).toBe(200)
  })

  test('SEC-01 letters that fold to a symbol elsewhere neither open a code nor spend it', async () => {
    const server = createServer()
    const { typed } = await server.pair.codes.issue()
    const folds: Record<string, string[]> = {
      S: ['ſ', 'ﬆ'],
      K: ['\u212a', 'Ⓚ'],
      A: ['\u212b', 'ª', 'Α', 'А'],
      F: ['ﬀ'],
      2: ['²', '٢'],
    }
    for (const lookalike of Object.values(folds).flat()) {
      expect((await createStranger(server).redeem(lookalike + typed.slice(1))).body.code).toBe(
        'code_malformed',
      )
    }
    for (const [at, symbol] of Array.from(typed).entries()) {
      for (const lookalike of folds[symbol] ?? []) {
        const forged = typed.slice(0, at) + lookalike + typed.slice(at + 1)
        expect((await createStranger(server).redeem(forged)).status).toBe(400)
      }
    }
    expect((await createStranger(server).redeem(typed)).status).toBe(200)
  })

  it('keeps the case of a link', async () => {
    const server = createServer()
    const secret = secretOf((await server.pair.codes.issue()).link)
    const other = secret === secret.toLowerCase() ? secret.toUpperCase() : secret.toLowerCase()
    expect((await createStranger(server).redeem(other)).body.code).toBe('code_invalid')
    expect((await createStranger(server).redeem(secret)).status).toBe(200)
  })
})

describe('the link', () => {
  test('CODE-07 a link is /pair#code= with 128 bits and nothing else', async () => {
    const { pair } = createServer({ publicUrl: 'https://home.example/app/' })
    const seen = new Set<string>()
    for (let round = 0; round < 100; round++) {
      const { link } = await pair.codes.issue()
      const url = new URL(link)
      expect(`${url.origin}${url.pathname}${url.search}`).toBe('https://home.example/app/pair')
      expect(url.hash).toMatch(/^#code=[A-Za-z0-9_-]{22}$/)
      seen.add(url.hash)
    }
    expect(seen.size).toBe(100)
  })

  test('CODE-07 a link is made only for an http or https origin without query or fragment', async () => {
    const { pair } = createServer()
    const wrong = [
      'javascript:alert(1)',
      'https://a.example/?x=1',
      'https://a.example/#x',
      'https://u:p@a.example',
      'a.example',
      '',
      '//a.example',
    ]
    for (const origin of wrong) {
      await expect(pair.codes.issue({ origin }), origin).rejects.toMatchObject({
        code: 'invalid_request',
        message: expect.stringContaining('origin'),
      })
    }
    const { link } = await pair.codes.issue({ origin: 'https://a.example/sub/' })
    expect(link).toMatch(/^https:\/\/a\.example\/sub\/pair#code=/)
  })

  test('CODE-07 what previews, scanners and crawlers send never spends a code', async () => {
    const server = createServer()
    const { link, typed } = await server.pair.codes.issue()
    const secret = secretOf(link)
    const paths = ['/auth/redeem', '/auth/pair', '/auth', '/auth/session', '/auth/codes'].flatMap(
      (path) => [
        `${path}?code=${secret}`,
        `${path}?code=${typed}`,
        `${path}/${secret}`,
        `${path}#code=${secret}`,
      ],
    )
    for (const path of paths) {
      for (const method of ['GET', 'HEAD', 'OPTIONS', 'DELETE', 'PROPFIND']) {
        const answer = await server.call(path, {
          method,
          headers: { 'user-agent': 'facebookexternalhit/1.1' },
        })
        expect(answer.headers.get('set-cookie')).toBeNull()
        expect(answer.text).not.toContain('"authorized"')
      }
    }
    for (const method of ['GET', 'HEAD']) {
      const answer = await server.call(`/auth/redeem?code=${secret}`, { method })
      expect([answer.status, answer.headers.get('allow')]).toEqual([405, 'POST'])
    }
    // forms that a page can post without a script
    for (const type of [
      'application/x-www-form-urlencoded',
      'text/plain',
      'multipart/form-data; boundary=x',
      '',
    ]) {
      const answer = await server.call('/auth/redeem', {
        body: JSON.stringify({ code: secret }),
        headers: { 'content-type': type },
      })
      expect(answer.status).toBe(415)
    }
    expect((await server.pair.codes.list()).items).toMatchObject([{ used: 0 }])
    expect((await createStranger(server).redeem(secret)).status).toBe(200)
  })
})

describe('what is refused', () => {
  test('CODE-11 an over-wide request, a wrong transport, a bad name and a missing key burn nothing', async () => {
    const server = createServer()
    const { typed } = await server.pair.codes.issue({ scopes: ['notes:read', 'access:read'] })
    const stranger = createStranger(server)
    const keyed = await createKeyed(server)
    const refusals = [
      await keyed.redeem(typed, { scopes: ['notes:read', 'notes:write'] }),
      await keyed.redeem(typed, { scopes: [] }),
      await keyed.redeem(typed, { scopes: ['notes:read', 'notes:read'] }),
      await keyed.redeem(typed, { scopes: ['unheard:of'] }),
      await keyed.redeem(typed, { transport: 'bearer' }),
      await stranger.redeem(typed, { transport: 'dpop' }),
      await stranger.redeem(typed, { scopes: ['access:read'] }),
      await stranger.redeem(typed, { device: { label: '\u202eexe', kind: 'browser' } }),
      await stranger.redeem(typed, { device: { label: 'x', kind: 'toaster' } }),
      await stranger.redeem(typed, {
        device: { label: 'x', kind: 'app', publicKey: keyed.key!.jwk },
      }),
    ]
    expect(refusals.map(({ status, body }) => [status, body.code])).toEqual([
      [403, 'insufficient_scope'],
      [400, 'invalid_request'],
      [400, 'invalid_request'],
      [400, 'invalid_request'],
      [400, 'invalid_request'],
      [400, 'invalid_request'],
      [403, 'insufficient_scope'],
      [400, 'invalid_request'],
      [400, 'invalid_request'],
      [401, 'proof_required'],
    ])
    expect((await server.pair.codes.list()).items).toMatchObject([{ used: 0 }])
    const paired = await keyed.redeem(typed)
    expect(paired.as<AuthorizedAnswer>().session.scopes).toEqual(['notes:read', 'access:read'])
  })

  test('CODE-11 a proof that is of another body, key, address, method or time burns nothing', async () => {
    const server = createServer()
    const { typed } = await server.pair.codes.issue()
    const [owner, thief] = await Promise.all([createDeviceKey(), createDeviceKey()])
    const path = '/auth/redeem'
    const body = { code: typed, device: { label: 'x', kind: 'browser', publicKey: owner.jwk } }
    const at = server.clock()
    const right = { htm: 'POST', htu: ORIGIN + path, at, body }
    const proofs = [
      await thief.prove(right),
      await owner.prove({ ...right, body: { ...body, scopes: ['notes:read'] } }),
      await owner.prove({ htm: 'POST', htu: ORIGIN + path, at }),
      await owner.prove({ ...right, htu: `${ORIGIN}/auth/renew` }),
      await owner.prove({ ...right, htm: 'GET' }),
      await owner.prove({ ...right, token: 'another' }),
      (await owner.prove(right)).replace(/.$/, (last) => (last === 'A' ? 'Q' : 'A')),
      'not.a.proof',
    ]
    for (const dpop of proofs) {
      const answer = await server.call(path, { body, headers: { dpop } })
      expect([answer.status, answer.body.code]).toEqual([401, 'proof_invalid'])
    }
    for (const away of [-301_000, 6_000]) {
      const dpop = await owner.prove({ ...right, at: at + away })
      const answer = await server.call(path, { body, headers: { dpop } })
      expect([answer.status, answer.body.code]).toEqual([401, 'use_dpop_nonce'])
    }
    const dpop = await owner.prove(right)
    expect((await server.call(path, { body, headers: { dpop } })).status).toBe(200)
  })

  test('CODE-11 a code bound to a key is unknown to all others, and they spend nothing of it', async () => {
    const server = createServer()
    const owner = await createKeyed(server)
    const { typed, link } = await server.pair.codes.issue({
      boundThumbprint: owner.key!.thumbprint,
    })
    const never = await createStranger(server).redeem('222-222-222')
    for (const visitor of [createStranger(server), await createKeyed(server)]) {
      for (const code of [typed, secretOf(link)]) {
        const answer = await visitor.redeem(code)
        expect([answer.status, answer.text]).toEqual([never.status, never.text])
      }
    }
    expect((await owner.redeem(typed)).status).toBe(200)
  })

  test('CODE-11 where keys are asked of all, one without spends nothing', async () => {
    const server = createServer({ keyless: 'refuse' })
    const { typed } = await server.pair.codes.issue()
    expect((await createStranger(server).redeem(typed)).body.code).toBe('device_key_required')
    expect((await (await createKeyed(server)).redeem(typed)).status).toBe(200)
  })

  test('CODE-11 a request from a foreign page or for a foreign host spends nothing', async () => {
    const server = createServer()
    const { typed } = await server.pair.codes.issue()
    const body = { code: typed }
    for (const headers of [
      { origin: 'http://localhost:4000' },
      { origin: 'null' },
      { 'sec-fetch-site': 'same-site' },
      { host: 'evil.example' },
    ]) {
      expect((await server.call('/auth/redeem', { body, headers })).status).toBe(403)
    }
    expect((await server.call('/auth/redeem', { body, headers: { origin: ORIGIN } })).status).toBe(
      200,
    )
  })

  it('tells strangers the same of unknown, used, revoked and expired codes', async () => {
    const server = createServer()
    const [used, revoked, expired] = [
      await server.pair.codes.issue(),
      await server.pair.codes.issue(),
      await server.pair.codes.issue({ expiresInMs: 30_000 }),
    ]
    await createStranger(server).redeem(used.typed)
    await server.pair.codes.revoke(revoked.code.id)
    server.clock.advance(30_000)
    const texts = new Set<string>()
    for (const code of [
      '222-222-222',
      used.typed,
      revoked.typed,
      expired.typed,
      secretOf(used.link),
      'A'.repeat(22),
    ]) {
      const { status, text, headers } = await createStranger(server).redeem(code)
      texts.add(`${status} ${text} ${JSON.stringify([...headers])}`)
    }
    expect([...texts]).toHaveLength(1)
    expect([...texts][0]).toMatch(/^401 .*"code_invalid"/)
  })

  it('ends a code to the millisecond', async () => {
    const server = createServer()
    const { typed } = await server.pair.codes.issue({ expiresInMs: 30_000, uses: 2 })
    server.clock.advance(29_999)
    expect((await createStranger(server).redeem(typed)).status).toBe(200)
    server.clock.advance(1)
    expect((await createStranger(server).redeem(typed)).status).toBe(401)
  })
})
