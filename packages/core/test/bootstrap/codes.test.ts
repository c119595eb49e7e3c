import { describe, expect, it, test } from 'vitest'
import type { CodeWire, ListAnswer } from '../../src/http/wire.ts'
import { memoryStore } from '../../src/storage/memory/memory-store.ts'
import { createKeyed, createServer, createStranger, secretOf } from '../kit/newcomers.ts'
import { issue, OWNER, paired, typesTold } from '../kit/owners.ts'
import { jitteredStore, race } from '../kit/races.ts'

describe('over HTTP', () => {
  test('CODE-14 a code is issued with its terms, listed without its secrets, revoked, and is then worth nothing', async () => {
    const server = createServer()
    const owner = await paired(server, OWNER)
    const { key } = await createKeyed(server)
    const terms = {
      label: 'Kitchen tablet',
      scopes: ['notes:read'],
      uses: 3,
      expiresInSeconds: 3_600,
      boundThumbprint: key!.thumbprint,
    }
    const { status, code, link, typed } = await issue(owner, terms)
    expect(status).toBe(201)
    expect(link).toMatch(/^http:\/\/localhost:3000\/pair#code=[\w-]{22}$/)
    const wire: Partial<CodeWire> = {
      label: 'Kitchen tablet',
      scopes: ['notes:read'],
      uses: 3,
      used: 0,
      boundThumbprint: key!.thumbprint,
      expiresAt: new Date(server.clock() + 3_600_000).toISOString(),
      issuedBy: {
        sessionId: expect.stringMatching(/^ses_/) as string,
        deviceId: expect.stringMatching(/^dev_/) as string,
      },
    }
    expect(code).toMatchObject(wire)
    const listed = await owner.call('/auth/codes')
    expect(listed.as<ListAnswer<CodeWire>>()).toEqual({ items: [code], next: null })
    expect(listed.text).not.toContain(typed)
    expect(listed.text).not.toContain(secretOf(link))

    expect((await owner.call(`/auth/codes/${code.id}`, { method: 'DELETE' })).status).toBe(204)
    expect((await owner.call('/auth/codes')).body).toEqual({ items: [], next: null })
    expect((await createStranger(server).redeem(typed)).body.code).toBe('code_invalid')
    for (const id of [
      code.id,
      'cod_AAAAAAAAAAAAAAAAAAAAAA',
      'cod_',
      '..',
      code.id.toLowerCase(),
      'ses_AAAAAAAAAAAAAAAAAAAAAA',
    ]) {
      expect((await owner.call(`/auth/codes/${id}`, { method: 'DELETE' })).status).toBe(404)
    }
    expect((await typesTold(server)).filter((type) => type === 'code.revoked')).toHaveLength(1)
  })

  test('CODE-14 terms that are no terms are refused and make no code', async () => {
    const server = createServer()
    const owner = await paired(server, OWNER)
    const wrong = [
      { uses: 0 },
      { uses: -1 },
      { uses: 1.5 },
      { uses: 1_001 },
      { uses: '3' },
      { uses: null },
      { uses: 2 ** 53 },
      { expiresInSeconds: 0 },
      { expiresInSeconds: 29 },
      { expiresInSeconds: -600 },
      { expiresInSeconds: 2_592_001 },
      { expiresInSeconds: '1h' },
      { expiresInSeconds: 600.0001 },
      { expiresInSeconds: null },
      { expiresInSeconds: 2 ** 53 },
      { label: '' },
      { label: ' ' },
      { label: 'x'.repeat(81) },
      { label: 'a\u202eb' },
      { label: 7 },
      { label: '\u200b' },
      { boundThumbprint: 'short' },
      { boundThumbprint: '' },
      { boundThumbprint: null },
      { scopes: 'notes:read' },
      { scopes: [7] },
      { scopes: {} },
    ]
    for (const body of wrong) {
      const answer = await issue(owner, body)
      expect([answer.status, answer.body.code], JSON.stringify(body)).toEqual([
        400,
        'invalid_request',
      ])
      expect(answer.body.detail).toContain(Object.keys(body)[0])
    }
    expect((await server.pair.codes.list()).items).toEqual([])
  })

  test('CODE-15 nobody gives what he does not hold, nothing twice, and not nothing', async () => {
    const server = createServer()
    const helper = await paired(server, ['notes:read', 'access:write'])
    for (const scopes of [['notes:write'], ['notes:read', 'notes:write'], ['access:read'], OWNER]) {
      const answer = await issue(helper, { scopes })
      expect([answer.status, answer.body.code]).toEqual([403, 'insufficient_scope'])
      expect(answer.body.scopes).toEqual(
        scopes.filter((scope) => !['notes:read', 'access:write'].includes(scope)),
      )
    }
    for (const scopes of [
      [],
      ['notes:read', 'notes:read'],
      ['access:write', 'access:write'],
      ['notes:*'],
      ['*'],
      [''],
      ['Notes:read'],
      ['notes:read '],
    ]) {
      const answer = await issue(helper, { scopes })
      expect([answer.status, answer.body.code], JSON.stringify(scopes)).toEqual([
        400,
        'invalid_request',
      ])
    }
    expect((await issue(helper, { scopes: ['access:write'] })).code.scopes).toEqual([
      'access:write',
    ])
    expect((await issue(helper)).code.scopes).toEqual(['notes:read'])
    const { items } = await server.pair.codes.list()
    expect(items).toHaveLength(2)
  })

  test('CODE-15 the operator too names scopes of this server, each once and at least one', async () => {
    const { pair } = createServer()
    for (const scopes of [
      [],
      ['notes:read', 'notes:read'],
      ['unheard:of'],
      'notes:read',
      'abc',
      {},
      [7],
    ]) {
      await expect(
        pair.codes.issue({ scopes: scopes as never }),
        JSON.stringify(scopes),
      ).rejects.toMatchObject({ code: 'invalid_request' })
    }
    expect((await pair.codes.issue()).code.scopes).toEqual(['notes:read', 'notes:write'])
  })

  test('CODE-15 who lost a scope gives it no more, by no code that he made before', async () => {
    const server = createServer()
    const helper = await paired(server, OWNER)
    const all = await issue(helper, { scopes: OWNER, uses: 'unlimited' })
    const lost = await issue(helper, { scopes: ['notes:write'] })
    const [session] = (await server.pair.sessions.list()).items
    await server.pair.sessions.narrow(session!.id, ['notes:read', 'access:read', 'access:write'])

    const wide = await createKeyed(server)
    const asked = await wide.redeem(all.typed, { scopes: OWNER })
    expect([asked.status, asked.body.code]).toEqual([403, 'insufficient_scope'])
    const given = await wide.redeem(all.typed)
    expect(given.as<{ session: { scopes: string[] } }>().session.scopes).toEqual([
      'notes:read',
      'access:read',
      'access:write',
    ])
    expect((await (await createKeyed(server)).redeem(lost.typed)).body.code).toBe('code_invalid')
    const { items } = await server.pair.codes.list()
    expect(items.map(({ scopes }) => scopes)).toEqual([
      ['notes:read', 'access:read', 'access:write'],
    ])
  })

  test('CODE-15 of a narrowing and 40 redeemers at once nobody comes out with what was taken', async () => {
    for (let round = 1; round <= 8; round++) {
      const server = createServer({ store: jitteredStore(memoryStore(), round) })
      const helper = await paired(server, OWNER)
      const { typed } = await issue(helper, {
        scopes: ['notes:read', 'notes:write'],
        uses: 'unlimited',
      })
      const [session] = (await server.pair.sessions.list()).items
      await Promise.all([
        race(() => createStranger(server).redeem(typed)),
        server.pair.sessions.narrow(session!.id, ['notes:read', 'access:write']),
      ])
      const told = (await server.pair.audit.read({ limit: 1_000 })).items
      const at = told.findIndex(({ type }) => type === 'session.narrowed')
      for (const event of told.slice(at).filter(({ type }) => type === 'code.redeemed'))
        expect(event.detail?.scopes).toEqual(['notes:read'])
      expect(told.filter(({ type }) => type === 'code.redeemed')).toHaveLength(41)
    }
  })
})

describe('whose issuer is gone', () => {
  it.each(['logout', 'session revoke', 'device revoke', 'revoke-all'] as const)(
    'a code of a device dies by its %s',
    async (how) => {
      const server = createServer()
      const owner = await paired(server, OWNER)
      const { typed } = await issue(owner)
      const [{ id, device }] = (await server.pair.sessions.list()).items as unknown as [
        { id: string; device: { id: string } },
      ]
      if (how === 'logout')
        expect((await owner.call('/auth/logout', { method: 'POST' })).status).toBe(204)
      if (how === 'session revoke') await server.pair.sessions.revoke(id)
      if (how === 'device revoke') await server.pair.devices.revoke(device.id)
      if (how === 'revoke-all') await server.pair.sessions.revokeAll()
      expect((await createStranger(server).redeem(typed)).body.code).toBe('code_invalid')
      expect((await server.pair.codes.list()).items).toEqual([])
    },
  )

  it('a revoke of the issuer and 40 redeemers at once end with the revoke', async () => {
    for (let round = 1; round <= 8; round++) {
      const server = createServer({ store: jitteredStore(memoryStore(), round) })
      const owner = await paired(server, OWNER)
      const { typed } = await issue(owner, { uses: 'unlimited' })
      const [session] = (await server.pair.sessions.list()).items
      await Promise.all([
        race(() => createStranger(server).redeem(typed)),
        server.pair.sessions.revoke(session!.id),
      ])
      expect((await typesTold(server)).at(-1)).toBe('session.revoked')
    }
  })
})
