import { createPair, memoryStore, type SessionNeed, type Pair, type PairOptions } from '@pair/core'
import { fixedClock, signIn } from '@pair/testkit/app'
import { describe, expect, it } from 'vitest'

type Scope = 'notes:read' | 'notes:write'

const openPair = (options: Partial<PairOptions<Scope>> = {}): Pair<Scope> =>
  createPair<Scope>({
    secret: 'a secret of these tests, 32 bytes or more',
    store: memoryStore(),
    scopes: ['notes:read', 'notes:write'],
    logger: { debug() {}, info() {}, warn() {}, error() {} },
    ...options,
  })

/** What a guarded route of an app answers. */
async function visit(
  pair: Pair<Scope>,
  need: SessionNeed<Scope>,
  headers: Record<string, string>,
  url = 'http://localhost/notes?page=2',
  method = 'GET',
): Promise<string> {
  const found = await pair.guard(new Request(url, { method, headers }), undefined, need)
  if (found.ok) return found.auth.proven ? 'in, proven' : 'in'
  return ((await found.response.json()) as { code: string }).code
}

describe('signIn', () => {
  it('gives a header that opens what its scopes open, and nothing else', async () => {
    const pair = openPair()
    const { headers, session } = await signIn(pair, { scopes: ['notes:read'] })
    expect(headers).toEqual({ authorization: expect.stringMatching(/^Bearer \S+$/) as string })
    expect(session).toMatchObject({ scopes: ['notes:read'], subject: 'owner', transport: 'bearer' })
    expect(await visit(pair, { scopes: ['notes:read'] }, headers)).toBe('in')
    expect(await visit(pair, { scopes: ['notes:write'] }, headers)).toBe('insufficient_scope')
    expect(await visit(pair, { proof: 'required' }, headers)).toBe('device_key_required')
    expect((await pair.sessions.list()).items.map(({ id }) => id)).toEqual([session.id])
  })

  it('gives all scopes of the app where none are named, and each call a session of its own', async () => {
    const pair = openPair()
    const [one, two] = [await signIn(pair), await signIn(pair)]
    expect(one.session.scopes.toSorted()).toEqual(['notes:read', 'notes:write'])
    expect(one.session.id).not.toBe(two.session.id)
    await pair.sessions.revoke(one.session.id)
    expect(await visit(pair, {}, one.headers)).toBe('session_revoked')
    expect(await visit(pair, {}, two.headers)).toBe('in')
  })

  it('gives the session the subject, data and label that the test wants', async () => {
    const { session } = await signIn(openPair(), {
      subject: 'ada',
      data: { room: 'kitchen' },
      label: 'Küche',
    })
    expect(session).toMatchObject({
      subject: 'ada',
      data: { room: 'kitchen' },
      device: { label: 'Küche', thumbprint: null },
    })
  })

  it.each(['cookie', 'dpop'] as const)(
    'signs each request of a device with a key, by %s',
    async (transport) => {
      const pair = openPair()
      const owner = await signIn(pair, {
        scopes: ['notes:read', 'access:write'],
        transport,
        label: 'Ä "quoted" key',
      })
      expect(owner.session).toMatchObject({ transport, scopes: ['notes:read', 'access:write'] })
      const url = 'http://localhost/notes?page=2'
      const need = { scopes: ['access:write'], proof: 'required' } as const
      for (const asked of [url, '/notes', '/notes?other=1'])
        expect(await visit(pair, need, await owner.headers('GET', asked))).toBe('in, proven')
      expect(
        await visit(
          pair,
          need,
          await owner.headers('DELETE', '/notes/1'),
          'http://localhost/notes/1',
          'DELETE',
        ),
      ).toBe('in, proven')
      const once = await owner.headers('GET', '/notes')
      expect(await visit(pair, need, once)).toBe('in, proven')
      expect(await visit(pair, need, once)).toBe('proof_invalid')
      expect(await visit(pair, need, await owner.headers('GET', '/else'))).toBe('proof_invalid')
      expect(await visit(pair, need, await owner.headers('POST', '/notes'))).toBe('proof_invalid')
      const { dpop: _, ...bare } = await owner.headers('GET', '/notes')
      expect(await visit(pair, need, bare)).toBe('proof_required')
    },
  )

  it('opens the own routes of a pair', async () => {
    const pair = openPair()
    const owner = await signIn(pair, { scopes: ['access:read'], transport: 'dpop' })
    const path = '/auth/sessions'
    const answer = await pair.handler(
      new Request(`http://localhost${path}`, { headers: await owner.headers('GET', path) }),
    )
    expect(answer?.status).toBe(200)
    expect(await answer?.json()).toMatchObject({ items: [{ id: owner.session.id, current: true }] })
  })

  it('goes by the clock of the pair', async () => {
    const clock = fixedClock(Date.UTC(2031, 0, 1))
    const pair = openPair({ clock, store: memoryStore({ clock }) })
    const owner = await signIn(pair, { transport: 'cookie' })
    clock.advance(10 * 60_000)
    expect(await visit(pair, {}, await owner.headers('GET', '/notes'))).toBe('in, proven')
  })

  it('reaches a pair at its public address, below its sub-path and its base path', async () => {
    const pair = openPair({ publicUrl: 'https://home.example/app', basePath: '/pairing' })
    const place = { origin: 'https://home.example/app/', basePath: '/pairing' }
    for (const transport of ['cookie', 'dpop'] as const) {
      const owner = await signIn(pair, { ...place, transport })
      // the proxy in front takes the sub-path away
      expect(
        await visit(
          pair,
          { proof: 'required' },
          await owner.headers('GET', '/notes'),
          'https://home.example/notes',
        ),
      ).toBe('in, proven')
    }
    const { headers } = await signIn(pair, place)
    expect(await visit(pair, {}, headers, 'https://home.example/notes')).toBe('in')
  })

  it('says what to mend', async () => {
    const pair = openPair()
    // @ts-expect-error a scope that the pair doesn't have
    await expect(signIn(pair, { scopes: ['notes:raed'] })).rejects.toThrow(/scopes.*notes:raed/)
    await expect(
      // @ts-expect-error access:* is for devices with a key
      signIn(pair, { scopes: ['notes:read', 'access:read'] }),
    ).rejects.toThrow("not given access:read. Say `transport: 'dpop'`")
    await expect(signIn(openPair({ keyless: 'refuse' }))).rejects.toThrow(
      "Say `transport: 'dpop'` or `'cookie'`",
    )
    await expect(signIn(openPair({ basePath: '/pairing' }))).rejects.toThrow(
      'has no /auth/redeem. Give signIn its `basePath`',
    )
    await expect(signIn(pair, { origin: 'https://home.example' })).rejects.toThrow(
      'Give signIn an `origin` that the pair answers to',
    )
    for (const admission of ['approval', 'closed', 'code+approval'] as const)
      await expect(signIn(openPair({ admission }))).rejects.toThrow(
        "make the pair of this test with `admission: 'code'`",
      )
    await expect(
      signIn(openPair({ allowedHosts: ['lab.lan'] }), { origin: 'http://lab.lan' }),
    ).rejects.toThrow('Give signIn the https `origin`')
  })
})
