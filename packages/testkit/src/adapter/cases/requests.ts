import { deepStrictEqual } from 'node:assert/strict'
import { createProofKey } from '../../session/proof-key.ts'
import type { AdapterCase, Start } from '../adapter-case.ts'
import { apply, digestOf, toApplicant, wait, type Applicant } from '../applicant.ts'
import { app, empty, json, problem, type Expected } from '../expected.ts'
import { claimLine, pending } from '../settled-approval.ts'
import { authorized, cookieLine, guest } from '../settled.ts'
import type { Site } from '../site.ts'
import { toVisitor } from '../visitor.ts'

const APP = ['notes:read', 'notes:write'] as const
const options = { admission: 'approval' } as const
const gone = problem(410, 'approval_expired')

const ask = async (
  site: Site,
  who: Applicant,
  route: 'claim' | 'withdraw',
  expected: Expected,
): Promise<void> => void (await site.ask(await who.call(route), expected))

/** To be let in by a person: how who asks is answered. */
export const requestCases: readonly AdapterCase[] = [
  ...(['bearer', 'cookie'] as const).map((transport) => ({
    name: `APP-02 a request by ${transport} without a key waits behind a cookie that opens nothing, and is collected once`,
    async holds(start: Start) {
      const site = await start({ options })
      const of = { transport, scopes: APP }
      const waits = json(202, pending(of), { 'set-cookie': [claimLine(1_200)] })
      const { answer, key } = await apply(site, { transport }, waits)
      const who = toApplicant(site, key, answer)
      const path = '/notes'
      await site.ask({ path, headers: who.cookie }, problem(401, 'session_required'))
      const nobody = json(200, guest(undefined, 'approval'))
      await site.ask({ path: '/auth/session', headers: who.cookie }, nobody)
      for (const token of [who.claim, answer.body?.proof ?? '']) {
        const headers = { authorization: `Bearer ${token}` }
        await site.ask({ path, headers }, problem(401, 'session_invalid'))
      }
      await ask(site, who, 'claim', json(202, pending(of)))
      const call = await who.call('claim')
      const other = await wait(site, { transport })
      for (const cookie of [{}, other.cookie])
        await site.ask({ ...call, headers: { ...cookie } }, gone)
      const twice = { cookie: `${who.cookie['cookie']}; ${who.cookie['cookie']}` }
      await site.ask({ ...call, headers: twice }, problem(400, 'duplicate_credentials'))
      await site.pair.approvals.approve(who.id, { digest: await digestOf(site, who) })
      const lines = transport === 'cookie' ? cookieLine(86_400)['set-cookie'] : []
      const collected = await site.ask(
        call,
        json(200, authorized(of), { 'set-cookie': [...lines, claimLine(0)] }),
      )
      await site.ask(call, problem(410, 'approval_collected'))
      const shown = { subject: 'owner', scopes: APP, device: 'A device', proven: false }
      await site.askAs(toVisitor(site, null, collected), { path }, app(200, shown))
    },
  })),
  ...(['cookie', 'dpop'] as const).map((transport) => ({
    name: `APP-11 the request by ${transport} of a key is collected by that key alone, which comes back without asking`,
    async holds(start: Start) {
      const site = await start({ options })
      const of = { transport, keyed: true, scopes: APP }
      const { answer, key } = await apply(site, of, json(202, pending(of)))
      const who = toApplicant(site, key, answer)
      const call = await who.call('claim')
      await site.ask({ ...call, headers: {} }, problem(401, 'proof_required'))
      const thief = { ...who, key: await createProofKey() }
      const url = new URL(`${site.seenAs}/auth/claim`)
      const stolen = await thief.key.prove({ method: 'POST', url, at: site.now() })
      await site.ask({ ...call, headers: { dpop: stolen } }, problem(401, 'proof_invalid'))
      await site.ask(call, json(202, pending(of)))
      await site.ask(call, problem(401, 'proof_invalid'))
      await site.pair.approvals.approve(who.id, { digest: await digestOf(site, who) })
      const lines = transport === 'cookie' ? cookieLine(900) : {}
      await ask(site, who, 'claim', json(200, authorized(of), lines))
      await ask(site, who, 'claim', problem(410, 'approval_collected'))
      await apply(site, { ...of, key }, json(200, authorized(of), lines))
    },
  })),
  {
    name: 'APP-02 a request that is withdrawn, that ran out or that never was is no longer waiting',
    async holds(start) {
      const site = await start({ options })
      const [who, late] = [await wait(site), await wait(site, { keyed: true })]
      const cleared = { 'set-cookie': [claimLine(0)] }
      await ask(site, who, 'withdraw', empty(204, cleared))
      await ask(site, who, 'withdraw', empty(204, cleared))
      await ask(site, who, 'claim', gone)
      site.pass(600_000)
      await ask(site, late, 'claim', gone)
      for (const claim of ['x', who.claim.slice(0, -1), `apr_${'A'.repeat(22)}.${'A'.repeat(43)}`])
        await site.ask({ path: '/auth/claim', body: { claim } }, gone)
    },
  },
  {
    name: 'APP-09 a rejection holds for that device, cools down for its network, and names the wait',
    async holds(start) {
      const site = await start({ options })
      const keyed = await wait(site, { keyed: true })
      const reject = async (who: Applicant): Promise<void> =>
        void (await site.pair.approvals.reject(who.id, { digest: await digestOf(site, who) }))
      await reject(keyed)
      const rejected = problem(403, 'approval_rejected')
      await ask(site, keyed, 'claim', rejected)
      await ask(site, keyed, 'withdraw', rejected)
      await apply(site, { keyed: true, key: keyed.key }, rejected)
      const cooling = problem(429, 'approval_limited', { 'retry-after': '600' })
      const { answer } = await apply(site, {}, cooling)
      deepStrictEqual(answer.body?.retryAfter, 600)
      site.pass(599_000)
      await apply(site, {}, problem(429, 'approval_limited', { 'retry-after': '1' }))
      site.pass(1_000)
      await wait(site)
      await apply(site, { keyed: true, key: keyed.key }, rejected)
      await site.pair.approvals.forget(keyed.id)
      await wait(site, { keyed: true, key: keyed.key })
    },
  },
  {
    name: 'APP-09 two wait from one network, and a third takes a place only after its time',
    async holds(start) {
      const site = await start({ options })
      const first = await wait(site)
      const second = await wait(site)
      await apply(site, {}, problem(429, 'approval_limited', { 'retry-after': '300' }))
      site.pass(300_000)
      await wait(site)
      await ask(site, first, 'claim', gone)
      await ask(site, second, 'claim', json(202, pending({ transport: 'cookie', scopes: APP })))
    },
  },
  {
    name: 'APP-08 nobody asks for what is not there, or for more than a device without a key is given',
    async holds(start) {
      const site = await start({ options })
      await apply(site, {}, problem(400, 'invalid_request'), { scopes: ['notes:burn'] })
      await apply(site, {}, problem(403, 'insufficient_scope'), { scopes: ['access:write'] })
      await apply(site, { transport: 'dpop', keyed: false }, problem(400, 'invalid_request'))
      const strict = await start({ options: { ...options, keyless: 'refuse' } })
      await apply(strict, {}, problem(403, 'device_key_required'))
      const few = {
        transport: 'cookie',
        keyed: true,
        scopes: ['access:read', 'notes:read'],
      } as const
      await apply(site, few, json(202, pending(few)), { scopes: few.scopes })
    },
  },
]
