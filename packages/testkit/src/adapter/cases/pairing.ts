import { deepStrictEqual } from 'node:assert/strict'
import type { AdapterCase, Start } from '../adapter-case.ts'
import { app, empty, json, problem } from '../expected.ts'
import { authorized, cookieLine, guest, member } from '../settled.ts'
import { pairVisitor, redemption, toVisitor, type Newcomer, type Visitor } from '../visitor.ts'
import type { Site } from '../site.ts'

const APP = ['notes:read', 'notes:write'] as const
const ALL = [...APP, 'access:read', 'access:write'] as const
const QUARTER = 900

/** Pairs a device and holds the answer to the pinned one. */
async function pairAs(site: Site, newcomer: Newcomer): Promise<Visitor> {
  const { call, key } = await redemption(site, await site.code(), newcomer)
  const { transport = 'cookie', keyed = transport === 'dpop' } = newcomer
  const of = { transport, keyed, scopes: keyed ? ALL : APP }
  // without a key the credential lives as long as the session: a day
  const life = keyed ? QUARTER : 86_400
  const headers = transport === 'cookie' ? cookieLine(life) : {}
  const answer = await site.ask(call, json(200, authorized(of), headers))
  await site.askAs(toVisitor(site, key, answer), { path: '/auth/session' }, json(200, member(of)))
  return toVisitor(site, key, answer)
}

/** Uses the app, and logs out. */
async function useAndLeave(site: Site, visitor: Visitor, keyed: boolean): Promise<void> {
  const shown = { subject: 'owner', scopes: keyed ? ALL : APP, device: 'A device', proven: keyed }
  await site.askAs(visitor, { path: '/notes' }, app(200, shown))
  await site.askAs(visitor, { path: '/open' }, app(200, shown))
  await site.askAs(visitor, { path: '/notes', body: { text: 'new' } }, app(200, { text: 'new' }))
  await site.askAs(visitor, { method: 'POST', path: '/auth/logout' }, empty(204, cookieLine(0)))
  await site.askAs(visitor, { path: '/auth/session' }, json(200, guest('revoked')))
  await site.askAs(visitor, { path: '/notes' }, problem(401, 'session_revoked'))
  await site.askAs(visitor, { path: '/open' }, app(200, { kind: 'none', reason: 'revoked' }))
}

/** Pairing, renewal, logout. */
export const pairingCases: readonly AdapterCase[] = [
  ...(['bearer', 'cookie'] as const).map((transport) => ({
    name: `SES-01 a device without a key pairs by ${transport}, uses the app and logs out`,
    async holds(start: Start) {
      const site = await start()
      const visitor = await pairAs(site, { transport })
      await site.askAs(visitor, { path: '/auth/codes' }, problem(403, 'insufficient_scope'))
      await site.askAs(
        visitor,
        { method: 'POST', path: '/auth/renew' },
        problem(401, 'session_invalid'),
      )
      await useAndLeave(site, visitor, false)
    },
  })),
  ...(['cookie', 'dpop'] as const).map((transport) => ({
    name: `SES-01 a device with a key pairs by ${transport}, proves it, renews by it and logs out`,
    async holds(start: Start) {
      const site = await start()
      const visitor = await pairAs(site, { transport, keyed: true })
      const of = { transport, keyed: true, scopes: ALL }
      const headers = transport === 'cookie' ? cookieLine(QUARTER) : {}
      const path = '/auth/renew'
      const dpop = await visitor.prove('POST', path, { over: null })
      await site.ask(
        { method: 'POST', path, headers: { dpop } },
        json(200, authorized(of), headers),
      )
      await useAndLeave(site, visitor, true)
    },
  })),
  {
    name: 'SES-08 a refresh token renews, and junk does not',
    async holds(start) {
      const site = await start({ options: { keyless: 'full' } })
      const { call } = await redemption(site, await site.code(), { transport: 'bearer' })
      const of = { transport: 'bearer', scopes: ALL } as const
      const { body } = await site.ask(call, json(200, authorized(of, true)))
      const path = '/auth/renew'
      const renew = { path, body: { refreshToken: body?.refreshToken } }
      await site.ask(renew, json(200, authorized(of, true)))
      await site.ask({ path, body: { refreshToken: 'junk' } }, problem(401, 'session_invalid'))
      await site.ask({ path, body: {} }, problem(401, 'session_required'))
    },
  },
  {
    name: 'CODE-03 of 40 redeemers at once one wins, 8 times over',
    async holds(start) {
      // Each comes from an address of its own: of one, no more than a few are judged at once.
      const site = await start({ options: { proxy: { cidrs: ['127.0.0.1'] } } })
      for (let round = 0; round < 8; round++) {
        const code = await site.code()
        const answers = await Promise.all(
          Array.from({ length: 40 }, async (_, rival) => {
            const { call } = await redemption(site, code)
            const headers = { ...call.headers, 'x-forwarded-for': `10.0.${round}.${rival}` }
            return site.send({ ...call, headers })
          }),
        )
        const statuses = answers.map(({ status }) => status).sort((a, b) => a - b)
        deepStrictEqual(statuses, [200, ...Array.from({ length: 39 }, () => 401)])
      }
    },
  },
  {
    name: 'SEC-08 codes that are unknown, used, revoked and expired are one answer',
    async holds(start) {
      const site = await start()
      const [used, expired] = [await site.code(), await site.code()]
      await pairVisitor(site, used)
      const revoked = await site.pair.codes.issue({ origin: site.origin })
      await site.pair.codes.revoke(revoked.code.id)
      const answers = new Set<string>()
      const redeem = async (code: string): Promise<void> => {
        const call = { path: '/auth/redeem', body: { code } }
        answers.add((await site.ask(call, problem(401, 'code_invalid'))).text)
      }
      for (const code of ['222-222-222', used, revoked.typed]) await redeem(code)
      site.pass(3_600_000)
      await redeem(expired)
      deepStrictEqual(answers.size, 1)
    },
  },
  {
    name: 'CODE-11 a request that is refused burns no code',
    async holds(start) {
      const site = await start()
      const code = await site.code()
      const path = '/auth/redeem'
      const wide = { code, transport: 'bearer', scopes: ['access:write'] }
      await site.ask({ path, body: wide }, problem(403, 'insufficient_scope'))
      const { call } = await redemption(site, code, { keyed: true })
      await site.ask({ ...call, headers: {} }, problem(401, 'proof_required'))
      await site.ask({ ...call, headers: { dpop: 'a.b.c' } }, problem(401, 'proof_invalid'))
      const other = { ...(call.body as object), scopes: ['notes:read'] }
      await site.ask({ ...call, body: other }, problem(401, 'proof_invalid'))
      await pairVisitor(site, code)
    },
  },
]
