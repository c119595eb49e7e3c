import { calculateJwkThumbprint, jwtVerify, SignJWT, UnsecuredJWT } from 'jose'
import { describe, expect, test } from 'vitest'
import { utf8 } from '../../src/encoding/bytes.ts'
import { thumbprintOf } from '../../src/proof/proof-key.ts'
import { deriveKeys } from '../../src/token/keys-crypto.ts'
import { createDeviceKey } from '../kit/device.ts'
import { ORIGIN, SECRET, startServer } from '../kit/server.ts'
import { pairVisitor } from '../kit/visitor.ts'

const keys = deriveKeys(utf8(SECRET), 'pair')
const { kid } = JSON.parse(Buffer.from(keys.session.headerSegment, 'base64url').toString()) as {
  kid: string
}
const HEADER = { alg: 'HS256', kid, typ: 'pair-session+jwt' } as const

/** A bearer session, and what the instance says to any token in place of its own. */
async function bearer(): Promise<{
  token: string
  claims: Record<string, unknown>
  ask: (token: string) => Promise<string>
}> {
  const server = startServer()
  const visitor = await pairVisitor(server, { transport: 'bearer' })
  const token = visitor.accessToken!
  return {
    token,
    claims: JSON.parse(Buffer.from(token.split('.')[1]!, 'base64url').toString()) as Record<
      string,
      unknown
    >,
    ask: async (text) => {
      const auth = await server.pair.authenticate(
        new Request(ORIGIN, { headers: { authorization: `Bearer ${text}` } }),
      )
      if (auth.kind === 'session') return auth.session.id
      return auth.kind === 'none' ? (auth.reason ?? 'none') : auth.kind
    },
  }
}

const sign = (
  claims: object,
  header: object,
  key: Uint8Array = keys.session.key,
): Promise<string> =>
  new SignJWT(claims as Record<string, unknown>)
    .setProtectedHeader(header as { alg: string })
    .sign(key)

