import { deepStrictEqual } from 'node:assert/strict'
import type { AdapterCase } from '../adapter-case.ts'
import { app, json, problem, type Expected } from '../expected.ts'
import { authorized, cookieLine } from '../settled.ts'
import type { Site } from '../site.ts'
import { redemption, toVisitor, type Visitor } from '../visitor.ts'

const OWNER = {
  transport: 'cookie',
  keyed: true,
  scopes: ['notes:read', 'notes:write', 'access:read', 'access:write'],
} as const
const provenOwner = app(200, {
  subject: 'owner',
  scopes: OWNER.scopes,
  device: 'A device',
  proven: true,
})
const PROXY = { 'x-forwarded-for': '192.0.2.7', 'x-forwarded-proto': 'https' }

async function pairKeyed(site: Site, secure: boolean): Promise<Visitor> {
  const { call, key } = await redemption(site, await site.code(), { keyed: true })
  const answer = await site.ask(call, json(200, authorized(OWNER), cookieLine(900, secure)))
  return toVisitor(site, key, answer)
}

/** From where it was redeemed, as the journal tells it. */
async function redeemedFrom(site: Site): Promise<unknown> {
  const { items } = await site.pair.audit.read()
  const actor = items.find(({ type }) => type === 'code.redeemed')?.actor
  return actor?.kind === 'newcomer' ? actor.address : actor
}

/** The page that a new code's link leads to. */
async function linkOf(site: Site, owner: Visitor): Promise<string | undefined> {
  const created: Expected = ({ status }) => deepStrictEqual(status, 201)
  const { body } = await site.askAs(owner, { path: '/auth/codes', body: {} }, created)
  return body?.link?.split('#')[0]
}

/** Where clients are and what they see, through proxies that are declared and no others. */
export const proxyCases: readonly AdapterCase[] = [
  {
    name: 'LIM-06 the address is that of the socket’s peer',
    async holds(start) {
      const site = await start()
      await site.join()
      deepStrictEqual(await redeemedFrom(site), '127.0.0.1')
    },
  },
  {
    name: 'NET-04 behind a declared proxy address, scheme, cookie, links and proofs are those that clients see',
    async holds(start) {
      const seenAs = 'https://home.example'
      const options = { proxy: { hops: 1 }, allowedHosts: ['home.example'] }
      const site = await start({ options, seenAs, forwarded: PROXY })
      const owner = await pairKeyed(site, true)
      await site.askAs(owner, { path: '/proved' }, provenOwner)
      deepStrictEqual(await redeemedFrom(site), '192.0.2.7')
      deepStrictEqual(await linkOf(site, owner), 'https://home.example/pair')
      const plain = await owner.prove('GET', '/proved', {
        claims: { htu: 'http://home.example/proved' },
      })
      const headers = { ...owner.credential, dpop: plain }
      await site.ask({ path: '/proved', headers }, problem(401, 'proof_invalid'))
      // a page of the public origin is ours
      const posted = { path: '/notes', body: { x: 1 }, headers: { origin: seenAs } }
      await site.askAs(owner, posted, app(200, { x: 1 }))
      const talk = await site.talk('/live', {
        ...PROXY,
        ...owner.credential,
        host: 'home.example',
        origin: seenAs,
      })
      deepStrictEqual(await talk.heard(), 'hello A device')
    },
  },
  {
    name: 'NET-04 a proxy that nobody declared is not believed: not its scheme, its address nor its host',
    async holds(start) {
      const forwarded = {
        ...PROXY,
        'x-forwarded-host': 'evil.example',
        forwarded: 'host=evil.example',
      }
      const site = await start({ forwarded })
      const owner = await pairKeyed(site, false)
      deepStrictEqual(await redeemedFrom(site), '127.0.0.1')
      deepStrictEqual(await linkOf(site, owner), `${site.origin}/pair`)
      const away = await start({ options: { allowedHosts: ['home.example'] }, forwarded })
      const call = { path: '/auth/session', host: 'home.example' }
      await away.ask(call, problem(403, 'insecure_transport'))
    },
  },
  {
    name: 'NET-04 below a public URL with a sub-path links and proofs name it, whether the proxy cuts it off or not',
    async holds(start) {
      const seenAs = 'https://home.example/app'
      const options = { proxy: { hops: 1 }, publicUrl: seenAs }
      const site = await start({ options, seenAs, forwarded: PROXY })
      const owner = await pairKeyed(site, true)
      await site.askAs(owner, { path: '/proved' }, provenOwner)
      deepStrictEqual(await linkOf(site, owner), 'https://home.example/app/pair')
      const whole = { ...options, basePath: '/app/auth' }
      const kept = await start({ options: whole, seenAs, forwarded: PROXY })
      const { call } = await redemption(kept, await kept.code(), { keyed: true })
      await kept.ask(
        { ...call, path: '/app/auth/redeem' },
        json(200, authorized(OWNER), cookieLine(900, true)),
      )
    },
  },
]
