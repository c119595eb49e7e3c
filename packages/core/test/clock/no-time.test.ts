import { describe, expect, test } from 'vitest'
import { isPairError } from '../../src/errors.ts'
import { createApplicant } from '../kit/applicants.ts'
import { createStranger, type LoggedServer } from '../kit/newcomers.ts'
import { paired, OWNER } from '../kit/owners.ts'
import { dumpStore } from '../kit/dump.ts'
import { STORES } from '../kit/stores.ts'
import { serverOn } from './jumps.ts'

const device = { label: 'A device', kind: 'app' }
const ID = 'A'.repeat(22)

/** Every route, with a body that is right. */
const routes: readonly [method: string, path: string, body?: object][] = [
  ['GET', 'session'],
  ['GET', 'health'],
  ['POST', 'renew', {}],
  ['POST', 'logout', {}],
  ['POST', 'tickets', { for: 'socket' }],
  ['POST', 'redeem', { code: 'ABC-DEF-GHJ', device }],
  ['POST', 'preview', { code: 'ABC-DEF-GHJ' }],
  ['POST', 'request', { device }],
  ['POST', 'claim', { claim: `apr_${ID}.${'A'.repeat(43)}` }],
  ['POST', 'withdraw', { claim: `apr_${ID}.${'A'.repeat(43)}` }],
  ['POST', 'claim-owner', { secret: 'A'.repeat(22), device }],
  ['GET', 'access'],
  ['GET', 'codes'],
  ['POST', 'codes', {}],
  ['DELETE', `codes/cod_${ID}`],
  ['GET', 'sessions'],
  ['PATCH', `sessions/ses_${ID}`, { scopes: [] }],
  ['DELETE', `sessions/ses_${ID}`],
  ['POST', 'sessions/revoke-others', {}],
  ['POST', 'sessions/revoke-all', {}],
  ['GET', 'devices'],
  ['PATCH', `devices/dev_${ID}`, { label: 'x' }],
  ['DELETE', `devices/dev_${ID}`],
  ['GET', 'approvals'],
  ['POST', `approvals/apr_${ID}/approve`, { digest: 'x' }],
  ['POST', `approvals/apr_${ID}/reject`, { digest: 'x' }],
  ['DELETE', `approvals/apr_${ID}`],
  ['GET', 'admission'],
  ['PUT', 'admission', { mode: 'closed', version: null }],
]

/** Whoever comes: nobody, and the owner with a proof of a moment ago. */
async function answers(server: LoggedServer, at: number): Promise<string[]> {
  const owner = await paired(server, OWNER)
  const found: string[] = []
  for (const [method, path, body] of routes) {
    const htu = `${server.origin}/auth/${path}`
    const dpop = await owner.key!.prove({ htm: method, htu, at: server.clock() })
    const headers = { dpop, cookie: owner.cookie() }
    const now = server.clock()
    server.clock.set(at)
    for (const more of [{}, { headers }]) {
      const { status } = await server.call(`/auth/${path}`, {
        method,
        ...(body === undefined ? {} : { body }),
        ...more,
      })
      found.push(`${status} ${method} ${path}`)
    }
    server.clock.set(now)
  }
  return found
}

/** What is there, whoever wrote it last. */
async function recordsIn({ store }: LoggedServer): Promise<string[]> {
  const rows = (await dumpStore(store)).map(({ key, value }) => {
    const { record = value } = JSON.parse(value) as { record?: unknown }
    return record === null ? '' : `${key.join('/')} ${JSON.stringify(record)}`
  })
  return rows.filter((row) => row !== '')
}

describe.each(STORES)('on $name', (store) => {
  test.each([Number.NaN, Infinity, -Infinity, 9e15, -1])(
    'SEC-06 by a clock that answers %d no route is a fault of ours, and none changes anything',
    async (at) => {
      const server = serverOn(store)
      const wrong = (await answers(server, at)).filter((line) => {
        const status = Number(line.slice(0, 3))
        if (status === 503 || (status >= 400 && status < 500)) return false
        return !/ (?:session|health)$/.test(line) || status !== 200
      })
      expect(wrong).toEqual([])
      expect(server.logs.filter(({ fields }) => fields?.['code'] === 'internal')).toEqual([])
    },
  )

  test('SEC-06 without the time nothing is made in process, no sweep forgets, and all goes on when it is back', async () => {
    const server = serverOn(store)
    const { pair, clock } = server
    const owner = await paired(server, OWNER)
    const { typed } = await pair.codes.issue()
    const applicant = await createApplicant(server)
    const now = clock()
    const before = await recordsIn(server)
    clock.set(Number.NaN)
    const made: Record<string, () => Promise<unknown>> = {
      code: () => pair.codes.issue(),
      mode: () => pair.admission.set('closed'),
      epoch: () => pair.sessions.revokeAll(),
      sweep: () => pair.sweep(),
    }
    for (const [name, make] of Object.entries(made)) {
      const found = await make().catch((error: unknown) => error)
      expect(isPairError(found), `${name}: ${String(found)}`).toBe(true)
    }
    expect((await applicant.ask().catch(() => ({ status: 503 }))).status).not.toBe(202)
    expect(await recordsIn(server)).toEqual(before)
    clock.set(now)
    expect((await createStranger(server).redeem(typed)).status).toBe(200)
    expect((await owner.call('/auth/renew', { body: {} })).status).toBe(200)
    await pair.sweep()
  })
})