describe('SEC-02', () => {
  test('SEC-02 jose verifies our tokens with the derived key, and their claims are of RFC 7519 types', async () => {
    const server = startServer()
    const key = await createDeviceKey()
    for (const visitor of [
      await pairVisitor(server, { transport: 'bearer' }),
      await pairVisitor(server, { key, transport: 'dpop' }),
      await pairVisitor(server),
    ]) {
      const { payload, protectedHeader } = await jwtVerify(
        visitor.accessToken ?? visitor.cookie(),
        keys.session.key,
        {
          typ: 'pair-session+jwt',
          issuer: keys.instance,
          audience: keys.instance,
          requiredClaims: ['iss', 'aud', 'sub', 'sid', 'iat', 'exp', 'jti'],
          currentDate: new Date(server.clock()),
        },
      )
      expect(protectedHeader).toEqual(HEADER)
      expect(payload).toMatchObject({
        sub: 'owner',
        sid: visitor.session.id,
        iat: server.clock() / 1000,
      })
      expect(Object.keys(payload).sort()).toEqual([
        'aud',
        ...(visitor.key ? ['cnf'] : []),
        'exp',
        'iat',
        'iss',
        'jti',
        'sid',
        'sub',
      ])
      expect(payload.cnf).toEqual(visitor.key ? { jkt: key.thumbprint } : undefined)
      const answer = await visitor.call<{ credentialExpiresAt: string }>('GET', '/session', {
        proof: visitor.key !== null,
      })
      expect(answer.body.credentialExpiresAt).toBe(new Date(payload.exp! * 1000).toISOString())
    }
  })

  test('SEC-02 a token that jose made with our key counts only where its header is ours to the letter', async () => {
    const { claims, ask } = await bearer()
    expect(await ask(await sign(claims, HEADER))).toBe(claims.sid)
    const headers = [
      { typ: HEADER.typ, alg: 'HS256', kid },
      { alg: 'HS256', kid },
      { alg: 'HS256', typ: HEADER.typ },
      { alg: 'HS256', kid: 'another1', typ: HEADER.typ },
      { alg: 'HS256', kid, typ: 'JWT' },
      { alg: 'HS256', kid, typ: 'pair-resource+jwt' },
      { alg: 'HS256', kid, typ: 'PAIR-SESSION+JWT' },
      { alg: 'HS256', kid, typ: 'application/pair-session+jwt' },
      { alg: 'HS256', kid, typ: HEADER.typ, cty: 'JWT' },
    ]
    for (const header of headers)
      expect(await ask(await sign(claims, header)), JSON.stringify(header)).toBe('invalid')
  })

  test('SEC-02 alg none, another HMAC and another key are refused', async () => {
    const { claims, ask } = await bearer()
    const none = new UnsecuredJWT(claims).encode()
    expect(await ask(none)).toBe('invalid')
    expect(await ask(`${none}AA`)).toBe('invalid')
    const [, body = ''] = none.split('.')
    for (const text of [
      `${keys.session.headerSegment}.${body}.`,
      `${keys.session.headerSegment}.${body}`,
    ])
      expect(await ask(text)).toBe('invalid')
    for (const alg of ['HS384', 'HS512'])
      expect(
        await ask(
          await sign(
            claims,
            { ...HEADER, alg },
            new Uint8Array([...keys.session.key, ...keys.session.key]),
          ),
        ),
      ).toBe('invalid')
    for (const key of [
      keys.codePepper,
      utf8(SECRET),
      deriveKeys(utf8(SECRET), 'other').session.key,
      deriveKeys(utf8(`${SECRET}x`), 'pair').session.key,
    ]) {
      expect(await ask(await sign(claims, HEADER, key))).toBe('invalid')
    }
  })

  test('SEC-02 every claim is required, and of its type', async () => {
    const { claims, ask } = await bearer()
    const wrong: Record<string, unknown[]> = {
      iss: [undefined, 'x', [keys.instance], null, 1],
      aud: [undefined, 'x', [keys.instance], null],
      sub: [undefined, null, 1, ['owner'], 'somebody'],
      sid: [
        undefined,
        '',
        'ses_',
        'ses_x',
        null,
        1,
        `dev_${String(claims.sid).slice(4)}`,
        `${String(claims.sid)}x`,
        'ses_AAAAAAAAAAAAAAAAAAAAAA',
      ],
      iat: [undefined, null, '1', 1.5, -1, 0],
      exp: [undefined, null, String(claims.exp), Number(claims.exp) + 0.5, -1, 0, 2 ** 53],
      jti: [undefined, null, '', 1],
      cnf: [null, {}, { jkt: null }, { jkt: 'x' }, { jkt: 'A'.repeat(43) }, 'x', []],
    }
    for (const [name, values] of Object.entries(wrong)) {
      for (const value of values)
        expect(
          await ask(await sign({ ...claims, [name]: value }, HEADER)),
          `${name} ${JSON.stringify(value)}`,
        ).toBe('invalid')
    }
    expect(
      await ask(await sign({ ...claims, more: 'is ignored', scope: 'access:write' }, HEADER)),
    ).toBe(claims.sid)
  })

  test('SEC-02 exp is held at the very second, by our clock', async () => {
    const server = startServer({ keyless: 'full' })
    const visitor = await pairVisitor(server, { transport: 'bearer' })
    const reason = async (): Promise<unknown> => (await visitor.call('GET', '/session')).body.reason
    server.clock.advance(15 * 60_000 - 1)
    expect(await reason()).toBeUndefined()
    server.clock.advance(1)
    expect(await reason()).toBe('expired')
    server.clock.set(Number.NaN)
    const found = await server.pair.identify(await visitor.request('GET', '/'))
    expect(found.ok && found.auth.kind).not.toBe('session')
  })
})

test('POP-01 a thumbprint is that of RFC 7638, as jose reckons it', async () => {
  for (let round = 0; round < 50; round++) {
    const { jwk, thumbprint } = await createDeviceKey()
    const byJose = await calculateJwkThumbprint(jwk, 'sha256')
    expect(thumbprintOf(jwk)).toBe(byJose)
    expect(thumbprintOf({ ...jwk, kid: 'x', use: 'sig' } as never)).toBe(byJose)
    expect(thumbprint).toBe(byJose)
  }
})
