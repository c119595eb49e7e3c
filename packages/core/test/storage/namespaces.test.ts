import { describe, expect, test } from 'vitest'
import type { ResourceTokenAnswer } from '../../src/http/token-wire.ts'
import type { AuthorizedAnswer, TicketAnswer } from '../../src/http/wire.ts'
import { fixedClock } from '@pair/testkit/app'
import { createApplicant, settle, type Applicant } from '../kit/applicants.ts'
import { STORES, type StoreKind } from '../kit/stores.ts'
import { NOON } from '../kit/clock.ts'
import { dumpStore, dumpText } from '../kit/dump.ts'
import {
  createServer,
  createStranger,
  secretOf,
  type Answer,
  type LoggedServer,
  type Newcomer,
} from '../kit/newcomers.ts'
import { OWNER, paired } from '../kit/owners.ts'
import { ALL_ROUTES } from '../limit/stranger-routes.ts'

const SCREEN = { resource: 'screen:left', mode: 'view' }

/** One of two servers of one secret on one store, with one of each kind of record. */
interface Tenant {
  name: string
  server: LoggedServer
  owner: Newcomer
  guest: { cookie: string; id: string }
  bearer: { accessToken: string; refreshToken: string }
  code: { typed: string; link: string; id: string }
  ticket: string
  resourceToken: string
  waiting: Applicant
  approved: Applicant
  digest: string
  /** Every id that was given here. */
  ids: string[]
}

const cookieOf = (answer: Answer): string => answer.headers.get('set-cookie')!.split(';', 1)[0]!

async function settleIn(name: string, kind: { store: LoggedServer['store'] }): Promise<Tenant> {
  const resources = { screen: { modes: ['view', 'control'] } }
  const shared = { clock: fixedClock(NOON), store: kind.store, namespace: name }
  const server = createServer({ ...shared, keyless: 'full', resources })
  const { pair } = server
  const owner = await paired(server, OWNER)
  const enter = async (transport: string): Promise<Answer> => {
    const { typed } = await pair.codes.issue({ scopes: ['notes:read'] })
    return createStranger(server).redeem(typed, { transport })
  }
  const guest = await enter('cookie')
  const bearer = (await enter('bearer')).as<AuthorizedAnswer>()
  const issued = await pair.codes.issue()
  const ticket = await server.call('/auth/tickets', {
    body: { for: 'stream' },
    headers: { cookie: cookieOf(guest) },
  })
  const token = await owner.call('/auth/resource-tokens', { body: SCREEN })
  await pair.admission.set('approval')
  const [waiting, approved, rejected] = await Promise.all(
    [1, 2, 3].map((n) => createApplicant(server, { address: `203.0.113.${n}` })),
  )
  for (const applicant of [waiting!, approved!, rejected!]) {
    const { status, text } = await applicant.ask()
    if (status !== 202) throw new Error(text)
  }
  await settle(server, 'approve', approved!)
  await settle(server, 'reject', rejected!)
  const { items } = await pair.approvals.list()
  const { digest } = items.find(({ id }) => id === waiting!.pending.approval.id)!
  await pair.signingKeys.rotate()
  const text = dumpText(await dumpStore(kind.store, name))
  return {
    name,
    server,
    owner,
    guest: { cookie: cookieOf(guest), id: guest.as<AuthorizedAnswer>().session.id },
    bearer: { accessToken: bearer.accessToken!, refreshToken: bearer.refreshToken! },
    code: { typed: issued.typed, link: secretOf(issued.link), id: issued.code.id },
    ticket: ticket.as<TicketAnswer>().ticket,
    resourceToken: token.as<ResourceTokenAnswer>().resourceToken,
    waiting: waiting!,
    approved: approved!,
    digest,
    ids: [...new Set(text.match(/\b(?:cod|dev|gra|ses|epo|apr|key)_[\w-]{22}/g))],
  }
}

