import { describe, expect, it, test } from 'vitest'
import { createPair } from '../src/create-pair.ts'
import { isPairError, PairError } from '../src/errors.ts'
import type { PairOptions } from '../src/pair-options.ts'
import { memoryStore } from '../src/storage/memory/memory-store.ts'
import { dumpStore, dumpText } from './kit/dump.ts'
import { createServer, createStranger } from './kit/newcomers.ts'
import { SECRET } from './kit/server.ts'

/** What construction says of these options; `null`: nothing. */
function refusalOf(options: Record<string, unknown>): PairError | null {
  try {
    createPair({ secret: SECRET, store: memoryStore(), ...options } as PairOptions)
    return null
  } catch (error) {
    if (isPairError(error)) return error
    throw error
  }
}

const NO_NUMBERS: readonly unknown[] = [
  NaN,
  -1,
  -0,
  0,
  Infinity,
  -Infinity,
  '1h',
  '900000',
  2 ** 53,
  2 ** 53 - 1,
  1.5,
  1e21,
  true,
  [60_000],
  {},
  10n,
  '',
]

describe('numbers', () => {
  const numeric: readonly [
    name: string,
    with_: (value: unknown) => Record<string, unknown>,
    right: unknown[],
  ][] = [
    [
      'session.slidingMs',
      (slidingMs) => ({ session: { slidingMs } }),
      [1_000, 86_400_000, null, undefined],
    ],
    [
      'session.absoluteMs',
      (absoluteMs) => ({ session: { absoluteMs } }),
      [1_000, 86_400_000, null, undefined],
    ],
    ['session.accessMs', (accessMs) => ({ session: { accessMs } }), [1_000, 900_000, undefined]],
    ...['pendingMs', 'collectMs', 'coolDownMs'].map((name): (typeof numeric)[number] => [
      `approval.${name}`,
      (value) => ({ approval: { [name]: value } }),
      [1_000, 600_000, 12 * 3_600_000, undefined],
    ]),
    ['proxy', (hops) => ({ proxy: { hops } }), [1, 16]],
  ]
  test.each(numeric)(
    'SEC-07 %s refuses at construction what is no number of its kind, and is named',
    (name, with_, right) => {
      for (const value of NO_NUMBERS) {
        const refusal = refusalOf(with_(value))
        expect(refusal?.code, String(value)).toBe('config_invalid')
        expect(refusal?.message).toContain(`\`${name}\``)
        expect(refusal?.hint).toMatch(/^For example /)
      }
      for (const value of right) expect(refusalOf(with_(value)), String(value)).toBeNull()
    },
  )

  test('SEC-07 hops end at sixteen, an access token is not without end, and null is no number of hops', () => {
    expect(refusalOf({ proxy: { hops: 17 } })?.message).toContain('`proxy`')
    expect(refusalOf({ proxy: { hops: null } })?.message).toContain('`proxy`')
    expect(refusalOf({ session: { accessMs: null } })?.message).toContain('`session.accessMs`')
  })

  test('SEC-07 no request is waited for longer than half a day, or without end', () => {
    for (const name of ['pendingMs', 'collectMs', 'coolDownMs']) {
      for (const value of [null, 999, 12 * 3_600_000 + 1, 24 * 3_600_000]) {
        const refusal = refusalOf({ approval: { [name]: value } })
        expect(refusal?.code, `${name} ${value}`).toBe('config_invalid')
        expect(refusal?.message).toContain(`\`approval.${name}\``)
        expect(refusal?.hint).toMatch(new RegExp(`^For example ${name}: \\d+$`))
      }
    }
  })

  test('SEC-07 numbers of a code are refused where it is issued, and are named', async () => {
    const { pair } = createServer()
    const issue = (request: object): Promise<unknown> => pair.codes.issue(request)
    for (const value of NO_NUMBERS) {
      for (const [name, request] of [
        ['uses', { uses: value }],
        ['expiresInMs', { expiresInMs: value }],
        ['session', { session: { slidingMs: value } }],
        ['session', { session: { absoluteMs: value } }],
      ] as const) {
        await expect(issue(request), `${name} ${String(value)}`).rejects.toMatchObject({
          code: 'invalid_request',
          message: expect.stringContaining(`\`${name}\``) as string,
        })
      }
    }
    for (const data of ['x'.repeat(2_047), 'é'.repeat(1_024), () => {}, 10n])
      await expect(issue({ data })).rejects.toMatchObject({
        message: expect.stringContaining('`data`') as string,
      })
    expect((await pair.codes.list()).items).toEqual([])
    await issue({ data: 'é'.repeat(1_023) })
    for (const uses of [1, 1_000, 'unlimited'] as const) await pair.codes.issue({ uses })
    for (const expiresInMs of [30_000, 2_592_000_000]) await pair.codes.issue({ expiresInMs })
    for (const session of [{ slidingMs: null, absoluteMs: 60_000 }, { slidingMs: 60_000 }, {}])
      await pair.codes.issue({ session })
  })

  test('SEC-07 the longest life that is let through can be shown in lists', async () => {
    const longest = 100 * 365 * 86_400_000
    const server = createServer({ session: { slidingMs: longest, absoluteMs: longest } })
    const { typed } = await server.pair.codes.issue({
      session: { slidingMs: longest, absoluteMs: longest },
    })
    const stranger = createStranger(server)
    expect((await stranger.redeem(typed)).status).toBe(200)
    expect((await stranger.call('/auth/session')).status).toBe(200)
    expect((await server.pair.sessions.list()).items).toHaveLength(1)
  })

  test('a page of no or half an item is refused, and never mistaken for the end', async () => {
    const { pair } = createServer()
    await pair.codes.issue()
    for (const limit of [NaN, 0, -1, 1.5, Infinity, '7' as never, 2 ** 53]) {
      for (const list of [
        pair.codes.list,
        pair.sessions.list,
        pair.devices.list,
        pair.approvals.list,
        pair.audit.read,
      ]) {
        await expect(list({ limit }), String(limit)).rejects.toMatchObject({
          code: 'invalid_request',
          message: expect.stringContaining('limit') as string,
        })
      }
    }
  })

  test('SEC-07 a clock that answers no number lets nobody in', async () => {
    const server = createServer()
    const { typed } = await server.pair.codes.issue()
    for (const wrong of [NaN, Infinity, undefined as never]) {
      const lost = createPair({
        secret: SECRET,
        store: server.store,
        scopes: ['notes:read', 'notes:write'],
        clock: () => wrong,
        logger: silent,
      })
      const body = JSON.stringify({ code: typed })
      const answer = await lost.handler(
        new Request('http://localhost:3000/auth/redeem', {
          method: 'POST',
          body,
          headers: { 'content-type': 'application/json' },
        }),
      )
      expect(answer!.status).toBeGreaterThanOrEqual(400)
      expect(answer!.headers.get('set-cookie')).toBeNull()
    }
    expect((await createStranger(server).redeem(typed)).status).toBe(200)
  })
})

