import { expect, test } from 'vitest'
import type { AuthorizedAnswer } from '../../src/http/wire.ts'
import {
  createApplicant,
  openDoor,
  seen,
  settle,
  shown,
  type Applicant,
} from '../kit/applicants.ts'
import { createKeyed, type LoggedServer, type Newcomer } from '../kit/newcomers.ts'
import { issue, OWNER } from '../kit/owners.ts'

const MINUTE = 60_000
const HOUR = 60 * MINUTE

/** A phone that waits with the code of a guest, who himself stays for an hour at most. */
async function invited(
  waits: number,
  scopes: readonly string[] = ['notes:read'],
): Promise<{
  server: LoggedServer
  guest: Newcomer
  phone: Applicant
  typed: string
  end: number
}> {
  const { server } = await openDoor('code')
  const guest = await createKeyed(server)
  const own = await server.pair.codes.issue({
    scopes: OWNER as never,
    session: { absoluteMs: HOUR },
  })
  expect((await guest.redeem(own.typed)).status).toBe(200)
  const end = server.clock() + HOUR
  server.clock.advance(waits)
  expect((await guest.call('/auth/renew', { method: 'POST' })).status).toBe(200)
  await server.pair.admission.set('code+approval')
  const { typed } = await issue(guest, { scopes })
  const phone = await createApplicant(server)
  expect((await phone.redeem(typed)).status).toBe(202)
  return { server, guest, phone, typed, end }
}

test('APP-07 asked again a moment later with a guest’s code is the same request', async () => {
  const { server, phone, typed } = await invited(0)
  const { id, matchCode } = phone.pending.approval
  const { digest } = await seen(server, phone)
  server.clock.advance(1)
  expect((await phone.redeem(typed)).status).toBe(202)
  expect(phone.pending.approval).toMatchObject({ id, matchCode })
  expect(await seen(server, phone)).toMatchObject({ digest })
  expect(await shown(server)).toHaveLength(1)
})

test('CODE-15 nobody whom a guest’s code and a person let in stays longer than the guest', async () => {
  const { server, phone, end } = await invited(50 * MINUTE)
  server.clock.advance(5 * MINUTE)
  await settle(server, 'approve', phone)
  server.clock.advance(4 * MINUTE)
  const { session } = (await phone.collect()).as<AuthorizedAnswer>()
  expect(Date.parse(session.expiresAt!)).toBe(end)
})

test('CODE-15 who lost a scope after his code was approved gives it no more, and where none is left nobody comes in', async () => {
  for (const [left, status, scopes] of [
    [['notes:write', 'access:write'], 200, ['notes:write']],
    [['access:read', 'access:write'], 410, undefined],
  ] as const) {
    const { server, guest, phone } = await invited(0, ['notes:read', 'notes:write'])
    await settle(server, 'approve', phone)
    const { session } = (await guest.call('/auth/session')).as<AuthorizedAnswer>()
    await server.pair.sessions.narrow(session.id, [...left])
    const got = await phone.collect()
    expect([got.status, got.as<Partial<AuthorizedAnswer>>().session?.scopes]).toEqual([
      status,
      scopes,
    ])
  }
})

test('CODE-15 who asked for that scope alone which the guest lost is not let in without any', async () => {
  const { server, guest, phone, typed } = await invited(0, ['notes:read', 'notes:write'])
  expect((await phone.redeem(typed, { scopes: ['notes:read'] })).status).toBe(202)
  await settle(server, 'approve', phone)
  const { session } = (await guest.call('/auth/session')).as<AuthorizedAnswer>()
  await server.pair.sessions.narrow(session.id, ['notes:write', 'access:write'])
  expect(await phone.collect()).toMatchObject({ status: 410, body: { code: 'approval_expired' } })
  expect((await server.pair.sessions.list()).items).toHaveLength(2)
})
