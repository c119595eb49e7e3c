import { beforeAll, describe, expect, test } from 'vitest'
import { createApplicant, openDoor, type Applicant } from '../kit/applicants.ts'
import type { DeviceKey } from '../kit/device.ts'
import { secretOf, type Answer, type LoggedServer } from '../kit/newcomers.ts'
import { ORIGIN } from '../kit/server.ts'

/** A door at which everything that this server hands out is in somebody's hands. */
interface Hoard {
  server: LoggedServer
  keyed: Applicant
  guest: Applicant
  /** What may be had while one waits. */
  waiting: Record<'proof' | 'claim' | 'claim of a guest' | 'cookie of a guest', string>
  /** What sessions and codes are made of. */
  credentials: Record<string, string>
  key: DeviceKey
  bearer: string
}

async function hoard(): Promise<Hoard> {
  const { server } = await openDoor('code', { keyless: 'full' })
  const issue = async (): Promise<string> => (await server.pair.codes.issue()).typed
  const bearer = await createApplicant(server, { key: null })
  const byBearer = await bearer.redeem(await issue(), { transport: 'bearer' })
  const cookie = await createApplicant(server)
  await cookie.redeem(await issue())
  const dpop = await createApplicant(server)
  const byDpop = await dpop.redeem(await issue(), { transport: 'dpop' })
  const ticket = await server.call('/auth/tickets', {
    body: { for: 'stream' },
    headers: { authorization: `Bearer ${String(byBearer.body.accessToken)}` },
  })
  const { typed, link } = await server.pair.codes.issue()
  await server.pair.admission.set('approval')
  const keyed = await createApplicant(server)
  const guest = await createApplicant(server, { key: null })
  expect([(await keyed.ask()).status, (await guest.ask()).status]).toEqual([202, 202])
  return {
    server,
    keyed,
    guest,
    key: keyed.key!,
    bearer: String(byBearer.body.accessToken),
    waiting: {
      proof: keyed.pending.proof,
      claim: keyed.pending.claim,
      'claim of a guest': guest.pending.claim,
      'cookie of a guest': [...guest.jar.values()][0]!,
    },
    credentials: {
      'access token': String(byBearer.body.accessToken),
      'refresh token': String(byBearer.body.refreshToken),
      'bound access token': String(byDpop.body.accessToken),
      cookie: [...cookie.jar.values()][0]!,
      ticket: String(ticket.body.ticket),
      'typed code': typed,
      'link code': secretOf(link),
    },
  }
}

let all: Hoard
beforeAll(async () => {
  all = await hoard()
})

/** Every place where this server takes something that lets in, with that in it. */
const PLANES: Record<string, (hoard: Hoard, text: string) => Promise<Answer>> = {
  bearer: ({ server }, text) =>
    server.call('/auth/access', { headers: { authorization: `Bearer ${text}` } }),
  dpop: async ({ server, key }, text) => {
    const htu = `${ORIGIN}/auth/access`
    const dpop = await key.prove({ htm: 'GET', htu, at: server.clock(), token: text })
    return server.call('/auth/access', { headers: { authorization: `DPoP ${text}`, dpop } })
  },
  cookie: ({ server, guest }, text) => {
    const name = [...guest.jar.keys()][0]!.replace(/_claim$/, '')
    return server.call('/auth/access', { headers: { cookie: `${name}=${text}` } })
  },
  ticket: ({ server }, text) => server.call(`/auth/access/events?ticket=${text}`),
  'refresh token': ({ server }, text) =>
    server.call('/auth/renew', { body: { refreshToken: text } }),
  code: ({ server }, text) => server.call('/auth/redeem', { body: { code: text } }),
  'proof of a key': ({ server }, text) =>
    server.call('/auth/renew', { body: {}, headers: { dpop: text } }),
  'proof of a newcomer': ({ server, key }, text) =>
    server.call('/auth/request', {
      body: { device: { label: 'x', kind: 'app', publicKey: key.jwk } },
      headers: { dpop: text },
    }),
}

const REFUSED = [400, 401, 403, 410]

describe.each(Object.keys(PLANES))('APP-02 as %s', (plane) => {
  test.each(['proof', 'claim', 'claim of a guest', 'cookie of a guest'] as const)(
    'APP-02 the %s of who waits lets nobody in',
    async (what) => {
      const answer = await PLANES[plane]!(all, all.waiting[what])
      expect(REFUSED, answer.text).toContain(answer.status)
      expect(answer.headers.getSetCookie()).toEqual([])
      expect(answer.text).not.toContain('accessToken')
    },
  )
})

describe('APP-02 what lets in elsewhere', () => {
  test('APP-02 is no proof that a request waits', async () => {
    expect(await all.server.pair.approvals.readProof(all.waiting.proof)).not.toBeNull()
    for (const [what, text] of Object.entries(all.credentials))
      expect(await all.server.pair.approvals.readProof(text), what).toBeNull()
  })

  test('APP-02 is no claim, with a key or without', async () => {
    for (const [what, text] of Object.entries({ ...all.credentials, proof: all.waiting.proof }))
      for (const who of [all.keyed, all.guest]) {
        const answer = await who.collect({ claim: text })
        expect([400, 410], what).toContain(answer.status)
      }
    // the right one goes on waiting
    expect((await all.keyed.collect()).status).toBe(202)
    expect((await all.guest.collect()).status).toBe(202)
  })

  test('APP-02 is not the cookie that a claim without a key asks for', async () => {
    const [name = ''] = [...all.guest.jar.keys()]
    const { claim } = all.guest.pending
    for (const [what, text] of Object.entries({ ...all.credentials, claim, proof: 'x' })) {
      const answer = await all.server.call('/auth/claim', {
        body: { claim },
        headers: { cookie: `${name}=${text}` },
      })
      expect(answer, what).toMatchObject({ status: 410, body: { code: 'approval_expired' } })
    }
  })

  test('APP-02 does let in where it belongs', async () => {
    const { server, credentials } = all
    expect((await PLANES.bearer!(all, credentials['access token']!)).status).toBe(403)
    expect(
      (
        await server.call('/auth/session', {
          headers: { authorization: `Bearer ${credentials['access token']!}` },
        })
      ).body,
    ).toMatchObject({ authenticated: true })
    expect((await PLANES['refresh token']!(all, credentials['refresh token']!)).status).toBe(200)
    await server.pair.admission.set('code')
    expect((await PLANES.code!(all, credentials['link code']!)).status).toBe(200)
  })
})
