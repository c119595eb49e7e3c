import { deepStrictEqual } from 'node:assert/strict'
import type { AdapterCase } from '../adapter-case.ts'
import { app, json, problem, type Expected } from '../expected.ts'
import { guest } from '../settled.ts'

const nobody = app(200, { kind: 'none' })

/** Who is let through by the guards, and who is not. */
export const credentialCases: readonly AdapterCase[] = [
  {
    name: 'NET-01 without live credentials no guarded route is reached, and an open one says why',
    async holds(start) {
      const site = await start()
      const [live, revoked] = [await site.join({ transport: 'bearer' }), await site.join()]
      await site.pair.sessions.revoke(revoked.sessionId)
      const elsewhere = await start({
        options: { secret: 'another secret of 32 bytes or more, really' },
      })
      const foreign = await elsewhere.join({ transport: 'bearer' })
      const cookie = revoked.credential['cookie'] ?? ''
      const name = cookie.split('=')[0] ?? ''
      const invalid: Record<string, string>[] = [
        { authorization: 'Bearer a.b.c' },
        { authorization: 'Basic YTpi' },
        { authorization: live.accessToken },
        { authorization: `Bearer ${live.accessToken}.` },
        { authorization: `DPoP ${live.accessToken}`, dpop: 'a.b.c' },
        { authorization: foreign.credential['authorization'] ?? '' },
        { authorization: 'Bearer ', ...revoked.credential },
        { cookie: `${name}=a.b.c` },
        { cookie: `${name}=${live.accessToken}` },
      ]
      for (const headers of [{}, { cookie: 'other=1' }]) {
        await site.ask({ path: '/notes', headers }, problem(401, 'session_required'))
        await site.ask({ path: '/open', headers }, nobody)
      }
      for (const headers of invalid) {
        await site.ask({ path: '/notes', headers }, problem(401, 'session_invalid'))
        await site.ask({ path: '/auth/session', headers }, json(200, guest('invalid')))
        await site.ask({ path: '/open', headers }, app(200, { kind: 'none', reason: 'invalid' }))
      }
      await site.askAs(revoked, { path: '/notes' }, problem(401, 'session_revoked'))
      deepStrictEqual(site.reached.length, 2 + invalid.length) // `/open` alone
    },
  },
  {
    name: 'SES-07 expired credentials are told apart from revoked ones',
    async holds(start) {
      const site = await start()
      const visitor = await site.join({ transport: 'bearer' })
      site.pass(24 * 3_600_000)
      await site.askAs(visitor, { path: '/notes' }, problem(401, 'session_expired'))
      await site.askAs(visitor, { path: '/auth/session' }, json(200, guest('expired')))
      await site.askAs(visitor, { path: '/open' }, app(200, { kind: 'none', reason: 'expired' }))
    },
  },
  {
    name: 'SES-10 a scope that is missing is named, and the route is not reached',
    async holds(start) {
      const site = await start()
      const reader = await site.join({ transport: 'bearer' }, ['notes:read'])
      const refused = problem(403, 'insufficient_scope')
      const { body } = await site.askAs(reader, { path: '/notes', body: { x: 1 } }, refused)
      deepStrictEqual(body?.scopes, ['notes:write'])
      const writer = await site.join({}, ['notes:write'])
      await site.askAs(writer, { path: '/notes' }, refused)
      deepStrictEqual(site.reached, [])
    },
  },
  {
    name: 'POP-01 a proof is for one key, one method, one address, one time and one use',
    async holds(start) {
      const site = await start()
      const path = '/proved'
      const [owner, thief] = [await site.join({ keyed: true }), await site.join({ keyed: true })]
      const bearer = await site.join({ transport: 'bearer' })
      const ask = (dpop: string, expected = problem(401, 'proof_invalid')): Promise<unknown> =>
        site.ask({ path, headers: { ...owner.credential, dpop } }, expected)
      await site.askAs(bearer, { path }, problem(403, 'device_key_required'))
      await site.ask({ path, headers: owner.credential }, problem(401, 'proof_required'))
      for (const dpop of [
        'a.b.c',
        await thief.prove('GET', path),
        await owner.prove('POST', path),
        await owner.prove('GET', '/proved/'),
        await owner.prove('GET', path, { claims: { htu: `http://evil.example${path}` } }),
        await owner.prove('GET', path, { claims: { jti: undefined } }),
      ])
        await ask(dpop)
      for (const away of [-301, 60]) {
        const iat = Math.floor(site.now() / 1_000) + away
        await ask(
          await owner.prove('GET', path, { claims: { iat } }),
          problem(401, 'use_dpop_nonce'),
        )
      }
      const right = await owner.prove('GET', path)
      const scopes = ['notes:read', 'notes:write', 'access:read', 'access:write']
      const shown = { subject: 'owner', scopes, device: 'A device', proven: true }
      await ask(right, app(200, shown))
      await ask(right)
      deepStrictEqual(site.reached, ['route'])
    },
  },
  {
    name: 'POP-03 a device whose clock is an hour off is let in by the nonce that its refusal came with',
    async holds(start) {
      const site = await start()
      const path = '/proved'
      const owner = await site.join({ keyed: true })
      const iat = Math.floor(site.now() / 1_000) - 3_600
      const ask = async (claims: object, expected: Expected): ReturnType<typeof site.ask> => {
        const dpop = await owner.prove('GET', path, { claims: { iat, ...claims } })
        return site.ask({ path, headers: { ...owner.credential, dpop } }, expected)
      }
      const refused = await ask({}, problem(401, 'use_dpop_nonce'))
      const nonce = refused.headers['dpop-nonce']
      const scopes = ['notes:read', 'notes:write', 'access:read', 'access:write']
      await ask({ nonce }, app(200, { subject: 'owner', scopes, device: 'A device', proven: true }))
      await ask({ nonce: `${String(nonce).slice(1)}A` }, problem(401, 'use_dpop_nonce'))
      deepStrictEqual(site.reached, ['route'])
    },
  },
  {
    name: 'POP-01 a token that is bound to a key needs its proof, over itself, and no other scheme',
    async holds(start) {
      const site = await start()
      const path = '/notes'
      const device = await site.join({ transport: 'dpop' })
      const ask = (dpop: string | undefined, code: string): Promise<unknown> =>
        site.ask(
          { path, headers: { ...device.credential, ...(dpop !== undefined && { dpop }) } },
          problem(401, code),
        )
      await ask(undefined, 'proof_required')
      await ask(await device.prove('GET', path, { over: null }), 'proof_invalid')
      await ask(await device.prove('GET', path, { over: 'another' }), 'proof_invalid')
      const authorization = `Bearer ${device.accessToken}`
      await site.ask({ path, headers: { authorization } }, problem(401, 'session_invalid'))
      deepStrictEqual(site.reached, [])
    },
  },
  {
    name: 'NET-01 a stream’s ticket opens one request, and nothing else in a query opens any',
    async holds(start) {
      const site = await start()
      const bearer = await site.join({ transport: 'bearer' })
      const path = `/notes?ticket=${await site.ticket(bearer, 'stream')}`
      const shown = {
        subject: 'owner',
        scopes: ['notes:read', 'notes:write'],
        device: 'A device',
        proven: false,
      }
      await site.ask({ path }, app(200, shown))
      await site.ask({ path }, problem(401, 'session_invalid'))
      await site.ask(
        { path: path.replace('notes', 'open') },
        app(200, { kind: 'none', reason: 'invalid' }),
      )
      const socket = await site.ticket(bearer, 'socket')
      await site.ask({ path: `/notes?ticket=${socket}` }, problem(401, 'session_invalid'))
      const fresh = await site.ticket(bearer, 'stream')
      const post = { path: `/notes?ticket=${fresh}`, body: {} }
      await site.ask(post, problem(401, 'session_required'))
      const token = `/notes?access_token=${bearer.accessToken}&authorization=x`
      await site.ask({ path: token }, problem(401, 'session_required'))
      const rivals = Array.from({ length: 40 }, () => site.send({ path: `/notes?ticket=${fresh}` }))
      const statuses = (await Promise.all(rivals)).map(({ status }) => status)
      deepStrictEqual(statuses.filter((status) => status === 200).length, 1)
    },
  },
  {
    name: 'NET-01 tickets are minted for a session, by its key where it has one',
    async holds(start) {
      const site = await start()
      const path = '/auth/tickets'
      const owner = await site.join({ keyed: true })
      const ticket = json(200, { ticket: '<secret>', expiresAt: '<time>' })
      const body = { for: 'socket' }
      await site.ask({ path, body }, problem(401, 'session_required'))
      await site.ask({ path, body, headers: owner.credential }, problem(401, 'proof_required'))
      await site.askAs(owner, { path, body }, ticket)
      await site.askAs(owner, { path, body: { for: 'x' } }, problem(400, 'invalid_request'))
      const bearer = await site.join({ transport: 'bearer' })
      await site.askAs(bearer, { path, body: { for: 'stream' } }, ticket)
    },
  },
]
