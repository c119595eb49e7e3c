import { strictEqual } from 'node:assert/strict'
import type { LimitOptions } from '@pair/core'
import type { AdapterCase } from '../adapter-case.ts'
import { app, type Expected } from '../expected.ts'
import { knock } from '../knock.ts'
import { enter, over, WRONG } from '../settled-limit.ts'
import { redemption } from '../visitor.ts'

const APP = ['notes:read', 'notes:write'] as const
const MINUTE = 60_000
const LOCK_MS = 15 * MINUTE
const MANY = { max: 100_000 }
/** Windows that nobody fills. */
const WIDE: LimitOptions = { redeem: MANY, preview: MANY, change: MANY, poll: MANY }
const BEHIND = { 'x-forwarded-for': '192.0.2.7' }

const locked = (seconds: number): Expected =>
  over('locked_out', seconds, {
    ratelimit: `"lockout";r=0;t=${seconds}`,
    'ratelimit-policy': '"lockout";q=10;w=900',
  })

/** What many wrong codes from one address lead to. */
export const lockoutCases: readonly AdapterCase[] = [
  {
    name: 'LIM-02 ten wrong codes lock an address for fifteen minutes: the right one is refused and stays unused, who is in stays in',
    async holds(start) {
      const site = await start({ options: { limits: WIDE } })
      const member = await site.join({ transport: 'bearer' })
      const { typed } = await site.pair.codes.issue({
        origin: site.origin,
        expiresInMs: 60 * MINUTE,
      })
      for (let count = 0; count < 10; count++) strictEqual((await site.send(WRONG)).status, 401)
      await enter(site, typed, locked(900))
      await site.ask({ path: '/auth/codes/preview', body: { code: typed } }, locked(900))
      const shownToMember = { subject: 'owner', scopes: APP, device: 'A device', proven: false }
      await site.askAs(member, { path: '/notes' }, app(200, shownToMember))
      const ticket = await site.ticket(member, 'socket')
      const talk = await site.talk(`/live?ticket=${ticket}`)
      strictEqual(await talk.heard(), 'hello A device')
      site.pass(LOCK_MS - 1)
      await enter(site, typed, locked(0))
      site.pass(1)
      const { call } = await redemption(site, typed)
      strictEqual((await site.send(call)).status, 200)
    },
  },
  {
    name: 'LIM-02 a code that is sent as a ticket, a credential or a claim is no guess: it is judged nowhere',
    async holds(start) {
      const site = await start({ options: { limits: WIDE } })
      const code = await site.code()
      for (let count = 0; count < 11; count++) {
        await site.refuse(knock({}, `/live?ticket=${code}`), 401, 'session_invalid')
        await site.refuse(knock({ authorization: `Bearer ${code}` }), 401, 'session_invalid')
        const headers = { authorization: `Bearer ${code}` }
        strictEqual((await site.send({ path: '/notes', headers })).status, 401)
        const claim = { path: '/auth/claim', body: { claim: code } }
        strictEqual((await site.send(claim)).status, 410)
        const renewal = { path: '/auth/renew', body: { refreshToken: code } }
        strictEqual((await site.send(renewal)).status, 401)
      }
      const { call } = await redemption(site, code)
      strictEqual((await site.send(call)).status, 200)
    },
  },
  {
    name: 'LIM-03 a live session, another line or member beside the code lifts no lock',
    async holds(start) {
      const site = await start({ options: { limits: WIDE } })
      const member = await site.join({ transport: 'bearer' })
      const guest = await site.join({ transport: 'cookie' })
      const code = await site.code()
      for (let count = 0; count < 10; count++) await site.send(WRONG)
      for (const headers of [
        member.credential,
        guest.credential,
        { ...member.credential, ...guest.credential },
        { 'cf-connecting-ip': '192.0.2.1', 'true-client-ip': '192.0.2.1' },
        { 'x-http-method-override': 'GET', 'x-original-url': '/auth/session' },
        { origin: site.origin, 'sec-fetch-site': 'same-origin' },
      ]) {
        const body = { code, claim: code, secret: code, refreshToken: code }
        await site.ask({ path: '/auth/redeem', body, headers }, locked(900))
      }
    },
  },
  {
    name: 'LIM-04 a proxy’s header that nobody declared locks nobody out',
    async holds(start) {
      const site = await start({ options: { limits: WIDE } })
      for (let count = 0; count < 15; count++) {
        const { body } = await site.send({ ...WRONG, headers: BEHIND })
        strictEqual((body as { code?: string } | undefined)?.code, 'code_invalid')
      }
      const { call } = await redemption(site, await site.code())
      strictEqual((await site.send(call)).status, 200)
    },
  },
]
