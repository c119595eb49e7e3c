import { createHmac, createPublicKey, generateKeyPairSync, sign as nodeSign } from 'node:crypto'
import { describe, expect, test, vi } from 'vitest'
import { createSamples, type World } from '../kit/all-kinds.ts'
import { keysFrom } from '../kit/keys.ts'
import { admitted, bearerOf } from '../kit/rotations.ts'
import { SECRET, startServer } from '../kit/server.ts'
import { membersOf, segmentOf } from '../kit/token-mutants.ts'
import { pairVisitor } from '../kit/visitor.ts'

vi.setConfig({ testTimeout: 60_000 })

const TOKENS = ['bearer token', 'cookie', 'dpop token', 'resource token'] as const
type Token = (typeof TOKENS)[number]

interface Opened {
  header: Record<string, unknown>
  claims: Record<string, unknown>
  accepts(text: string): Promise<boolean>
  /** Signed by our own key. */
  own(claims: object): Promise<string>
}

function open({ samples }: World, name: Token): Opened {
  const { text, accepts, sign } = samples[name]!
  const [head = '', body = ''] = text.split('.')
  return {
    header: membersOf(head),
    claims: membersOf(body),
    accepts,
    own: async (claims) => {
      const segment = segmentOf(JSON.stringify(claims))
      return `${head}.${segment}.${await sign!(head, segment)}`
    },
  }
}

function jws(header: object, claims: object, sign: (signed: string) => Buffer): string {
  const signed = [header, claims].map((part) => segmentOf(JSON.stringify(part))).join('.')
  return `${signed}.${sign(signed).toString('base64url')}`
}

const hs =
  (key: string | Uint8Array, hash = 'sha256') =>
  (signed: string): Buffer =>
    createHmac(hash, key).update(signed).digest()

/** Every way in which what is public is written down: none of it is a secret key. */
async function publicTexts(): Promise<(string | Uint8Array)[]> {
  const keys = await keysFrom(SECRET, { signing: 'eddsa' }).publicKeys()
  return keys.flatMap((jwk) => {
    const key = createPublicKey({ key: { ...jwk }, format: 'jwk' })
    const raw = Buffer.from(jwk.x, 'base64url')
    const [der, pem] = [
      key.export({ type: 'spki', format: 'der' }),
      key.export({ type: 'spki', format: 'pem' }) as string,
    ]
    return [raw, jwk.x, jwk.kid, der, pem, pem.trim(), JSON.stringify(jwk), Buffer.alloc(32), '']
  })
}

