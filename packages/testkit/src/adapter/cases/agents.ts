import { deepStrictEqual, strictEqual } from 'node:assert/strict'
import { agent, type AgentOptions } from '@pair/core/agent'
import type { AdapterCase, Start } from '../adapter-case.ts'
import { app, empty, json, problem, type Expected } from '../expected.ts'
import { knock } from '../knock.ts'
import { guest } from '../settled.ts'
import type { AdapterScope } from '../harness.ts'
import type { Call } from '../send.ts'
import type { Site } from '../site.ts'
import type { Visitor } from '../visitor.ts'

const DAY = 86_400_000
const SHARED = 'the-shared-key-of-this-scenario-in-42-signs'

const startTown = (start: Start, options: AgentOptions<AdapterScope> = {}): Promise<Site> =>
  start({ options: { extensions: [agent<AdapterScope>(options)] } })

const bearing = (key: string, more: Record<string, string> = {}): Record<string, string> => ({
  authorization: `Bearer ${key}`,
  ...more,
})

/** A key that the operator issues. */
async function keyOf(site: Site, name: string): Promise<string> {
  return (await site.pair.agentKeys.issue({ agent: name, scopes: ['notes:read'] })).key
}

/** What the app is shown of an agent. */
const shown = (name: string): Expected =>
  app(200, { kind: 'agent', agent: name, scopes: ['notes:read'] })

/** Asks for what may be read or changed of agents' keys as whoever has all scopes; answers the key, where there is one. */
async function administer(
  site: Site,
  owner: Visitor,
  call: Call,
  expected: Expected,
): Promise<{ key: string; id: string }> {
  const { body } = await site.askAs(owner, call, expected)
  const { key = '', agentKey } = (body ?? {}) as { key?: string; agentKey?: { id: string } }
  return { key, id: agentKey?.id ?? '' }
}

/** A key as a settled answer shows it. */
const settledKey = (more: object = {}): object => ({
  id: 'agk_…',
  agent: 'runner',
  label: null,
  scopes: ['notes:read'],
  issuedBy: { sessionId: 'ses_…', deviceId: 'dev_…' },
  predecessor: null,
  successor: null,
  createdAt: '<time>',
  expiresAt: null,
  lastUsedAt: null,
  ...more,
})

