import { deepStrictEqual } from 'node:assert/strict'
import type { AdapterCase } from '../adapter-case.ts'
import { app, json, problem } from '../expected.ts'
import { knock } from '../knock.ts'
import type { Call } from '../send.ts'
import { member } from '../settled.ts'
import type { Site } from '../site.ts'
import type { Visitor } from '../visitor.ts'

const APP = ['notes:read', 'notes:write']

/** Credentials that are there twice, on lines of their own or in one: whichever is right, nobody may choose. */
async function doubles(bearer: Visitor, keyed: Visitor): Promise<NonNullable<Call['headers']>[]> {
  const { authorization = '' } = bearer.credential
  const { cookie = '' } = keyed.credential
  const name = cookie.split('=')[0]
  const proof = await keyed.prove('GET', '/notes')
  return [
    { authorization: [authorization, authorization] }, // the same token twice
    { authorization: [authorization, 'Bearer bad'] }, // a good token and a bad
    { Authorization: 'Bearer bad', authorization }, // a bad token and a good
    { authorization: [authorization, 'Basic YTpi'] }, // a good token and another scheme
    { AUTHORIZATION: 'Basic YTpi', authorization }, // another scheme and a good token
    { authorization: `${authorization}, ${authorization}` }, // two in one line
    { cookie: `${cookie}; ${cookie}` }, // our cookie twice in one line
    { cookie: [cookie, cookie] }, // our cookie in two lines
    { cookie: `${cookie}; ${name}=bad` }, // our cookie, good and bad
    { Cookie: `${name}=; a=b`, cookie }, // our cookie, bad and good
    { authorization, cookie: [cookie, `${name}=`] }, // our cookie twice beside a token
    { dpop: [proof, proof], cookie }, // two proofs
    { dpop: `${proof}, ${proof}`, cookie }, // two proofs in one line
    { dpop: 'a', DPOP: 'b' }, // two proofs without a session
  ]
}

async function visitors(site: Site): Promise<[Visitor, Visitor]> {
  return [await site.join({ transport: 'bearer' }), await site.join({ keyed: true })]
}

/** One credential a request. */
export const doubleCases: readonly AdapterCase[] = [
  {
    name: 'SEC-10 a credential that is there twice is 400 on our routes and on guarded ones',
    async holds(start) {
      const site = await start()
      const refused = problem(400, 'duplicate_credentials')
      for (const headers of await doubles(...(await visitors(site)))) {
        for (const path of ['/auth/session', '/auth/codes', '/notes', '/open', '/proved'])
          await site.ask({ path, headers }, refused)
        for (const path of ['/notes', '/auth/redeem', '/auth/tickets', '/auth/renew'])
          await site.ask({ path, headers, body: {} }, refused)
      }
      deepStrictEqual(site.reached, [])
    },
  },
  {
    name: 'SEC-10 a credential that is there twice opens no socket',
    async holds(start) {
      const site = await start()
      const [bearer, keyed] = await visitors(site)
      const ticket = await site.ticket(bearer, 'socket')
      for (const headers of await doubles(bearer, keyed))
        for (const path of ['/live', `/live?ticket=${ticket}`]) {
          const knocking = knock({ origin: site.origin, ...headers }, path)
          await site.refuse(knocking, 400, 'duplicate_credentials')
        }
      deepStrictEqual(site.reached, [])
    },
  },
  {
    name: 'SEC-10 cookies of others beside ours are no doubles',
    async holds(start) {
      const site = await start()
      const keyed = await site.join({ keyed: true })
      const { cookie = '' } = keyed.credential
      const name = cookie.split('=')[0]
      const headers = { cookie: `pair_00000000=x; x${name}=y; ${cookie}; ${name}x=z; =; ;` }
      const scopes = [...APP, 'access:read', 'access:write']
      const shown = { subject: 'owner', scopes, device: 'A device', proven: false }
      await site.ask({ path: '/notes', headers }, app(200, shown))
      const of = { transport: 'cookie', keyed: true, scopes } as const
      await site.ask({ path: '/auth/session', headers }, json(200, member(of)))
      const origin = { origin: site.origin }
      const talk = await site.talk('/live', { ...headers, ...origin })
      deepStrictEqual(await talk.heard(), 'hello A device')
    },
  },
]
