import { deepStrictEqual, strictEqual } from 'node:assert/strict'
import { memoryStore, type Store } from '@pair/core'
import type { AdapterCase } from '../adapter-case.ts'
import { app, json, problem, type Expected } from '../expected.ts'
import { authorized, cookieLine } from '../settled.ts'
import { enter, over, stands, WRONG, type Lines } from '../settled-limit.ts'

const APP = ['notes:read', 'notes:write'] as const
const MINUTE = 60_000
const BEHIND = { 'x-forwarded-for': '192.0.2.7' }

const wrong = (lines: Lines): Expected => problem(401, 'code_invalid', lines)

const inside = (lines: Lines): Expected =>
  json(200, authorized({ transport: 'cookie', scopes: APP }), { ...cookieLine(86_400), ...lines })

/** The app's answer, with where its limit stands. */
function shown(lines: Lines): Expected {
  return ({ status, headers, body }) => {
    deepStrictEqual([status, body], [200, { kind: 'none' }])
    const { 'content-type': type, ...rest } = headers
    strictEqual(String(type).split(';')[0], 'application/json')
    deepStrictEqual(rest, { ...lines })
  }
}

/** The words of each dialect after the first of two, at the begin of a minute. */
const DIALECTS = [
  ['draft-8', stands('redeem', 2, 1)],
  ['draft-7', { ratelimit: 'limit=2, remaining=1, reset=60', 'ratelimit-policy': '2;w=60' }],
  [
    'draft-6',
    {
      'ratelimit-limit': '2',
      'ratelimit-policy': '2;w=60',
      'ratelimit-remaining': '1',
      'ratelimit-reset': '60',
    },
  ],
  [
    'legacy',
    {
      'x-ratelimit-limit': '2',
      'x-ratelimit-remaining': '1',
      'x-ratelimit-reset': String(Date.UTC(2026, 0, 1, 12, 1) / 1_000),
    },
  ],
  ['none', {}],
] as const

/** How often strangers may try. */
export const limitCases: readonly AdapterCase[] = [
  {
    name: 'LIM-01 redeeming, previewing and other writes of strangers are limited each by itself, and answers say where that stands',
    async holds(start) {
      const site = await start({ options: { limits: {} } })
      for (let left = 7; left >= 0; left--) await site.ask(WRONG, wrong(stands('redeem', 8, left)))
      await site.ask(WRONG, over('rate_limited', 60, stands('redeem', 8, 0)))
      const preview = { path: '/auth/codes/preview', body: { code: await site.code() } }
      for (let left = 14; left >= 0; left--) {
        const { status, headers } = await site.send(preview)
        deepStrictEqual([status, headers.ratelimit], [200, `"preview";r=${left};t=60`])
      }
      await site.ask(preview, over('rate_limited', 60, stands('preview', 15, 0)))
      const logout = { method: 'POST', path: '/auth/logout' }
      for (let left = 4; left >= 0; left--)
        await site.ask(logout, problem(401, 'session_required', stands('change', 5, left)))
      await site.ask(logout, over('rate_limited', 60, stands('change', 5, 0)))
      site.pass(MINUTE - 1)
      const last = { ratelimit: '"redeem";r=0;t=0', 'ratelimit-policy': '"redeem";q=8;w=60' }
      await site.ask(WRONG, over('rate_limited', 0, last))
      site.pass(1)
      await enter(site, await site.code(), inside(stands('redeem', 8, 7)))
    },
  },
  {
    name: 'LIM-01 what is no guess doesn’t count',
    async holds(start) {
      const site = await start({ options: { limits: {} } })
      for (let count = 0; count < 9; count++) {
        const { path } = WRONG
        await site.ask({ path, body: Buffer.from('{') }, problem(400, 'invalid_request'))
        await site.ask({ path, body: { code: 'hello' } }, problem(400, 'code_malformed'))
        const text = { ...WRONG, headers: { 'content-type': 'text/plain' } }
        await site.ask(text, problem(415, 'unsupported_media_type'))
      }
      await enter(site, await site.code(), inside(stands('redeem', 8, 7)))
    },
  },
  ...DIALECTS.map(([headers, lines]) => ({
    name: `LIM-01 limits are told in the words of ${headers}, of our routes and the app’s`,
    async holds(start: Parameters<AdapterCase['holds']>[0]) {
      const options = { limits: { redeem: { max: 2 }, headers } }
      const site = await start({ options, limit: { name: 'limited', max: 2 } })
      const ours = Object.fromEntries(
        Object.entries(lines).map(([name, text]) => [name, text.replace('redeem', 'app-limited')]),
      )
      await enter(site, await site.code(), inside(lines))
      await site.ask({ path: '/limited' }, shown(ours))
    },
  })),
  {
    name: 'LIM-05 where nothing can be counted it is 503 and nobody comes in; who is in goes on',
    async holds(start) {
      const real = memoryStore()
      let broken = false
      const store: Store = {
        ...real,
        increment: async (...of) =>
          broken ? Promise.reject(new Error('ECONNRESET')) : real.increment(...of),
      }
      const site = await start({ options: { store, limits: {} } })
      const member = await site.join({ transport: 'bearer' })
      const code = await site.code()
      broken = true
      const unavailable = problem(503, 'store_unavailable', { 'retry-after': '1' })
      await enter(site, code, unavailable)
      await site.ask({ path: '/auth/codes/preview', body: { code } }, unavailable)
      await site.ask({ method: 'POST', path: '/auth/logout' }, unavailable)
      await site.ask({ path: '/limited' }, unavailable)
      const shownToMember = { subject: 'owner', scopes: APP, device: 'A device', proven: false }
      await site.askAs(member, { path: '/notes' }, app(200, shownToMember))
      broken = false
      await enter(site, code, inside(stands('redeem', 8, 6)))
    },
  },
  {
    name: 'LIM-01 a route of the app’s is limited by address, beside its own guards, and starts anew with its window',
    async holds(start) {
      const site = await start({ options: { limits: {} } })
      const ask = { path: '/limited' }
      for (const left of [2, 1, 0]) await site.ask(ask, shown(stands('app-limited', 3, left)))
      await site.ask(ask, over('rate_limited', 60, stands('app-limited', 3, 0)))
      // Of others nothing is used up, nor may many who share an address be held by one.
      const headers = BEHIND
      for (let left = 59; left >= 0; left--)
        await site.ask({ ...ask, headers }, shown(stands('app-limited', 60, left)))
      await site.ask({ ...ask, headers }, over('rate_limited', 60, stands('app-limited', 60, 0)))
      site.pass(MINUTE)
      await site.ask(ask, shown(stands('app-limited', 3, 2)))
      // The route was reached by who passed, and by nobody else.
      strictEqual(site.reached.length, 3 + 60 + 1)
    },
  },
  {
    name: 'LIM-01 a rule of the app’s that can’t be one answers 500, and says nothing of it to strangers',
    async holds(start) {
      const said: unknown[] = []
      const logger = {
        debug() {},
        info() {},
        warn() {},
        error: (...all: unknown[]) => void said.push(all),
      }
      const site = await start({ options: { limits: {}, logger }, limit: { name: 'a b', max: 0 } })
      const { text } = await site.ask({ path: '/limited' }, problem(500, 'internal'))
      strictEqual(/config|limit:|max/.test(text), false)
      strictEqual(JSON.stringify(said).includes('limit: `name` must'), true)
    },
  },
]
