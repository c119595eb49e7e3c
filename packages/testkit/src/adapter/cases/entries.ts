import { deepStrictEqual } from 'node:assert/strict'
import { memoryStore, type PairOptions } from '@pair/core'
import type { AdapterCase } from '../adapter-case.ts'
import { apply, digestOf, toApplicant, wait, type Applicant } from '../applicant.ts'
import { empty, json, problem, type Expected } from '../expected.ts'
import { claimLine, pending } from '../settled-approval.ts'
import { authorized, cookieLine, guest } from '../settled.ts'
import type { Site } from '../site.ts'
import { entrance, redemption, type Newcomer } from '../visitor.ts'

const APP = ['notes:read', 'notes:write'] as const
const ALL = [...APP, 'access:read', 'access:write'] as const
const both = { admission: 'code+approval' } as const
const used = problem(401, 'code_invalid')

async function redeem(
  site: Site,
  code: string,
  newcomer: Newcomer,
  expected: Expected,
): Promise<Applicant | null> {
  const { call, key } = await redemption(site, code, newcomer)
  const answer = await site.ask(call, expected)
  return answer.status === 202 ? toApplicant(site, key, answer) : null
}

/** A source that keeps what is asked of it in memory. */
function ownerSource(): Exclude<PairOptions['secret'], string | Uint8Array> {
  const spent = new Set<string>()
  const bytes = (name: string): Uint8Array =>
    Uint8Array.from({ length: 32 }, (_, at) => (name.charCodeAt(0) * 7 + at * 5) % 256)
  return {
    getOrCreate: async (name) => bytes(name),
    markSpent: async (name) => !spent.has(name) && spent.add(name).has(name),
    isSpent: async (name) => spent.has(name),
  }
}

/** Which ways in a server has. */
export const entryCases: readonly AdapterCase[] = [
  {
    name: 'APP-01 each admission mode lets newcomers in by its own way, and names itself to the others',
    async holds(start) {
      for (const admission of ['closed', 'code', 'approval', 'code+approval'] as const) {
        const site = await start({ options: { admission } })
        await site.ask({ path: '/auth/session' }, json(200, guest(undefined, admission)))
        const refused = problem(403, 'admission_refused')
        const byCode = admission.startsWith('code')
        const tried = [
          ...(byCode ? [] : [(await redemption(site, await site.code())).call]),
          ...(admission === 'approval' ? [] : [(await entrance(site, '/auth/request', {})).call]),
        ]
        for (const call of tried)
          deepStrictEqual((await site.ask(call, refused)).body?.admission, admission)
      }
    },
  },
  {
    name: 'APP-01 where the stored mode is unknown nobody new comes in, and who is in stays',
    async holds(start) {
      const store = memoryStore()
      const site = await start({ options: { store } })
      const [bearer, code] = [await site.join({ transport: 'bearer' }), await site.code()]
      const key = ['pair', 'admission']
      const record = { mode: 'lottery', version: 'x' }
      const value = JSON.stringify({ kind: 'admission', attempt: 'a', purgeAt: null, record })
      await store.commit([], [{ key, value, purgeAt: null }])
      const unknown = problem(403, 'admission_unknown')
      await redeem(site, code, {}, unknown)
      await apply(site, {}, unknown)
      await site.ask({ path: '/auth/session' }, json(200, guest(undefined, 'unknown')))
      deepStrictEqual((await site.send({ path: '/notes', headers: bearer.credential })).status, 200)
      await site.pair.admission.recover('code')
      deepStrictEqual(
        await redeem(
          site,
          code,
          {},
          json(200, authorized({ transport: 'cookie', scopes: APP }), cookieLine(86_400)),
        ),
        null,
      )
    },
  },
  {
    name: 'APP-08 a code that a person has to approve is held, burned by a rejection and free after a withdrawal',
    async holds(start) {
      const site = await start({ options: both })
      const of = { transport: 'bearer', scopes: APP } as const
      const keyed = { transport: 'dpop', scopes: ALL } as const
      const code = await site.code()
      const waits = json(202, pending(of), { 'set-cookie': [claimLine(1_200)] })
      const first = await redeem(site, code, of, waits)
      await redeem(site, code, of, used)
      await site.ask(await first!.call('withdraw'), empty(204, { 'set-cookie': [claimLine(0)] }))
      const second = await redeem(site, code, keyed, json(202, pending(keyed)))
      await site.pair.approvals.approve(second!.id, { digest: await digestOf(site, second!) })
      await site.ask(await second!.call('claim'), json(200, authorized(keyed)))
      await redeem(site, code, of, used)
      const burned = await site.code()
      const third = await redeem(site, burned, keyed, json(202, pending(keyed)))
      await site.pair.approvals.reject(third!.id, { digest: await digestOf(site, third!) })
      await site.ask(await third!.call('claim'), problem(403, 'approval_rejected'))
      await redeem(site, burned, of, used)
    },
  },
  {
    name: 'APP-01 what waits is not collected by a way that was closed meanwhile',
    async holds(start) {
      const site = await start({ options: { admission: 'approval' } })
      const who = await wait(site)
      await site.pair.approvals.approve(who.id, { digest: await digestOf(site, who) })
      await site.pair.admission.set('closed')
      await site.ask(await who.call('claim'), problem(403, 'admission_refused'))
      await site.pair.admission.set('approval')
      deepStrictEqual((await site.send(await who.call('claim'))).status, 200)
    },
  },
  {
    name: 'APP-15 the first owner claims the server once, with its key and the right secret, in any mode',
    async holds(start) {
      const path = '/auth/claim-owner'
      const of = { transport: 'cookie', keyed: true, scopes: ALL } as const
      const none = await start()
      const right = { secret: 'A'.repeat(43) }
      await none.ask((await entrance(none, path, right, of)).call, problem(404, 'not_found'))
      for (const admission of ['closed', 'approval'] as const) {
        const site = await start({ options: { admission, secret: ownerSource() } })
        const owner = await site.pair.ownerSecret({ origin: site.origin })
        const members = { secret: owner?.secret }
        await site.ask((await entrance(site, path, right, of)).call, used)
        await site.ask(
          (await entrance(site, path, members)).call,
          problem(403, 'device_key_required'),
        )
        const { call } = await entrance(site, path, members, of)
        await site.ask({ ...call, headers: {} }, problem(401, 'proof_required'))
        await site.ask(call, json(200, authorized(of), cookieLine(900)))
        await site.ask((await entrance(site, path, members, of)).call, used)
        deepStrictEqual(await site.pair.ownerSecret({ origin: site.origin }), null)
      }
    },
  },
]
