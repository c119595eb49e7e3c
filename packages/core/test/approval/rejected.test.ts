import { describe, expect, test } from 'vitest'
import {
  createApplicant,
  openDoor,
  seen,
  settle,
  shown,
  type Applicant,
} from '../kit/applicants.ts'
import { createServer, type LoggedServer } from '../kit/newcomers.ts'

const DAY = 86_400_000

async function rejected(): Promise<{ server: LoggedServer; phone: Applicant }> {
  const { server } = await openDoor()
  const phone = await createApplicant(server)
  await phone.ask()
  await settle(server, 'reject', phone)
  return { server, phone }
}

describe('APP-09 a rejection', () => {
  test('APP-09 holds for its key from wherever it asks, whatever it calls itself', async () => {
    const { server, phone } = await rejected()
    for (const change of [
      {},
      { address: '198.51.100.1' },
      { label: 'Mum' },
      { address: '2001:db8::1' },
    ]) {
      Object.assign(phone, change)
      expect(await phone.ask()).toMatchObject({ status: 403, body: { code: 'approval_rejected' } })
      expect(await phone.ask({ scopes: ['notes:read'], transport: 'dpop' })).toMatchObject({
        status: 403,
      })
    }
    expect(await phone.collect()).toMatchObject({
      status: 403,
      body: { code: 'approval_rejected' },
    })
    expect(await phone.withdraw()).toMatchObject({ status: 403 })
    expect(await shown(server)).toMatchObject([{ state: 'rejected', expiresAt: null }])
  })

  test('APP-09 holds for 30 days over sweeps and restarts, and then no longer', async () => {
    const { server, phone } = await rejected()
    server.clock.advance(30 * DAY - 1)
    await server.pair.sweep()
    const { clock, store } = server
    const replica = createServer({ clock, store })
    const there = await createApplicant(replica, { key: phone.key })
    expect(await there.ask()).toMatchObject({ status: 403, body: { code: 'approval_rejected' } })
    clock.advance(1)
    expect((await there.ask()).status).toBe(202)
    expect(await shown(server)).toMatchObject([{ state: 'pending', decision: null }])
  })

  test('APP-09 holds until it is forgotten, which lifts what it cooled down too', async () => {
    const { server, phone } = await rejected()
    const neighbour = await createApplicant(server)
    expect(await neighbour.ask()).toMatchObject({ status: 429 })
    await server.pair.approvals.forget(phone.pending.approval.id)
    expect((await phone.ask()).status).toBe(202)
    expect((await neighbour.ask()).status).toBe(202)
  })

  test('APP-09 that is forgotten does not lift what another one cooled down', async () => {
    const { server } = await openDoor()
    const [one, two] = [await createApplicant(server), await createApplicant(server)]
    await one.ask()
    await two.ask()
    await settle(server, 'reject', one)
    await settle(server, 'reject', two)
    await server.pair.approvals.forget(one.pending.approval.id)
    expect(await one.ask()).toMatchObject({ status: 429, body: { code: 'approval_limited' } })
    await server.pair.approvals.forget(two.pending.approval.id)
    expect((await one.ask()).status).toBe(202)
  })
})

describe('APP-09 after a rejection', () => {
  test('APP-09 nobody without a code asks again from that network for a while, and is told how long', async () => {
    const { server } = await openDoor('approval', { approval: { coolDownMs: 90_000 } })
    const phone = await createApplicant(server)
    await phone.ask()
    await settle(server, 'reject', phone)
    const neighbour = await createApplicant(server)
    const guest = await createApplicant(server, { key: null })
    const far = await createApplicant(server, { address: '203.0.113.8' })
    server.clock.advance(500)
    for (const who of [neighbour, guest]) {
      const refused = await who.ask()
      expect(refused).toMatchObject({
        status: 429,
        body: { code: 'approval_limited', retryAfter: 90 },
      })
      expect(refused.headers.get('retry-after')).toBe('90')
    }
    expect((await far.ask()).status).toBe(202)
    server.clock.advance(89_499)
    expect(await neighbour.ask()).toMatchObject({ status: 429, body: { retryAfter: 1 } })
    server.clock.advance(1)
    expect((await neighbour.ask()).status).toBe(202)
    expect((await guest.ask()).status).toBe(202)
  })

  test('APP-09 who holds a code is held back by his own code alone', async () => {
    const { server } = await openDoor('approval')
    const stranger = await createApplicant(server)
    await stranger.ask()
    await settle(server, 'reject', stranger)
    await server.pair.admission.set('code+approval')
    const { typed } = await server.pair.codes.issue({ uses: 3 })
    const holder = await createApplicant(server)
    expect((await holder.redeem(typed)).status).toBe(202)
    await settle(server, 'reject', holder)
    // another key with the same code waits, from wherever; with another code it does not
    const next = await createApplicant(server, { address: '198.51.100.1' })
    expect(await next.redeem(typed)).toMatchObject({
      status: 429,
      body: { code: 'approval_limited', retryAfter: 600 },
    })
    const other = await server.pair.codes.issue()
    expect((await next.redeem(other.typed)).status).toBe(202)
    server.clock.advance(599_999)
    const third = await createApplicant(server)
    expect(await third.redeem(typed)).toMatchObject({ status: 429 })
  })
})

