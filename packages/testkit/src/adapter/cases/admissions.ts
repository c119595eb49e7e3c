import { deepStrictEqual } from 'node:assert/strict'
import type { AdapterCase } from '../adapter-case.ts'
import { wait } from '../applicant.ts'
import { app, json, problem } from '../expected.ts'
import { guest, member } from '../settled.ts'

const APP = ['notes:read', 'notes:write'] as const
const OWNER = {
  transport: 'cookie',
  keyed: true,
  scopes: [...APP, 'access:read', 'access:write'],
} as const
const path = '/auth/admission'
const version = '<version>'

/** How newcomers may enter, changed over the network; and what the routes of approval are not. */
export const admissionCases: readonly AdapterCase[] = [
  {
    name: 'APP-01 the admission is read, changed by its version alone, and told to everybody',
    async holds(start) {
      const site = await start()
      const owner = await site.join({ keyed: true })
      const first = { mode: 'code', stored: null, version: 'first' }
      const { body } = await site.askAs(owner, { path }, json(200, first))
      const put = (
        mode: string,
        of: unknown,
        more: object = {},
      ): { method: string; path: string; body: object } => ({
        method: 'PUT',
        path,
        body: { mode, version: of, ...more },
      })
      const changed = { mode: 'approval', stored: null, version }
      const answer = await site.askAs(owner, put('approval', body?.version), json(200, changed))
      const stale = problem(409, 'admission_changed')
      await site.askAs(owner, put('closed', body?.version), stale)
      await site.askAs(owner, put('closed', null), stale)
      await site.askAs(owner, { path }, json(200, changed))
      await site.ask({ path: '/auth/session' }, json(200, guest(undefined, 'approval')))
      await site.askAs(owner, { path: '/auth/session' }, json(200, member(OWNER, 'approval')))
      const bad = problem(400, 'invalid_request')
      const now = answer.body?.version
      for (const wrong of [
        put('open', now),
        put('closed', now, { reevaluate: 'yes' }),
        put('closed', 7),
        put('closed', undefined),
        { method: 'PUT', path, body: {} },
        { method: 'PUT', path },
      ])
        await site.askAs(owner, wrong, bad)
      deepStrictEqual((await site.pair.admission.get()).version, now)
    },
  },
  {
    name: 'APP-08 a mode that live sessions are held to ends the others, and who asks stays',
    async holds(start) {
      const site = await start()
      const owner = await site.join({ keyed: true })
      const other = await site.join({ transport: 'bearer' })
      const put = {
        method: 'PUT',
        path,
        body: { mode: 'approval', version: 'first', reevaluate: true },
      }
      await site.askAs(owner, put, json(200, { mode: 'approval', stored: null, version }))
      await site.askAs(owner, { path: '/auth/session' }, json(200, member(OWNER, 'approval')))
      await site.askAs(other, { path: '/notes' }, problem(401, 'session_revoked'))
      await site.askAs(other, { path: '/open' }, app(200, { kind: 'none', reason: 'revoked' }))
    },
  },
  {
    name: 'NET-05 the routes of requests take their method alone, JSON of their shape, and pages of ours',
    async holds(start) {
      const site = await start({ options: { admission: 'approval' } })
      const { id, claim } = await wait(site)
      const post = ['/auth/request', '/auth/claim', '/auth/withdraw', '/auth/claim-owner']
      const decisions = [`/auth/approvals/${id}/approve`, `/auth/approvals/${id}/reject`]
      const wrong = (method: string, at: string, allow: string): Promise<unknown> =>
        site.ask({ method, path: at }, problem(405, 'method_not_allowed', { allow }))
      for (const at of [...post, ...decisions]) {
        await wrong('GET', at, 'POST')
        await wrong('PUT', at, 'POST')
      }
      await wrong('POST', '/auth/approvals', 'GET, HEAD')
      await wrong('GET', `/auth/approvals/${id}`, 'DELETE')
      await wrong('POST', path, 'GET, HEAD, PUT')
      const missing = `/auth/approvals/${id}/withdraw`
      await site.ask({ path: missing, body: {} }, problem(404, 'not_found'))
      const bad = problem(400, 'invalid_request')
      const device = { label: 'x', kind: 'toaster' }
      const bodies = [{}, { claim: 7, secret: 7, device }, { claim, waitSeconds: 26, device: {} }]
      for (const at of post) {
        for (const body of bodies) await site.ask({ path: at, body }, bad)
        await site.ask({ path: at, body: Buffer.from('{"claim":') }, bad)
        const headers = { 'content-type': 'text/plain' }
        await site.ask(
          { path: at, body: { claim }, headers },
          problem(415, 'unsupported_media_type'),
        )
        const large = { claim, x: 'x'.repeat(16_384) }
        await site.ask({ path: at, body: large }, problem(413, 'body_too_large'))
        const origin = { origin: 'https://evil.example' }
        await site.ask(
          { path: at, body: { claim }, headers: origin },
          problem(403, 'origin_refused'),
        )
      }
      deepStrictEqual((await site.pair.approvals.list()).items.length, 1)
    },
  },
]
