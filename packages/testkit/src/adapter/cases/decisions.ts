import { deepStrictEqual } from 'node:assert/strict'
import type { AdapterCase, Start } from '../adapter-case.ts'
import { digestOf, wait, type Applicant } from '../applicant.ts'
import { empty, json, problem, type Expected } from '../expected.ts'
import { approvalItem } from '../settled-approval.ts'
import { authorized, cookieLine, deviceItem, sessionItem } from '../settled.ts'
import type { Site } from '../site.ts'
import type { Visitor } from '../visitor.ts'

const APP = ['notes:read', 'notes:write'] as const
const OWNER = {
  transport: 'cookie',
  keyed: true,
  scopes: [...APP, 'access:read', 'access:write'],
} as const
const of = { transport: 'cookie', keyed: true, scopes: APP } as const
const path = '/auth/approvals'
const nothing = json(200, { items: [], next: null })

/** A server where a person decides, and a device that may. */
async function startOwned(start: Start): Promise<{ site: Site; owner: Visitor }> {
  const site = await start()
  const owner = await site.join({ keyed: true })
  await site.pair.admission.set('approval')
  return { site, owner }
}

/** Decides as that device; answers which state a refusal named. */
async function decide(
  site: Site,
  by: Visitor,
  verb: 'approve' | 'reject',
  { id }: Pick<Applicant, 'id'>,
  body: object,
  expected: Expected,
): Promise<string | undefined> {
  const answer = await site.askAs(by, { path: `${path}/${id}/${verb}`, body }, expected)
  return answer.body?.state
}

/** Deciding who comes in, over the network. */
export const decisionCases: readonly AdapterCase[] = [
  {
    name: 'APP-12 a request is listed, told in the snapshot, approved for less, and collected as it was approved',
    async holds(start) {
      const { site, owner } = await startOwned(start)
      await site.askAs(owner, { path }, nothing)
      const who = await wait(site, of)
      const items = [approvalItem(of)]
      const { body } = await site.askAs(owner, { path }, json(200, { items, next: null }))
      const shown = {
        cursor: '<cursor>',
        sessions: [sessionItem(OWNER)],
        devices: [deviceItem(OWNER)],
        codes: [],
        approvals: items,
        admission: { mode: 'approval', stored: null, version: '<version>' },
      }
      await site.askAs(owner, { path: '/auth/access' }, json(200, shown))
      const reason = 'for the kitchen'
      const scopes = ['notes:read']
      const verdict = { digest: body?.items?.[0]?.digest, scopes, reason }
      const approved = approvalItem(of, 'approved', { reason, scopes })
      await decide(site, owner, 'approve', who, verdict, json(200, approved))
      const less = authorized({ ...of, scopes })
      await site.ask(await who.call('claim'), json(200, less, cookieLine(900)))
      await site.askAs(owner, { path }, nothing)
    },
  },
  {
    name: 'APP-07 a decision names exactly what was shown, once, and no more than whoever decides may give',
    async holds(start) {
      const { site, owner } = await startOwned(start)
      const who = await wait(site, of)
      const seen = await digestOf(site, who)
      const [none, bad] = [problem(404, 'not_found'), problem(400, 'invalid_request')]
      const again = await wait(site, { ...of, key: who.key, label: 'Another name' })
      const changed = problem(409, 'approval_changed')
      for (const verb of ['approve', 'reject'] as const) {
        await decide(site, owner, verb, who, { digest: seen }, changed)
        await decide(site, owner, verb, who, {}, bad)
        for (const id of ['latest', 'first', `apr_${'A'.repeat(22)}`])
          await decide(site, owner, verb, { id }, { digest: seen }, none)
      }
      const digest = await digestOf(site, who)
      const wide = { digest, scopes: ['notes:read', 'access:read'] }
      await decide(site, owner, 'approve', who, wide, bad)
      await decide(site, owner, 'approve', who, { digest, reason: '' }, bad)
      await site.pair.sessions.narrow(owner.sessionId, ['notes:read', 'access:write'])
      const above = problem(403, 'insufficient_scope')
      await decide(site, owner, 'approve', who, { digest }, above)
      const given = { digest, scopes: ['notes:read'] }
      const renamed = { ...of, label: 'Another name' }
      const approved = approvalItem(renamed, 'approved', { scopes: ['notes:read'] })
      await decide(site, owner, 'approve', who, given, json(200, approved))
      const decided = problem(409, 'approval_decided')
      for (const verb of ['approve', 'reject'] as const)
        deepStrictEqual(await decide(site, owner, verb, who, { digest }, decided), 'approved')
      await site.ask(await who.call('withdraw'), problem(410, 'approval_expired'))
      await site.send(await again.call('withdraw'))
      deepStrictEqual(await decide(site, owner, 'reject', who, { digest }, decided), 'withdrawn')
    },
  },
  {
    name: 'APP-10 a rejection is listed until it is forgotten, and what still waits is not forgotten',
    async holds(start) {
      const { site, owner } = await startOwned(start)
      const who = await wait(site, of)
      const forget = { method: 'DELETE', path: `${path}/${who.id}` }
      await site.askAs(owner, forget, problem(409, 'approval_pending'))
      const verdict = { digest: await digestOf(site, who), reason: 'unknown to us' }
      const rejected = approvalItem(of, 'rejected', { reason: 'unknown to us', scopes: null })
      await decide(site, owner, 'reject', who, verdict, json(200, rejected))
      await site.askAs(owner, { path }, json(200, { items: [rejected], next: null }))
      await site.askAs(owner, forget, empty(204))
      await site.askAs(owner, forget, problem(404, 'not_found'))
      await site.askAs(owner, { path }, nothing)
      await wait(site, { ...of, key: who.key })
      await site.askAs(owner, { path: `${path}?after=x` }, problem(400, 'invalid_request'))
    },
  },
  {
    name: 'APP-08 requests and the admission are shown and changed by whom may, with its proof',
    async holds(start) {
      const { site, owner } = await startOwned(start)
      const who = await wait(site, of)
      const digest = await digestOf(site, who)
      await site.pair.admission.set('code')
      const reads = await site.join({ keyed: true }, ['access:read'])
      const app = await site.join({ transport: 'bearer' })
      await site.pair.admission.set('approval')
      const seen = [{ path }, { path: '/auth/admission' }]
      const changes = [
        { path: `${path}/${who.id}/approve`, body: { digest } },
        { path: `${path}/${who.id}/reject`, body: { digest } },
        { method: 'DELETE', path: `${path}/${who.id}` },
        { method: 'PUT', path: '/auth/admission', body: { mode: 'closed', version: null } },
      ]
      const refused = problem(403, 'insufficient_scope')
      const claim = { authorization: `Bearer ${who.claim}` }
      for (const call of [...seen, ...changes]) {
        await site.ask(call, problem(401, 'session_required'))
        await site.ask({ ...call, headers: claim }, problem(401, 'session_invalid'))
        await site.askAs(app, call, refused)
        await site.ask({ ...call, headers: owner.credential }, problem(401, 'proof_required'))
      }
      for (const call of changes) await site.askAs(reads, call, refused)
      for (const call of seen)
        deepStrictEqual(
          (await site.send({ ...call, headers: await reads.headers('GET', call.path) })).status,
          200,
        )
      deepStrictEqual((await site.pair.admission.get()).mode, 'approval')
    },
  },
]