async function openBoth(
  kind: StoreKind,
  names: readonly [string, string],
): Promise<[Tenant, Tenant]> {
  const store = kind.open()
  return [await settleIn(names[0], { store }), await settleIn(names[1], { store })]
}

/** Some ids of each kind. */
function someOf({ ids }: Tenant): string[] {
  const kinds = [...new Set(ids.map((id) => id.slice(0, 4)))]
  return kinds.flatMap((kind) => ids.filter((id) => id.startsWith(kind)).slice(0, 3))
}

/** Everything that stands in its namespace. */
const allIn = async ({ server, name }: Tenant): Promise<string> =>
  dumpText(await dumpStore(server.store, name))

/** All that this one still opens at home. */
async function stillIn({ server, ...mine }: Tenant): Promise<Record<string, number | boolean>> {
  const who = (headers: Record<string, string>): Promise<Answer> =>
    server.call('/auth/session', { headers })
  const { cookie } = mine.guest
  await server.pair.admission.set('approval')
  const collected = await mine.approved.collect()
  await server.pair.admission.set('code')
  return {
    owner: (await mine.owner.call('/auth/access')).status,
    guest: (await who({ cookie })).body.authenticated as boolean,
    bearer: (await who({ authorization: `Bearer ${mine.bearer.accessToken}` })).body
      .authenticated as boolean,
    ticket: (await server.call(`/auth/session?ticket=${mine.ticket}`)).status,
    collected: collected.status,
    refresh: (
      await server.call('/auth/renew', { body: { refreshToken: mine.bearer.refreshToken } })
    ).status,
    code: (await createStranger(server).redeem(mine.code.typed)).status,
  }
}

const WHOLE = {
  owner: 200,
  guest: true,
  bearer: true,
  ticket: 200,
  collected: 200,
  refresh: 200,
  code: 200,
}

