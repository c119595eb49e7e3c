import type { AdapterCase } from '../adapter-case.ts'
import { app, bare, empty, failed, json, nothingHere, problem } from '../expected.ts'
import { guest } from '../settled.ts'

const listed = 'https://app.example'
const corsFor = {
  'access-control-allow-credentials': 'true',
  'access-control-allow-origin': listed,
}
const exposed =
  'Retry-After, DPoP-Nonce, WWW-Authenticate, RateLimit, RateLimit-Policy, RateLimit-Limit, X-RateLimit-Limit, ' +
  'RateLimit-Remaining, X-RateLimit-Remaining, RateLimit-Reset, X-RateLimit-Reset'
const cors = { ...corsFor, 'access-control-expose-headers': exposed, vary: 'Origin' }

/** Whose a request is, and the answers that need no credentials. */
export const mountCases: readonly AdapterCase[] = [
  {
    name: 'NET-01 what is below the base path is ours, and all else stays the app’s',
    async holds(start) {
      const site = await start()
      await site.ask({ path: '/auth/session' }, json(200, guest()))
      for (const path of ['/auth', '/auth/', '/auth/nothing', '/auth/session/', '/auth/Session'])
        await site.ask({ path }, problem(404, 'not_found'))
      for (const path of ['/', '/authx', '/Auth/session', '//auth/session', '/auth%2Fsession'])
        await site.ask({ path }, nothingHere)
      await site.ask({ path: '/elsewhere', body: { of: 'the app' } }, nothingHere)
    },
  },
  {
    name: 'NET-04 the base path is the one of the options',
    async holds(start) {
      const site = await start({ options: { basePath: '/api/pair' } })
      await site.ask({ path: '/api/pair/session?x=1' }, json(200, guest()))
      await site.ask({ path: '/api/pair/health' }, json(200, { status: 'ok' }))
      await site.ask({ path: '/auth/session' }, nothingHere)
    },
  },
  {
    name: 'NET-05 HEAD, OPTIONS and wrong methods are answered as they must',
    async holds(start) {
      const site = await start()
      const wrong = (method: string, path: string, allow: string): Promise<unknown> =>
        site.ask({ method, path }, problem(405, 'method_not_allowed', { allow }))
      await wrong('DELETE', '/auth/session', 'GET, HEAD')
      await wrong('OPTIONS', '/auth/session', 'GET, HEAD')
      await wrong('GET', '/auth/redeem', 'POST')
      await wrong('PUT', '/auth/sessions', 'GET, HEAD')
      await wrong('PROPFIND', '/auth/codes', 'GET, HEAD, POST')
      const ours = { 'content-type': 'application/json' }
      await site.ask({ method: 'HEAD', path: '/auth/session' }, empty(200, ours))
      await site.ask({ method: 'HEAD', path: '/auth/health' }, empty(200, ours))
      const refused = { 'content-type': 'application/problem+json' }
      await site.ask(
        { method: 'HEAD', path: '/auth/redeem' },
        empty(405, { ...refused, allow: 'POST' }),
      )
      const challenge = { 'www-authenticate': 'DPoP algs="ES256 EdDSA Ed25519"' }
      for (const path of ['/auth/codes', '/auth/access/events', '/notes'])
        await site.ask({ method: 'HEAD', path }, empty(401, { ...refused, ...challenge }))
    },
  },
  {
    name: 'NET-02 answers, refusals and preflights carry CORS for listed origins and for no other',
    async holds(start) {
      const site = await start({ options: { allowedOrigins: [listed] } })
      const headers = { origin: listed }
      await site.ask({ path: '/auth/session', headers }, json(200, guest(), cors))
      await site.ask({ path: '/auth/codes', headers }, problem(401, 'session_required', cors))
      await site.ask({ path: '/notes', headers }, problem(401, 'session_required', cors))
      await site.ask({ path: '/auth/nothing', headers }, problem(404, 'not_found', cors))
      const vary = { vary: 'Origin' }
      const other = { origin: 'https://evil.example' }
      await site.ask({ path: '/auth/session', headers: other }, json(200, guest(), vary))
      await site.ask({ path: '/auth/session' }, json(200, guest(), vary))
      const preflight = { method: 'OPTIONS', path: '/auth/redeem' }
      const asked = { 'access-control-request-method': 'POST' }
      const allowed = {
        'access-control-allow-headers':
          'Authorization, Content-Type, DPoP, Idempotency-Key, Last-Event-ID',
        'access-control-allow-methods': 'GET, POST, PATCH, PUT, DELETE',
        'access-control-max-age': '600',
      }
      await site.ask(
        { ...preflight, headers: { ...headers, ...asked } },
        bare(204, { ...cors, ...allowed }),
      )
      await site.ask(
        { ...preflight, headers: { ...other, ...asked } },
        problem(403, 'origin_refused', vary),
      )
    },
  },
  {
    name: 'NET-06 a stranger learns nothing of the server',
    async holds(start) {
      const site = await start()
      await site.ask({ path: '/auth/health' }, json(200, { status: 'ok' }))
      await site.ask({ path: '/auth/session' }, json(200, guest()))
    },
  },
  {
    name: 'NET-05 errors of the app stay the app’s, behind guards and before them',
    async holds(start) {
      const site = await start()
      await site.ask({ path: '/boom' }, failed(500))
      const visitor = await site.join({ transport: 'bearer' })
      await site.askAs(visitor, { path: '/notes', body: Buffer.from('{"broken":') }, failed(400))
      await site.askAs(
        visitor,
        { path: '/notes', body: { as: 'before' } },
        app(200, { as: 'before' }),
      )
    },
  },
  {
    name: 'NET-03 bodies of the app reach it as they came, whatever their size',
    async holds(start) {
      const site = await start()
      const visitor = await site.join({ transport: 'bearer' })
      const body = { text: 'x'.repeat(40_000), nested: [[[[[[[[[[1]]]]]]]]]] }
      for (const length of ['told', 'chunked'] as const)
        await site.askAs(visitor, { path: '/notes', body, length }, app(200, body))
    },
  },
]