const silent = { debug() {}, info() {}, warn() {}, error() {} }

describe('what is missing or wrong', () => {
  it.each<[string, Record<string, unknown>, RegExp]>([
    ['no store', { store: undefined }, /memoryStore\(\)/],
    [
      'a store without commits',
      { store: { ...memoryStore(), commit: undefined } },
      /memoryStore\(\)/,
    ],
    ['a URL for a store', { store: 'redis://localhost' }, /memoryStore\(\)/],
  ])('%s is a start-up error that names the mend', (_, options, mend) => {
    expect(refusalOf(options)).toMatchObject({
      code: 'config_invalid',
      message: expect.stringContaining('`store`') as string,
      hint: expect.stringMatching(mend) as string,
    })
  })

  it.each<[string, unknown]>([
    ['none', undefined],
    ['null', null],
    ['an empty one', ''],
    ['31 bytes', 'x1Y2z3A4b5C6d7E8f9G0h1I2j3K4l5M'],
    ['31 bytes in an array', crypto.getRandomValues(new Uint8Array(31))],
    ['one character again and again', 'a'.repeat(64)],
    ['a word again and again', 'changeme'.repeat(8)],
    ['zeros', new Uint8Array(32)],
    ['a number', 12_345_678_901],
    ['a source that can not be asked', { getOrCreate: 'yes' }],
    [
      'a source that can not tell what is spent',
      { getOrCreate: async () => new Uint8Array(32), markSpent: async () => true },
    ],
  ])('of a secret, %s is a start-up error that names the mend and not the secret', (_, secret) => {
    const refusal = refusalOf({ secret })
    expect(refusal).toMatchObject({
      code: 'config_invalid',
      message: expect.stringContaining('`secret`') as string,
      hint: expect.stringMatching(/randomBytes\(32\)/) as string,
    })
    if (typeof secret === 'string' && secret !== '')
      expect(`${refusal?.message} ${refusal?.hint} ${refusal?.stack}`).not.toContain(secret)
  })

  it('32 bytes are enough, and the message tells how many there were', () => {
    expect(refusalOf({ secret: 'x1Y2z3A4b5C6d7E8f9G0h1I2j3K4l5M6' })).toBeNull()
    expect(refusalOf({ secret: 'short but sweet' })?.message).toContain('it has 15')
  })

  it.each<[string, Record<string, unknown>, string]>([
    ['scopes of ours', { scopes: ['access:admin'] }, 'scopes'],
    ['scopes twice', { scopes: ['a', 'a'] }, 'scopes'],
    ['scopes with a blank', { scopes: ['a b'] }, 'scopes'],
    ['scopes that are no list', { scopes: 'notes:read' }, 'scopes'],
    ['scopes that are null', { scopes: null }, 'scopes'],
    ['a base path without its slash', { basePath: 'auth' }, 'basePath'],
    ['a base path with one behind it', { basePath: '/auth/' }, 'basePath'],
    ['the root as base path', { basePath: '/' }, 'basePath'],
    ['a base path that climbs', { basePath: '/../auth' }, 'basePath'],
    ['a public URL without scheme', { publicUrl: 'home.example' }, 'publicUrl'],
    ['a public URL with a query', { publicUrl: 'https://home.example/?a' }, 'publicUrl'],
    ['a public URL with an empty query', { publicUrl: 'https://home.example/?' }, 'publicUrl'],
    ['a public URL with a password', { publicUrl: 'https://:p@home.example' }, 'publicUrl'],
    ['a public URL of another kind', { publicUrl: 'ftp://home.example' }, 'publicUrl'],
    ['a public URL that is none', { publicUrl: 7 }, 'publicUrl'],
    ['a host with a path', { allowedHosts: ['a/b'] }, 'allowedHosts'],
    ['hosts that are no list', { allowedHosts: 'lab.lan' }, 'allowedHosts'],
    ['an origin with a slash', { allowedOrigins: ['https://a.example/'] }, 'allowedOrigins'],
    ['any origin', { allowedOrigins: ['*'] }, 'allowedOrigins'],
    ['the null origin', { allowedOrigins: ['null'] }, 'allowedOrigins'],
    ['an unknown policy', { keyless: 'yes' }, 'keyless'],
    ['an unknown mode', { admission: 'open' }, 'admission'],
    ['a mode in capitals', { admission: 'Approval' }, 'admission'],
    ['a mode in another order', { admission: 'approval+code' }, 'admission'],
    ['a mode that is a list', { admission: ['code'] }, 'admission'],
    ['waiting that is null', { approval: null }, 'approval'],
    ['waiting that is a number', { approval: 600_000 }, 'approval'],
    ['a proxy that is null', { proxy: null }, 'proxy'],
    ['a proxy that is true', { proxy: true }, 'proxy'],
    ['a proxy of nothing', { proxy: {} }, 'proxy'],
    ['a proxy told in two ways', { proxy: { hops: 1, cidrs: ['10.0.0.0/8'] } }, 'proxy'],
    ['proxies that are no ranges', { proxy: { cidrs: ['10.0.0.0/33'] } }, 'proxy'],
    ['proxies that are no texts', { proxy: { cidrs: [7] } }, 'proxy'],
    ['a session that is null', { session: null }, 'session'],
    ['a session that is a number', { session: 3_600 }, 'session'],
    ['a namespace with a slash', { namespace: 'a/b' }, 'namespace'],
    ['a namespace that is a number', { namespace: 7 }, 'namespace'],
    ['a clock that was called', { clock: Date.now() }, 'clock'],
    ['a random source that is none', { random: crypto }, 'random'],
    ['a logger without warnings', { logger: { info() {} } }, 'logger'],
  ])('%s is a start-up error that names the option', (_, options, name) => {
    expect(refusalOf(options)).toMatchObject({
      code: 'config_invalid',
      message: expect.stringContaining(`\`${name}\``) as string,
    })
  })

  it('no options at all is a start-up error', () => {
    for (const options of [undefined, null, 7, 'x'])
      expect(() => createPair(options as never)).toThrow(PairError)
  })
})

