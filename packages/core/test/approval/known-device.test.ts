import { describe, expect, test } from 'vitest'
import type { AuthorizedAnswer } from '../../src/http/wire.ts'
import {
  createApplicant,
  letIn,
  openDoor,
  settle,
  shown,
  type Applicant,
} from '../kit/applicants.ts'
import type { Answer, LoggedServer } from '../kit/newcomers.ts'
import { ORIGIN } from '../kit/server.ts'

const PAGE = 'https://app.example'

type Session = AuthorizedAnswer['session']
const sessionOf = (answer: Answer): Session => answer.as<AuthorizedAnswer>().session

async function known(origin: string | null = PAGE): Promise<{
  server: LoggedServer
  phone: Applicant
  session: Session
}> {
  const { server } = await openDoor('approval', { allowedOrigins: [PAGE, 'https://evil.example'] })
  const phone = await createApplicant(server, { origin })
  const session = sessionOf(await letIn(server, phone, { scopes: ['notes:read'] }))
  return { server, phone, session }
}

/** How many sessions are somebody's but the owner's. */
const live = async ({ pair }: LoggedServer): Promise<string[]> =>
  (await pair.sessions.list()).items.flatMap(({ id, device }) =>
    device.label === 'A device' ? [] : id,
  )

describe('APP-14 a device that a person let in', () => {
  test('APP-14 comes back by its key from where it paired: 200, its own scopes or fewer, one session', async () => {
    const { server, phone, session } = await known()
    phone.jar.clear()
    const back = await phone.ask()
    expect(back.status).toBe(200)
    expect(sessionOf(back)).toMatchObject({
      scopes: ['notes:read'],
      device: { id: session.device.id },
    })
    expect(await live(server)).toEqual([sessionOf(back).id])
    expect(sessionOf(back).id).not.toBe(session.id)
    expect((await server.pair.audit.read()).items.at(-1)).toMatchObject({
      type: 'device.returned',
      actor: { kind: 'newcomer', address: '203.0.113.7' },
      deviceId: session.device.id,
      sessionId: sessionOf(back).id,
      approvalId: phone.pending.approval.id,
      detail: { scopes: ['notes:read'], replacedSessionId: session.id },
    })
    expect((await phone.call('/auth/session')).body).toMatchObject({ authenticated: true })
  })

  test('APP-14 that asks for more asks like any other, and keeps what it has meanwhile', async () => {
    const { server, phone, session } = await known()
    expect((await phone.ask({ scopes: ['notes:read', 'notes:write'] })).status).toBe(202)
    expect(await live(server)).toEqual([session.id])
    await settle(server, 'approve', phone)
    const more = sessionOf(await phone.collect())
    expect(more).toMatchObject({
      scopes: ['notes:read', 'notes:write'],
      device: { id: session.device.id },
    })
    expect(await live(server)).toEqual([more.id])
  })

  test('APP-14 that comes from another origin, or from none, has to ask', async () => {
    for (const [first, later] of [
      [PAGE, 'https://evil.example'],
      [PAGE, ORIGIN],
      [PAGE, null],
      [null, PAGE],
    ] as const) {
      const { server, phone, session } = await known(first)
      phone.origin = later
      expect((await phone.ask({ scopes: ['notes:read'] })).status).toBe(202)
      expect(await live(server)).toEqual([session.id])
      expect((await shown(server)).map(({ origin }) => origin)).toEqual([later])
      // asking from there has not made it its home
      expect((await phone.ask({ scopes: ['notes:read'] })).status).toBe(202)
    }
  })

  test('APP-14 that only came in by a code, was revoked, signed out or ran out has to ask', async () => {
    const { server } = await openDoor('code')
    const phone = await createApplicant(server)
    await phone.redeem((await server.pair.codes.issue()).typed)
    await server.pair.admission.set('approval')
    expect((await phone.ask()).status).toBe(202)
    const ends: Record<string, (at: Awaited<ReturnType<typeof known>>) => Promise<unknown>> = {
      device: ({ server: { pair }, session }) => pair.devices.revoke(session.device.id),
      session: ({ server: { pair }, session }) => pair.sessions.revoke(session.id),
      logout: ({ phone: { call } }) => call('/auth/logout', { body: {} }),
      all: ({ server: { pair } }) => pair.sessions.revokeAll(),
      time: async ({ server: { clock } }) => clock.advance(30 * 86_400_000),
    }
    for (const [how, end] of Object.entries(ends)) {
      const at = await known()
      await end(at)
      at.phone.jar.clear()
      expect((await at.phone.ask({ scopes: ['notes:read'] })).status, how).toBe(202)
      expect(await live(at.server), how).toEqual([])
    }
  })

  test('APP-14 comes back with no longer life than it was given', async () => {
    const { server } = await openDoor('approval', { session: { absoluteMs: 7_200_000 } })
    const phone = await createApplicant(server)
    const end = sessionOf(await letIn(server, phone)).expiresAt
    server.clock.advance(3_600_000)
    expect(sessionOf(await phone.ask()).expiresAt).toBe(end)
  })
})

describe('APP-14 somebody else', () => {
  test('APP-14 with the id of a device, the key without its proof, or a proof by another key is not that device', async () => {
    const { server, phone, session } = await known()
    const thief = await createApplicant(server, { origin: PAGE, address: '198.51.100.1' })
    const device = { label: 'A phone', kind: 'browser' }
    const victim = phone.key!.jwk
    const at = server.clock()
    const target = { htm: 'POST', htu: `${ORIGIN}/auth/request`, at }

    // ids said in every place where one could be
    const said = { ...device, id: session.device.id, deviceId: session.device.id }
    const asked = await thief.ask({
      device: { ...said, publicKey: thief.key!.jwk },
      deviceId: session.device.id,
      sessionId: session.id,
    })
    expect(asked.status).toBe(202)
    const guest = await createApplicant(server, { key: null, origin: PAGE })
    expect((await guest.ask({ device: said })).status).toBe(202)

    const body = { device: { ...device, publicKey: victim } }
    const call = (dpop?: string): Promise<Answer> =>
      server.call('/auth/request', { body, headers: { origin: PAGE, ...(dpop ? { dpop } : {}) } })
    expect(await call()).toMatchObject({ status: 401, body: { code: 'proof_required' } })
    const stolen = await phone.key!.prove({ ...target, htu: `${ORIGIN}/auth/renew`, body })
    const forms: Record<string, string> = {
      'by another key': await thief.key!.prove({ ...target, body }),
      'by another key that names this one': await thief.key!.prove({
        ...target,
        body,
        header: { jwk: victim },
      }),
      'of another address': stolen,
      'of another body': await phone.key!.prove({
        ...target,
        body: { device: { ...device, publicKey: victim, label: 'x' } },
      }),
      'of no body': await phone.key!.prove(target),
    }
    for (const [how, proof] of Object.entries(forms))
      expect(await call(proof), how).toMatchObject({
        status: 401,
        body: { code: 'proof_invalid' },
      })
    const old = await phone.key!.prove({ ...target, at: at - 301_000, body })
    expect(await call(old)).toMatchObject({ status: 401, body: { code: 'use_dpop_nonce' } })
    expect(await live(server)).toEqual([session.id])
    // the same with its own proof is let in, once
    const own = await phone.key!.prove({ ...target, body })
    expect((await call(own)).status).toBe(200)
    expect(await call(own)).toMatchObject({ status: 401, body: { code: 'proof_invalid' } })
  })
})