describe.each(['hs256', 'eddsa'] as const)('SEC-02 where %s signs', (signing) => {
  test('SEC-02 what another issuer signed by a key of its own, with the same claims, is refused', async () => {
    const world = await createSamples(signing)
    const theirs = generateKeyPairSync('ed25519')
    const jwk = theirs.publicKey.export({ format: 'jwk' })
    const ed = (signed: string): Buffer => nodeSign(null, Buffer.from(signed), theirs.privateKey)
    for (const name of TOKENS) {
      const { header, claims, accepts, own } = open(world, name)
      const eddsa = { ...header, alg: 'EdDSA' }
      const hs256 = { ...header, alg: 'HS256' }
      for (const text of [
        jws(eddsa, claims, ed),
        jws(header, claims, ed),
        jws({ ...eddsa, jwk }, claims, ed),
        jws({ ...eddsa, kid: undefined, jwk }, claims, ed),
        jws({ ...eddsa, kid: 'theirs' }, claims, ed),
        jws({ ...eddsa, jku: 'https://evil.example/jwks.json' }, claims, ed),
        jws({ ...eddsa, x5c: ['AAAA'] }, claims, ed),
        jws({ ...eddsa, crit: ['exp'] }, claims, ed),
        jws({ ...eddsa, b64: false, crit: ['b64'] }, claims, ed),
        jws(header, claims, hs('a key of theirs')),
        jws(hs256, claims, hs('a key of theirs')),
        jws(hs256, claims, hs(SECRET)),
        jws({ ...hs256, alg: 'HS512' }, claims, hs(SECRET, 'sha512')),
        jws({ ...hs256, jwk: { kty: 'oct', k: 'AAAA' } }, claims, hs(Buffer.alloc(3))),
      ])
        expect(await accepts(text), text).toBe(false)
      expect(await accepts(await own(claims))).toBe(true)
    }
  })

  test('SEC-02 a public key is no HMAC secret, under whatever header (RFC 8725 §2.1)', async () => {
    const world = await createSamples(signing)
    const ring = keysFrom(SECRET, { signing: 'eddsa' })
    const heads = await Promise.all(
      (['hs256', 'eddsa'] as const).flatMap((kept) =>
        (['session', 'resource'] as const).map(async (kind) =>
          membersOf((await keysFrom(SECRET, { signing: kept }).sign(kind, {})).split('.')[0]),
        ),
      ),
    )
    const kids = [...(await ring.publicKeys()).map(({ kid }) => kid), undefined]
    for (const name of TOKENS) {
      const { header, claims, accepts } = open(world, name)
      const tried = [
        ...heads,
        ...kids.flatMap((kid) => [
          { alg: 'HS256', kid, typ: header.typ },
          { alg: 'EdDSA', kid, typ: header.typ },
        ]),
      ]
      for (const key of await publicTexts())
        for (const head of tried)
          for (const hash of ['sha256', 'sha512'])
            expect(await accepts(jws(head, claims, hs(key, hash)))).toBe(false)
    }
  })

  test('SEC-02 of what our key signed every claim is required, of its type, and of this server', async () => {
    const world = await createSamples(signing)
    const seconds = world.server.clock() / 1_000
    const wrong: Record<string, unknown[]> = {
      iss: ['x', ['@'], null, 1, {}, ''],
      aud: ['x', ['@'], null, 1, {}, ''],
      sub: [null, 1, ['owner'], 'somebody', {}, ''],
      sid: ['', 'ses_', 'ses_x', null, 1, ['@'], 'ses_AAAAAAAAAAAAAAAAAAAAAA', '@x', ' @'],
      iat: [null, '1', 1.5, -1, 0, 2 ** 53, '@', ['@'], seconds + 3_600, true],
      exp: [null, '@', 1.5, -1, 0, 2 ** 53, seconds, seconds - 1, ['@'], true, {}],
      jti: [null, '', 1, ['@'], {}],
      cnf: [
        null,
        {},
        { jkt: null },
        { jkt: 'x' },
        { jkt: 'A'.repeat(43) },
        'x',
        [],
        { jkt: ['@'] },
      ],
      resource: ['x', null, 1, ['@'], '', 'screen:wall-2', 'screen', '@/', '@ '],
      mode: ['x', null, 1, ['@'], '', 'View', '__proto__'],
    }
    for (const name of TOKENS) {
      const { claims, accepts, own } = open(world, name)
      for (const [claim, values] of Object.entries(wrong)) {
        const value = claims[claim]
        if (value === undefined && claim !== 'cnf') continue
        const filled = values.map(
          (text) => JSON.parse(JSON.stringify(text).replaceAll('@', String(value))) as unknown,
        )
        // Without `cnf` a token that was bound says that it is not.
        const absent = value === undefined ? [] : [undefined]
        for (const other of [...filled, ...absent])
          if (other !== value)
            expect(
              await accepts(await own({ ...claims, [claim]: other })),
              `${name} ${claim} ${JSON.stringify(other)}`,
            ).toBe(false)
      }
      expect(await accepts(await own({ ...claims, more: 1, scope: 'access:write' }))).toBe(true)
    }
  })

  test('SEC-02 exp is held at the very second', async () => {
    for (const name of TOKENS) {
      const world = await createSamples(signing)
      const { claims, accepts, own } = open(world, name)
      const end = world.server.clock() + 60_000
      const text = await own({ ...claims, exp: end / 1_000 })
      world.server.clock.set(end - 1)
      expect(await accepts(text), name).toBe(true)
      world.server.clock.set(end)
      expect(await accepts(text), name).toBe(false)
    }
  })

  test('SEC-02 whatever a subject is called, its tokens are its own', async () => {
    const server = startServer({ signing })
    for (const subject of [
      'ACME\\udell',
      'a\\u0000b',
      '\\\\ud800',
      '"__proto__":',
      'constructor',
      '{"a":1}',
      'Ünïcødé 🙂',
      "'",
    ]) {
      const { accessToken } = await pairVisitor(server, { transport: 'bearer', code: { subject } })
      expect(await admitted(server, bearerOf(accessToken)), subject).toBe('session')
    }
  })
})
