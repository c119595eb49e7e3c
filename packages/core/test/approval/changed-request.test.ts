import { describe, expect, test } from 'vitest'
import { createApplicant, openDoor, seen, shown, type Applicant } from '../kit/applicants.ts'

const PAGES = ['https://one.example', 'https://two.example']

/** Everything about a request that may be another between the look and the decision. */
const CHANGES: Record<string, (phone: Applicant) => Promise<unknown>> = {
  label: (phone) => {
    phone.label = 'Another phone'
    return phone.ask()
  },
  kind: (phone) =>
    phone.ask({ device: { label: phone.label, kind: 'agent', publicKey: phone.key!.jwk } }),
  scopes: (phone) => phone.ask({ scopes: ['notes:read'] }),
  'more scopes': (phone) => phone.ask({ scopes: ['notes:read', 'notes:write', 'access:write'] }),
  'order of scopes': (phone) => phone.ask({ scopes: ['notes:write', 'notes:read'] }),
  origin: (phone) => {
    phone.origin = PAGES[1]!
    return phone.ask()
  },
  'no origin': (phone) => {
    phone.origin = null
    return phone.ask()
  },
  address: (phone) => {
    phone.address = '203.0.113.8'
    return phone.ask()
  },
  transport: (phone) => phone.ask({ transport: 'dpop' }),
}

async function asked(): Promise<Awaited<ReturnType<typeof openDoor>> & { phone: Applicant }> {
  const door = await openDoor('approval', { allowedOrigins: PAGES })
  const phone = await createApplicant(door.server, { origin: PAGES[0]! })
  await phone.ask()
  return { ...door, phone }
}

describe.each(Object.keys(CHANGES))('APP-07 another %s', (what) => {
  test.each(['approve', 'reject'] as const)(
    'APP-07 between the look and the decision: %s answers 409, and nothing is decided',
    async (verb) => {
      const { server, owner, phone } = await asked()
      const look = await seen(server, phone)
      const decide = (digest: string): Promise<{ status: number }> =>
        owner.call(`/auth/approvals/${look.id}/${verb}`, { body: { digest } })
      await CHANGES[what]!(phone)
      expect(await decide(look.digest)).toMatchObject({
        status: 409,
        body: { code: 'approval_changed' },
      })
      const now = await seen(server, phone)
      expect(now).toMatchObject({ id: look.id, state: 'pending', decision: null })
      expect(now.digest).not.toBe(look.digest)
      expect(now.expiresAt).toBe(look.expiresAt)
      expect(await shown(server)).toHaveLength(1)
      expect((await phone.collect()).status).toBe(202)
      expect((await server.pair.sessions.list()).items).toHaveLength(1)
      expect((await decide(now.digest)).status).toBe(200)
    },
  )

  test('APP-07 and back again is a third request, not the first', async () => {
    const { server, owner, phone } = await asked()
    const look = await seen(server, phone)
    await CHANGES[what]!(phone)
    Object.assign(phone, { label: 'A phone', origin: PAGES[0], address: '203.0.113.7' })
    await phone.ask()
    const back = await seen(server, phone)
    const facts = ({ label, kind, scopes, origin, address, transport }: typeof look): unknown => ({
      label,
      kind,
      scopes,
      origin,
      address,
      transport,
    })
    expect(facts(back)).toEqual(facts(look))
    expect(back.digest).not.toBe(look.digest)
    const { status } = await owner.call(`/auth/approvals/${look.id}/approve`, {
      body: { digest: look.digest },
    })
    expect(status).toBe(409)
  })
})

describe('APP-07 a decision', () => {
  test('APP-07 names a digest: without one, or with another, it is none', async () => {
    const { server, owner, phone } = await asked()
    const other = await createApplicant(server, { address: '198.51.100.1' })
    await other.ask()
    const { id, digest } = await seen(server, phone)
    const theirs = (await seen(server, other)).digest
    for (const verb of ['approve', 'reject']) {
      const decide = (body: unknown): Promise<{ status: number }> =>
        owner.call(`/auth/approvals/${id}/${verb}`, { body })
      for (const body of [
        {},
        { digest: null },
        { digest: 1 },
        { digest: [digest] },
        { reason: 'x' },
      ])
        expect(await decide(body)).toMatchObject({ status: 400, body: { code: 'invalid_request' } })
      for (const text of [
        '',
        '*',
        'latest',
        theirs,
        ` ${digest}`,
        digest.toLowerCase(),
        digest.slice(0, 42),
      ])
        expect(await decide({ digest: text })).toMatchObject({
          status: 409,
          body: { code: 'approval_changed' },
        })
    }
    expect((await shown(server)).map(({ state }) => state)).toEqual(['pending', 'pending'])
  })

  test.each(['latest', 'first', 'last', 'all', '*', '', '0', 'apr_'])(
    'APP-07 names an id: there is no "%s"',
    async (name) => {
      const { server, owner, phone } = await asked()
      const { id, digest } = await seen(server, phone)
      for (const verb of ['approve', 'reject'])
        expect(
          await owner.call(`/auth/approvals/${name}/${verb}`, { body: { digest } }),
        ).toMatchObject({ status: 404, body: { code: 'not_found' } })
      for (const part of [id.slice(0, 12), id.slice(0, -1), `${id}x`, id.toUpperCase()])
        expect(
          await owner.call(`/auth/approvals/${part}/approve`, { body: { digest } }),
        ).toMatchObject({ status: 404 })
      expect(await owner.call(`/auth/approvals/${name}`, { method: 'DELETE' })).toMatchObject({
        status: 404,
      })
      expect(await shown(server)).toMatchObject([{ id, state: 'pending' }])
    },
  )

  test('APP-07 asked again unchanged is the same request, under the same digest', async () => {
    const { server, phone } = await asked()
    const look = await seen(server, phone)
    const [{ claim }, events] = [phone.pending, await server.pair.audit.read()]
    server.clock.advance(1_000)
    expect((await phone.ask()).status).toBe(202)
    expect(await seen(server, phone)).toEqual(look)
    expect(await server.pair.audit.read()).toEqual(events)
    // the claim alone is new, and the one before is void
    expect(phone.pending.claim).not.toBe(claim)
    expect(await phone.collect({ claim })).toMatchObject({ status: 410 })
    expect((await server.pair.approvals.approve(look.id, { digest: look.digest })).state).toBe(
      'approved',
    )
    expect((await phone.collect()).status).toBe(200)
  })
})
