import { describe, expect, test } from 'vitest'
import { verifyByPublicKeys, type PublicClaims } from '../../src/token.ts'
import { MINUTE } from '../../src/time.ts'
import { createSamples, type World } from '../kit/all-kinds.ts'
import { createDeviceKey } from '../kit/device.ts'
import { keysFrom } from '../kit/keys.ts'
import { pairWith } from '../kit/screens.ts'
import { SECRET, startServer } from '../kit/server.ts'
import { forgedTexts, membersOf, segmentOf, signedWrong } from '../kit/token-mutants.ts'
import { mutantsOf } from '../kit/text-mutants.ts'
import { pairVisitor } from '../kit/visitor.ts'

type Kind = keyof PublicClaims
const KINDS = { session: 'bearer token', resource: 'resource token' } as const

interface Elsewhere extends World {
  /** What a service has that holds our key set and nothing else. */
  ask(
    kind: Kind,
    text: string,
    more?: { issuer?: string; now?: number; keys?: unknown[] },
  ): Promise<unknown>
}

async function elsewhere(signing: 'hs256' | 'eddsa' = 'eddsa'): Promise<Elsewhere> {
  const world = await createSamples(signing)
  const { signingKeys } = world.server.pair
  const ours = await signingKeys.issuer()
  return {
    ...world,
    async ask(kind, text, { issuer = ours, now = world.server.clock(), keys } = {}) {
      const set = { keys: keys ?? (await signingKeys.publicKeys()).keys }
      return verifyByPublicKeys(kind, text, { keys: set, issuer, now })
    },
  }
}

describe.each(['session', 'resource'] as const)('SES-11 a %s token by the public keys', (kind) => {
  test('SES-11 says what was signed, of that issuer and kind and until its end', async () => {
    const { samples, server, ask } = await elsewhere()
    const { text } = samples[KINDS[kind]]!
    const claims = membersOf(text.split('.')[1])
    expect(await ask(kind, text)).toEqual(claims)
    expect(await ask(kind === 'session' ? 'resource' : 'session', text)).toBeNull()
    for (const issuer of [
      '',
      'x',
      `${String(claims.iss)}/resource`,
      String(claims.iss).toUpperCase(),
    ])
      if (issuer !== claims.iss) expect(await ask(kind, text, { issuer })).toBeNull()
    const end = Number(claims.exp) * 1_000
    expect(await ask(kind, text, { now: end - 1 })).toEqual(claims)
    for (const now of [end, end + 1, NaN, Infinity, -Infinity, server.clock() - MINUTE])
      expect(await ask(kind, text, { now }), `${now}`).toBeNull()
    // Nobody but the server knows that.
    await server.pair.sessions.revokeAll()
    expect(await ask(kind, text)).toEqual(claims)
  })

  test('SES-03 of 700 texts and more that look like it none is taken', async () => {
    const { samples, ask } = await elsewhere()
    const { text, sign } = samples[KINDS[kind]]!
    const others = Object.entries(samples)
      // What is bound to a key is a session token too.
      .filter(([name]) => name !== KINDS[kind] && (kind === 'resource' || name !== 'dpop token'))
      .map(([, one]) => one.text)
    const wrong = [...mutantsOf(text, 1_200, others), ...forgedTexts(text)]
    for (const [head, body] of signedWrong(text))
      wrong.push(`${head}.${body}.${await sign!(head, body)}`)
    const taken: string[] = []
    for (const other of wrong) if ((await ask(kind, other)) !== null) taken.push(other)
    expect(taken).toEqual([])
    expect(await ask(kind, text)).not.toBeNull()
  })

  test('SEC-02 every claim is required, and of its type', async () => {
    const { samples, ask } = await elsewhere()
    const { text, sign } = samples[KINDS[kind]]!
    const [head = '', body = ''] = text.split('.')
    const claims = membersOf(body)
    const own = async (change: object): Promise<unknown> => {
      const segment = segmentOf(JSON.stringify({ ...claims, ...change }))
      return ask(kind, `${head}.${segment}.${await sign!(head, segment)}`)
    }
    expect(await own({ more: 1 })).toEqual(claims)
    for (const name of Object.keys(claims))
      for (const value of [undefined, null, [], {}, [claims[name]], true, '', 1.5])
        // Any text is a subject, a resource or a mode there: which there are the server knows.
        if (value !== '' || !['sub', 'resource', 'mode'].includes(name))
          expect(await own({ [name]: value }), `${name} ${JSON.stringify(value)}`).toBeNull()
    for (const cnf of [null, {}, { jkt: 1 }, { jkt: 'x' }, 'x'])
      expect(await own({ cnf })).toBeNull()
  })

  test('SES-11 other keys in the set are passed over, and none of them makes it count', async () => {
    const { samples, server, ask } = await elsewhere()
    const { text } = samples[KINDS[kind]]!
    const { keys } = await server.pair.signingKeys.publicKeys()
    const strange: unknown[] = [
      null,
      1,
      'x',
      [],
      {},
      { kty: 'oct', k: 'AAAA' },
      { kty: 'RSA', n: 'x', e: 'AQAB', kid: 'x' },
      { ...keys[0], crv: 'X25519' },
      { ...keys[0], x: undefined },
      { ...keys[0], kid: 1 },
      ...(await keysFrom(`${SECRET}x`, { signing: 'eddsa' }).publicKeys()),
    ]
    expect(await ask(kind, text, { keys: [...strange, ...keys] })).not.toBeNull()
    expect(await ask(kind, text, { keys: strange })).toBeNull()
    expect(await ask(kind, text, { keys: [] })).toBeNull()
    const own = { kid: keys[kind === 'session' ? 0 : 1]!.kid }
    for (const x of ['', 'x', 'A'.repeat(43), keys[kind === 'session' ? 1 : 0]!.x])
      expect(await ask(kind, text, { keys: [{ ...keys[0], ...own, x }] })).toBeNull()
  })
})