describe('a secret', () => {
  it('that the app wipes once the pair is made is still the one that counts', async () => {
    for (const bytes of [new TextEncoder().encode(SECRET), Buffer.from(SECRET)]) {
      const wiped = createServer({ secret: bytes })
      bytes.fill(0)
      const { typed } = await wiped.pair.codes.issue()
      const kept = createServer({ secret: SECRET, store: wiped.store })
      expect((await createStranger(kept).redeem(typed)).status).toBe(200)
    }
  })

  it('of a source that answers too little makes nothing', async () => {
    for (const made of [
      new Uint8Array(0),
      new Uint8Array(31).map((_, n) => n),
      new Uint8Array(32),
      'text' as never,
      undefined as never,
      null as never,
    ]) {
      const server = createServer({
        secret: {
          getOrCreate: async () => made,
          markSpent: async () => true,
          isSpent: async () => false,
        },
      })
      await expect(server.pair.codes.issue()).rejects.toMatchObject({
        code: 'config_invalid',
        message: expect.stringContaining('`secret`') as string,
      })
      expect((await createStranger(server).redeem('222-222-222')).status).toBe(500)
      expect(dumpText(await dumpStore(server.store))).toBe('')
    }
  })

  it('of a source that fails is asked for again', async () => {
    let asked = 0
    const getOrCreate = async (): Promise<Uint8Array> => {
      if (++asked === 1) throw new Error('EACCES /var/lib/secret')
      return new TextEncoder().encode(SECRET)
    }
    const server = createServer({
      secret: { getOrCreate, markSpent: async () => true, isSpent: async () => false },
    })
    const error: unknown = await server.pair.codes.issue().catch((thrown: unknown) => thrown)
    expect(error).toMatchObject({
      code: 'store_unavailable',
      message: expect.not.stringContaining('EACCES') as string,
    })
    await server.pair.codes.issue()
    await server.pair.codes.issue()
    expect(asked).toBe(2)
  })
})