/** Who comes with a key, and where that is none. */
export const agentCases: readonly AdapterCase[] = [
  {
    name: 'AGT-03 SES-04 an agent passes by its key where agents may, and nothing of a person does',
    async holds(start) {
      const site = await startTown(start)
      const key = await keyOf(site, 'runner')
      await site.ask({ path: '/jobs', headers: bearing(key) }, shown('runner'))
      const wanting = problem(401, 'agent_key_required')
      const bearer = await site.join({ transport: 'bearer' })
      const cookie = await site.join({ keyed: true })
      const ticket = await site.ticket(bearer, 'stream')
      for (const headers of [
        {},
        bearer.credential,
        await cookie.headers('GET', '/jobs'),
        bearing(ticket),
        bearing(`${key.slice(0, -1)}!`),
        { authorization: `DPoP ${key}` },
        { cookie: String(cookie.credential.cookie).replace(/=.*/, `=${key}`) },
      ])
        await site.ask({ path: '/jobs', headers }, wanting)
      await site.ask(
        { path: '/jobs', headers: { authorization: [`Bearer ${key}`, `Bearer ${key}`] } },
        problem(400, 'duplicate_credentials'),
      )
      deepStrictEqual(site.reached, ['route'])
    },
  },
  {
    name: 'AGT-03 SES-04 the key of an agent is no credential where people’s devices may come',
    async holds(start) {
      const site = await startTown(start)
      const headers = bearing(await keyOf(site, 'runner'))
      const refused = problem(401, 'session_invalid')
      await site.ask({ path: '/notes', headers }, refused)
      await site.ask({ path: '/proved', headers }, refused)
      await site.ask({ path: '/auth/session', headers }, json(200, guest('invalid')))
      for (const path of ['/auth/access', '/auth/sessions', '/auth/agent-keys'])
        await site.ask({ path, headers }, refused)
      for (const [path, body] of [
        ['/auth/tickets', { for: 'socket' }],
        ['/auth/renew', {}],
        ['/auth/codes', {}],
        ['/auth/agent-keys', { agent: 'other' }],
        ['/auth/logout', {}],
      ] as const)
        await site.ask({ path, body, headers }, refused)
      deepStrictEqual(site.reached, [])
    },
  },
  {
    name: 'AGT-03 where both may come the app is told which of them did',
    async holds(start) {
      const site = await startTown(start)
      const bearer = await site.join({ transport: 'bearer' }, ['notes:read'])
      const path = '/anyone'
      await site.ask({ path, headers: bearing(await keyOf(site, 'runner')) }, shown('runner'))
      const person = { subject: 'owner', scopes: ['notes:read'], device: 'A device', proven: false }
      await site.ask({ path, headers: bearer.credential }, app(200, person))
      await site.ask({ path }, problem(401, 'session_required'))
      deepStrictEqual(site.reached, ['route', 'route'])
    },
  },
  {
    name: 'AGT-02 the key of one agent takes the place of no other, by path or by name',
    async holds(start) {
      const site = await startTown(start)
      const [one, two] = [await keyOf(site, 'one'), await keyOf(site, 'two')]
      const wrong = problem(403, 'agent_mismatch')
      await site.ask({ path: '/jobs/one', headers: bearing(one) }, shown('one'))
      await site.ask({ path: '/jobs/two', headers: bearing(two) }, shown('two'))
      for (const path of ['/jobs/two', '/jobs/One', '/jobs/one%20', '/jobs/%6Fne%00'])
        await site.ask({ path, headers: bearing(one) }, wrong)
      const named = (name: string): Call => ({
        path: '/jobs',
        headers: bearing(one, { 'pair-agent': name }),
      })
      await site.ask(named('one'), shown('one'))
      await site.ask(named('two'), wrong)
      deepStrictEqual(site.reached, ['route', 'route', 'route'])
    },
  },
  {
    name: 'AGT-03 the shared key lets in who names himself and has no key of his own, says that it ends, and ends',
    async holds(start) {
      const until = Date.UTC(2026, 0, 2, 12)
      const sharedKey = { key: SHARED, until, scopes: ['notes:read'] as const }
      const site = await startTown(start, { sharedKey })
      const as = (name: string): Call => ({
        path: '/jobs',
        headers: bearing(SHARED, { 'pair-agent': name }),
      })
      const wanting = problem(401, 'agent_key_required')
      const { headers } = await site.ask(as('old'), ({ status, body }) =>
        deepStrictEqual(
          [status, body],
          [200, { kind: 'agent', agent: 'old', scopes: ['notes:read'] }],
        ),
      )
      deepStrictEqual(
        [typeof headers.deprecation, headers.sunset],
        ['string', new Date(until).toUTCString()],
      )
      await site.ask({ path: '/jobs', headers: bearing(SHARED) }, wanting)
      await site.ask(as('no name'), wanting)
      const own = await keyOf(site, 'moved')
      await site.ask(as('moved'), wanting)
      // Who comes with a key of his own is told of no end.
      await site.ask({ path: '/jobs', headers: bearing(own) }, shown('moved'))
      site.pass(DAY)
      await site.ask(as('old'), wanting)
      deepStrictEqual(site.reached, ['route', 'route'])
    },
  },
  {
    name: 'AGT-04 a key is issued, shown once, rotated with an overlap and revoked by who may change access',
    async holds(start) {
      const site = await startTown(start)
      const owner = await site.join({ keyed: true })
      const path = '/auth/agent-keys'
      const body = { agent: 'runner', scopes: ['notes:read'] }
      const issued = json(201, { agentKey: settledKey(), key: '<secret>' })
      const old = await administer(site, owner, { path, body }, issued)
      const listed = json(200, { items: [settledKey()], next: null })
      await administer(site, owner, { path }, listed)
      const rotated = json(201, {
        agentKey: settledKey({ predecessor: 'agk_…' }),
        key: '<secret>',
      })
      const rotate = { path: `${path}/${old.id}/rotate`, body: { overlapSeconds: 60 } }
      const heir = await administer(site, owner, rotate, rotated)
      await administer(site, owner, rotate, problem(409, 'agent_key_rotated'))
      for (const { key } of [old, heir])
        await site.ask({ path: '/jobs', headers: bearing(key) }, shown('runner'))
      site.pass(60_000)
      const over = problem(401, 'agent_key_required')
      await site.ask({ path: '/jobs', headers: bearing(old.key) }, over)
      await site.ask({ path: '/jobs', headers: bearing(heir.key) }, shown('runner'))
      const end = { method: 'DELETE', path: `${path}/${heir.id}` }
      const reader = await site.join({ keyed: true }, ['access:read'])
      await site.askAs(reader, end, problem(403, 'insufficient_scope'))
      await administer(site, owner, end, empty(204))
      await site.ask({ path: '/jobs', headers: bearing(heir.key) }, over)
    },
  },
  {
    name: 'AGT-03 CODE-03 an agent binds by a support code, once, and a pairing code is none',
    async holds(start) {
      const site = await startTown(start)
      const { typed } = await site.pair.agentKeys.supportCode({ scopes: ['notes:read'] })
      const bind = (code: string, name: string): Call => ({
        path: '/auth/agent-keys/bind',
        body: { code, agent: name },
      })
      const invalid = problem(401, 'code_invalid')
      await site.ask(bind(await site.code(), 'runner'), invalid)
      const bound = json(201, { agentKey: settledKey({ issuedBy: null }), key: '<secret>' })
      const { body } = await site.ask(bind(typed.toLowerCase(), 'runner'), bound)
      const { key } = body as unknown as { key: string }
      await site.ask({ path: '/jobs/runner', headers: bearing(key) }, shown('runner'))
      await site.ask(bind(typed, 'other'), invalid)
      await site.ask({ path: '/auth/redeem', body: { code: typed } }, invalid)
    },
  },
  {
    name: 'AGT-03 AGT-04 SES-12 a socket of agents opens by a key alone, and closes with 4003 when it is revoked',
    async holds(start) {
      const site = await startTown(start)
      const { key, agentKey } = await site.pair.agentKeys.issue({ agent: 'runner' })
      const bearer = await site.join({ transport: 'bearer' })
      const wanting = [401, 'agent_key_required'] as const
      await site.refuse(knock({}, '/work'), ...wanting)
      await site.refuse(knock(bearer.credential, '/work'), ...wanting)
      const ticket = await site.ticket(bearer, 'socket')
      await site.refuse(knock({}, `/work?ticket=${ticket}`), ...wanting)
      await site.refuse(knock({}, `/work?ticket=${key}`), ...wanting)
      await site.refuse(knock(bearing(key)), 401, 'session_invalid')
      const talk = await site.talk('/work', bearing(key))
      strictEqual(await talk.heard(), 'hello runner')
      talk.say('frame')
      strictEqual(await talk.heard(), ': frame')
      await site.pair.agentKeys.revoke(agentKey.id)
      strictEqual(await talk.closed, 4003)
      await site.refuse(knock(bearing(key), '/work'), ...wanting)
    },
  },
]
