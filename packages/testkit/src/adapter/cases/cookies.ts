import { deepStrictEqual } from 'node:assert/strict'
import type { AdapterCase } from '../adapter-case.ts'
import { app, empty, json, problem } from '../expected.ts'
import { authorized, cookieLine, guest, member, sessionItem } from '../settled.ts'
import { pairVisitor, redemption, toVisitor } from '../visitor.ts'

const APP = ['notes:read', 'notes:write']
const OWNER = {
  transport: 'cookie',
  keyed: true,
  scopes: [...APP, 'access:read', 'access:write'],
} as const

const byCookie = { subject: 'owner', scopes: OWNER.scopes, device: 'A device', proven: false }

/** The cookie, and what is sealed by the address of the server. */
export const cookieCases: readonly AdapterCase[] = [
  {
    name: 'SES-02 over plain http on loopback the cookie is HttpOnly, Lax, of the whole host, and not Secure',
    async holds(start) {
      const site = await start()
      const { call, key } = await redemption(site, await site.code(), { keyed: true })
      const answer = await site.ask(call, json(200, authorized(OWNER), cookieLine(900)))
      const owner = toVisitor(site, key, answer)
      await site.ask({ path: '/notes', headers: owner.credential }, app(200, byCookie))
      await site.askAs(
        owner,
        { method: 'POST', path: '/auth/renew' },
        json(200, authorized(OWNER), cookieLine(900)),
      )
      await site.askAs(owner, { method: 'POST', path: '/auth/logout' }, empty(204, cookieLine(0)))
    },
  },
  {
    name: 'SES-02 over https the cookie is Secure and has the prefix __Host-, and one without it counts for nothing',
    async holds(start) {
      const site = await start({ encrypted: true })
      const { call, key } = await redemption(site, await site.code(), { keyed: true })
      const answer = await site.ask(call, json(200, authorized(OWNER), cookieLine(900, true)))
      const owner = toVisitor(site, key, answer)
      await site.ask({ path: '/notes', headers: owner.credential }, app(200, byCookie))
      await site.askAs(owner, { path: '/auth/session' }, json(200, member(OWNER)))
      await site.askAs(
        owner,
        { path: '/auth/sessions' },
        json(200, { items: [sessionItem(OWNER)], next: null }),
      )
      const plain = { cookie: (owner.credential['cookie'] ?? '').replace('__Host-', '') }
      await site.ask({ path: '/notes', headers: plain }, problem(401, 'session_required'))
      const talk = await site.talk('/live', { ...owner.credential, origin: site.origin })
      deepStrictEqual(await talk.heard(), 'hello A device')
      await site.askAs(
        owner,
        { method: 'POST', path: '/auth/logout' },
        empty(204, cookieLine(0, true)),
      )
    },
  },
  {
    name: 'SES-02 a cookie that was planted is replaced by pairing, and two of them are refused',
    async holds(start) {
      const site = await start()
      const [attacker, code] = [await site.join({ keyed: true }), await site.code()]
      const { call, key } = await redemption(site, code, { keyed: true })
      const headers = { ...call.headers, ...attacker.credential }
      const answer = await site.ask(
        { ...call, headers },
        json(200, authorized(OWNER), cookieLine(900)),
      )
      const owner = toVisitor(site, key, answer)
      deepStrictEqual(owner.sessionId === attacker.sessionId, false)
      const both = { cookie: `${attacker.credential['cookie']}; ${owner.credential['cookie']}` }
      await site.ask({ path: '/notes', headers: both }, problem(400, 'duplicate_credentials'))
    },
  },
  {
    name: 'SES-13 two servers of one host refuse each other’s cookie, token and ticket',
    async holds(start) {
      const [mine, theirs] = [
        await start(),
        await start({ options: { secret: 'the other secret of this host, 32 bytes or more' } }),
      ]
      const [owner, bearer] = [
        await mine.join({ keyed: true }),
        await mine.join({ transport: 'bearer' }),
      ]
      const { credential } = owner
      // a browser sends both their cookies to both: names apart, they don't disturb each other
      const its = await theirs.join({ keyed: true })
      const cookie = `${its.credential['cookie']}; ${credential['cookie']}`
      await mine.ask({ path: '/notes', headers: { cookie } }, app(200, byCookie))
      await theirs.ask({ path: '/notes', headers: credential }, problem(401, 'session_required'))
      await theirs.ask({ path: '/auth/session', headers: credential }, json(200, guest()))
      const value = (credential['cookie'] ?? '').split('=')[1]
      const renamed = { cookie: `${(its.credential['cookie'] ?? '').split('=')[0]}=${value}` }
      await theirs.ask({ path: '/notes', headers: renamed }, problem(401, 'session_invalid'))
      await theirs.ask(
        { path: '/notes', headers: bearer.credential },
        problem(401, 'session_invalid'),
      )
      const ticket = await mine.ticket(bearer, 'stream')
      await theirs.ask({ path: `/notes?ticket=${ticket}` }, problem(401, 'session_invalid'))
      await mine.pair.sessions.revokeAll()
      await theirs.ask({ path: '/notes', headers: its.credential }, app(200, byCookie))
    },
  },
  {
    name: 'SES-13 two pairs in one process share nothing but what their options share',
    async holds(start) {
      const [mine, twin] = [await start(), await start()]
      const bearer = await mine.join({ transport: 'bearer' })
      await twin.ask(
        { path: '/notes', headers: bearer.credential },
        problem(401, 'session_invalid'),
      )
      const code = await mine.code()
      await twin.ask({ path: '/auth/redeem', body: { code } }, problem(401, 'code_invalid'))
      deepStrictEqual((await twin.pair.sessions.list()).items, [])
    },
  },
  {
    name: 'SES-13 a cookie that another port received reaches no renewal, no ticket and nobody’s access',
    async holds(start) {
      const site = await start()
      const { credential: headers, deviceId } = await site.join({ keyed: true })
      const needed = problem(401, 'proof_required')
      const ask = (method: string, path: string, body?: object): Promise<unknown> =>
        site.ask({ method, path, headers, ...(body && { body }) }, needed)
      await ask('POST', '/auth/renew')
      await ask('POST', '/auth/tickets', { for: 'socket' })
      for (const path of [
        '/auth/codes',
        '/auth/sessions',
        '/auth/devices',
        '/auth/access',
        '/auth/access/events',
      ])
        await ask('GET', path)
      await ask('POST', '/auth/codes', {})
      await ask('PATCH', `/auth/devices/${deviceId}`, { label: 'x' })
      await ask('DELETE', `/auth/devices/${deviceId}`)
      await ask('POST', '/auth/sessions/revoke-all')
      await ask('GET', '/proved')
      await site.ask({ path: '/notes', headers }, app(200, byCookie))
      await pairVisitor(site, await site.code())
    },
  },
]