// Each settles two servers in, which takes a while where the machine is busy.
describe.each(STORES)('on $name', { timeout: 60_000 }, (kind) => {
  describe.each([
    ['one', 'two'],
    ['pair', 'pair2'],
    ['a-b', 'a'],
  ] as const)('of the namespaces %s and %s', (...names) => {
    test('SEC-17 neither lists anything of the other, in any list, snapshot or journal', async () => {
      const [one, two] = await openBoth(kind, names)
      expect(one.ids.length).toBeGreaterThan(15)
      const { pair } = two.server
      const texts: string[] = []
      for (const { method, path } of ALL_ROUTES)
        if (method === 'GET' && path !== 'access/events')
          texts.push((await two.owner.call(`/auth/${path}`)).text)
      texts.push(
        JSON.stringify([
          await pair.sessions.list(),
          await pair.devices.list(),
          await pair.codes.list(),
          await pair.approvals.list(),
          await pair.signingKeys.list(),
          await pair.audit.read({ limit: 1_000 }),
        ]),
      )
      const seen = texts.join('\n')
      for (const id of two.ids.filter((id) => /^(?:ses|dev|apr)/.test(id)))
        expect(seen).toContain(id)
      expect(one.ids.filter((id) => seen.includes(id))).toEqual([])
    })

    test('SEC-17 no route that takes an id takes one of the other, and nothing there changes', async () => {
      const [one, two] = await openBoth(kind, names)
      const before = await allIn(one)
      const body = { digest: one.digest, scopes: ['notes:read'], label: 'Taken over' }
      let calls = 0
      for (const { method, path } of ALL_ROUTES.filter((route) => route.path.includes(':id')))
        for (const id of someOf(one)) {
          const hasBody = method === 'POST' || method === 'PATCH'
          const at = `/auth/${path.replace(':id', id)}`
          const { status } = await two.owner.call(at, { method, ...(hasBody ? { body } : {}) })
          expect([method, path, id, status]).toEqual([method, path, id, 404])
          calls++
        }
      expect(calls).toBeGreaterThan(100)
      expect(await allIn(one)).toBe(before)
    })

    test('SEC-17 nor does any call in process, and nothing there changes', async () => {
      const [one, two] = await openBoth(kind, names)
      const before = await allIn(one)
      const { pair } = two.server
      const { digest } = one
      for (const id of someOf(one)) {
        const calls = [
          () => pair.codes.revoke(id),
          () => pair.sessions.revoke(id),
          () => pair.sessions.narrow(id, ['notes:read']),
          () => pair.devices.revoke(id),
          () => pair.devices.rename(id, 'Taken over'),
          () => pair.approvals.approve(id, { digest }),
          () => pair.approvals.reject(id, { digest }),
          () => pair.approvals.forget(id),
        ]
        for (const call of calls) await expect(call()).rejects.toMatchObject({ code: 'not_found' })
        for (const list of [pair.codes, pair.sessions, pair.devices, pair.approvals])
          expect(JSON.stringify(await list.list({ after: id, limit: 100 }))).not.toContain(id)
      }
      expect(await allIn(one)).toBe(before)
    })

    test('SEC-17 what ends all at one ends nothing at the other', async () => {
      const [one, two] = await openBoth(kind, names)
      const { pair } = two.server
      const [own] = (await pair.sessions.list()).items
      await pair.sessions.revokeOthers(own!.id)
      await pair.sessions.revokeAll()
      await pair.admission.set('closed')
      await pair.signingKeys.rotate({ old: 'end' })
      await pair.sweep()
      expect((await two.owner.call('/auth/access')).status).toBe(401)
      expect(await stillIn(one)).toEqual(WHOLE)
    })

    test('SEC-17 no credential of one counts at the other, also under the name that it has there', async () => {
      const [one, two] = await openBoth(kind, names)
      const before = await allIn(one)
      const { server } = two
      const [name] = two.guest.cookie.split('=')
      const [, value] = one.guest.cookie.split('=')
      const proven = async (method: string, path: string): Promise<Record<string, string>> => {
        const proof = { htm: method, htu: `${server.origin}/auth/${path}`, at: server.clock() }
        return { dpop: await one.owner.key!.prove(proof) }
      }
      for (const headers of [
        { cookie: one.guest.cookie },
        { cookie: `${name}=${value}` },
        { authorization: `Bearer ${one.bearer.accessToken}` },
        { authorization: `Bearer ${one.resourceToken}` },
        { cookie: one.owner.cookie(), ...(await proven('GET', 'session')) },
      ]) {
        const { body } = await server.call('/auth/session', { headers })
        expect(body).toMatchObject({ authenticated: false })
        expect(JSON.stringify(body)).not.toMatch(/ses_|dev_/)
      }
      const ticket = await server.call(`/auth/session?ticket=${one.ticket}`)
      expect(ticket.body).toMatchObject({ authenticated: false })
      const refused: Answer[] = [
        await server.call('/auth/renew', { body: { refreshToken: one.bearer.refreshToken } }),
        await server.call('/auth/renew', { body: {}, headers: await proven('POST', 'renew') }),
      ]
      for (const mode of ['code', 'code+approval'] as const) {
        await server.pair.admission.set(mode)
        for (const code of [one.code.typed, one.code.link]) {
          refused.push(await createStranger(server).redeem(code))
          refused.push(await server.call('/auth/codes/preview', { body: { code } }))
        }
      }
      await server.pair.admission.set('approval')
      for (const applicant of [one.waiting, one.approved]) {
        const thief = await createApplicant(server, { key: applicant.key })
        thief.pending = applicant.pending
        refused.push(await thief.collect(), await thief.withdraw())
      }
      expect(
        refused.map(({ status }) => status).filter((status) => ![401, 410].includes(status)),
      ).toEqual([])
      expect(await server.pair.approvals.readProof(one.waiting.pending.proof)).toBeNull()
      expect(await allIn(one)).toBe(before)
      expect(await stillIn(one)).toEqual(WHOLE)
    })
  })
})
