import { describe, expect, test } from 'vitest'
import { createApplicant, openDoor, settle } from '../kit/applicants.ts'
import { ORIGIN } from '../kit/server.ts'

describe('APP-02 a pending answer', () => {
  test('APP-02 says what was asked for and how to go on, and holds no credential in body or header', async () => {
    const { server } = await openDoor()
    const phone = await createApplicant(server)
    const asked = await phone.ask({ scopes: ['notes:read'] })
    expect(asked.status).toBe(202)
    expect(asked.headers.get('cache-control')).toBe('no-store')
    expect(asked.headers.getSetCookie()).toEqual([])
    expect(asked.body).toEqual({
      status: 'pending_approval',
      approval: {
        id: expect.stringMatching(/^apr_[\w-]{22}$/),
        matchCode: expect.stringMatching(/^\d{3} \d{3}$/),
        label: 'A phone',
        scopes: ['notes:read'],
        requestedAt: '2026-11-22T12:00:00.000Z',
        expiresAt: '2026-11-22T12:10:00.000Z',
      },
      claim: expect.stringMatching(/^apr_[\w-]{22}\.[\w-]{43}$/),
      proof: expect.any(String),
      retryAfter: 5,
    })
    expect((await server.pair.sessions.list()).items).toHaveLength(1)
  })

  test('APP-02 of a claim that waits is of the same shape, uncacheable too, and hands out nothing new', async () => {
    const { server } = await openDoor()
    for (const key of [undefined, null]) {
      const phone = await createApplicant(server, key === null ? { key } : {})
      await phone.ask()
      const { claim, approval } = phone.pending
      const answer = await phone.collect()
      expect(answer.status).toBe(202)
      expect(answer.headers.get('cache-control')).toBe('no-store')
      expect(answer.headers.getSetCookie()).toEqual([])
      expect(answer.body).toMatchObject({ status: 'pending_approval', claim, approval })
      expect(Object.keys(answer.body).sort()).toEqual(
        ['approval', 'claim', 'proof', 'retryAfter', 'status'].sort(),
      )
    }
  })

  test('APP-02 without a key comes with a cookie that waits, is for scripts unreadable, and signs nobody in', async () => {
    const { server } = await openDoor()
    const guest = await createApplicant(server, { key: null })
    const asked = await guest.ask()
    const [cookie, ...others] = asked.headers.getSetCookie()
    expect(others).toEqual([])
    expect(cookie).toMatch(
      /^pair_[0-9a-f]{8}_claim=[\w-]{43}; Path=\/; HttpOnly; SameSite=Lax; Max-Age=1200$/,
    )
    expect(asked.text).not.toContain([...guest.jar.values()][0])
    expect((await guest.call('/auth/session')).body).toMatchObject({ authenticated: false })
    const there = await server.pair.authenticate(
      new Request(ORIGIN, { headers: { cookie: [...guest.jar].flat().join('=') } }),
    )
    expect(there).toEqual({ kind: 'none' })
  })

  test('APP-02 over https keeps that cookie to this host and to https', async () => {
    const { server } = await openDoor()
    const guest = await createApplicant(server, { key: null })
    const [cookie] = (
      await server.call('/auth/request', {
        body: { device: { label: 'A phone', kind: 'app' } },
        info: { encrypted: true, remoteAddress: guest.address },
      })
    ).headers.getSetCookie()
    expect(cookie).toMatch(/^__Host-pair_[0-9a-f]{8}_claim=[\w-]{43}; Path=\/; .*; Secure$/)
  })

  test('APP-02 of a request that was approved meanwhile names an end that lies ahead', async () => {
    const { server } = await openDoor()
    const phone = await createApplicant(server)
    await phone.ask()
    server.clock.advance(599_000)
    await settle(server, 'approve', phone)
    server.clock.advance(2_000)
    // it lost what it was handed, and asks again
    expect((await phone.ask()).status).toBe(202)
    const { approval, proof } = phone.pending
    expect(Date.parse(approval.expiresAt)).toBeGreaterThan(server.clock())
    expect(approval.expiresAt).toBe(new Date(server.clock() + 598_000).toISOString())
    expect(await server.pair.approvals.readProof(proof)).toMatchObject({ state: 'approved' })
    expect((await phone.collect()).status).toBe(200)
  })

  test.each([
    ['code+approval', 'redeem'],
    ['approval', 'request'],
  ] as const)('APP-02 in mode %s answers /%s with 202', async (mode, route) => {
    const { server, owner } = await openDoor(mode)
    const phone = await createApplicant(server)
    const { typed } = await server.pair.codes.issue()
    const answer = route === 'redeem' ? await phone.redeem(typed) : await phone.ask()
    expect(answer.status).toBe(202)
    expect(answer.headers.get('cache-control')).toBe('no-store')
    expect(answer.headers.getSetCookie()).toEqual([])
    const access = await owner.call('/auth/access')
    expect(access.body).toMatchObject({ sessions: [{}], devices: [{}], approvals: [{}] })
  })
})