test('SES-11 a token that is bound to a key says so', async () => {
  const { server, ask } = await elsewhere()
  const key = await createDeviceKey()
  await server.pair.admission.set('code')
  const { accessToken } = await pairWith(server, ['notes:read'], { key, transport: 'dpop' })
  expect(await ask('session', accessToken!)).toMatchObject({ cnf: { jkt: key.thumbprint } })
})

test('SES-11 what is signed by a key that nobody may know is taken by nobody', async () => {
  const { samples, ask } = await elsewhere('hs256')
  const keys = await keysFrom(SECRET, { signing: 'eddsa' }).publicKeys()
  for (const kind of ['session', 'resource'] as const) {
    const { text } = samples[KINDS[kind]]!
    expect(await ask(kind, text)).toBeNull()
    expect(await ask(kind, text, { keys })).toBeNull()
  }
})

test('SES-11 a cookie, and what lives for long as nobody renews it, is for the server alone', async () => {
  for (const keyless of ['limited', 'full'] as const) {
    const server = startServer({ signing: 'eddsa', keyless })
    const keys = await server.pair.signingKeys.publicKeys()
    const issuer = await server.pair.signingKeys.issuer()
    const isOpen = async (text: string): Promise<boolean> =>
      (await verifyByPublicKeys('session', text, { keys, issuer, now: server.clock() })) !== null
    const key = await createDeviceKey()
    const [cookie, keyed, bearer, dpop] = await Promise.all([
      pairVisitor(server),
      pairVisitor(server, { key }),
      pairVisitor(server, { transport: 'bearer' }),
      pairVisitor(server, { key: await createDeviceKey(), transport: 'dpop' }),
    ])
    expect(await isOpen(cookie.cookie())).toBe(false)
    expect(await isOpen(keyed.cookie())).toBe(false)
    expect(await isOpen(bearer.accessToken!)).toBe(keyless === 'full')
    expect(await isOpen(dpop.accessToken!)).toBe(true)
    for (const visitor of [cookie, keyed, bearer, dpop])
      expect(
        (await visitor.call('GET', '/session', { proof: visitor === dpop })).body,
      ).toMatchObject({
        authenticated: true,
      })
  }
})