describe('APP-09 the use of a code', () => {
  async function held(uses = 1): Promise<{
    server: LoggedServer
    typed: string
    phone: Applicant
    other: Applicant
    codes(): Promise<object[]>
  }> {
    const { server, owner } = await openDoor('code+approval')
    const { typed } = await server.pair.codes.issue({ uses })
    const phone = await createApplicant(server)
    expect((await phone.redeem(typed)).status).toBe(202)
    const other = await createApplicant(server, { address: '198.51.100.1' })
    return {
      server,
      typed,
      phone,
      other,
      codes: async () => (await owner.call('/auth/codes')).as<{ items: object[] }>().items,
    }
  }

  test('APP-09 is held while its request waits, and taken once that is let in', async () => {
    const { server, typed, phone, other, codes } = await held()
    expect(await codes()).toMatchObject([{ uses: 1, used: 0, held: 1 }])
    const refused = await other.redeem(typed)
    const unknown = await other.redeem('222-222-222')
    expect([refused.status, refused.text]).toEqual([401, unknown.text])
    // its own key may lose the answer and ask again
    expect((await phone.redeem(typed)).status).toBe(202)
    await settle(server, 'approve', phone)
    expect((await other.redeem(typed)).status).toBe(401)
    expect((await phone.collect()).status).toBe(200)
    expect(await codes()).toEqual([])
    expect((await other.redeem(typed)).status).toBe(401)
  })

  test('APP-09 is burned by a rejection', async () => {
    const { server, typed, phone, other, codes } = await held(2)
    await settle(server, 'reject', phone)
    expect(await codes()).toMatchObject([{ uses: 2, used: 1, held: 0 }])
    await server.pair.approvals.forget(phone.pending.approval.id)
    expect((await other.redeem(typed)).status).toBe(202)
    expect(await codes()).toMatchObject([{ uses: 2, used: 1, held: 1 }])
    await settle(server, 'reject', other)
    expect(await codes()).toEqual([])
    await server.pair.approvals.forget(other.pending.approval.id)
    expect(await phone.redeem(typed)).toMatchObject({ status: 401, body: { code: 'code_invalid' } })
  })

  test.each(['withdrawn', 'expired', 'never collected'] as const)(
    'APP-09 is free again where its request is %s',
    async (how) => {
      const { server } = await openDoor('code+approval')
      const { typed } = await server.pair.codes.issue({ expiresInMs: DAY })
      const phone = await createApplicant(server)
      await phone.redeem(typed)
      if (how === 'withdrawn') await phone.withdraw()
      if (how === 'never collected') await settle(server, 'approve', phone)
      if (how !== 'withdrawn') server.clock.advance(600_000)
      const other = await createApplicant(server)
      expect((await other.redeem(typed)).status).toBe(202)
      expect((await phone.collect()).status).toBe(410)
      await settle(server, 'approve', other)
      expect((await other.collect()).status).toBe(200)
    },
  )

  test('APP-09 is there for whose it is, also where the code runs out meanwhile', async () => {
    const { server } = await openDoor('code+approval')
    const { typed } = await server.pair.codes.issue({ expiresInMs: 30_000 })
    const phone = await createApplicant(server)
    await phone.redeem(typed)
    server.clock.advance(30_000)
    await server.pair.sweep()
    expect((await (await createApplicant(server)).redeem(typed)).status).toBe(401)
    expect(await seen(server, phone)).toMatchObject({ state: 'pending' })
    await settle(server, 'approve', phone)
    expect((await phone.collect()).status).toBe(200)
  })
})

describe('APP-09 a request that nobody decides', () => {
  test('APP-09 waits for as long as was said, and no longer', async () => {
    const { server, owner } = await openDoor('approval', { approval: { pendingMs: 120_000 } })
    const phone = await createApplicant(server)
    await phone.ask()
    server.clock.advance(119_999)
    expect((await phone.collect()).status).toBe(202)
    const { id, digest } = await seen(server, phone)
    server.clock.advance(1)
    expect(await phone.collect()).toMatchObject({ status: 410, body: { code: 'approval_expired' } })
    expect(await shown(server)).toEqual([])
    expect(await owner.call(`/auth/approvals/${id}/approve`, { body: { digest } })).toMatchObject({
      status: 409,
      body: { state: 'expired' },
    })
    expect((await phone.ask()).status).toBe(202)
    expect(phone.pending.approval.id).not.toBe(id)
  })

  test('APP-09 does not wait longer by asking again or by changing', async () => {
    const { server } = await openDoor()
    const phone = await createApplicant(server)
    await phone.ask()
    for (let times = 1; times < 9; times++) {
      server.clock.advance(59_000)
      phone.label = `A phone ${times % 3}`
      expect((await phone.ask()).status).toBe(202)
    }
    server.clock.advance(127_999)
    expect((await phone.collect()).status).toBe(202)
    server.clock.advance(1)
    expect((await phone.collect()).status).toBe(410)
  })
})
