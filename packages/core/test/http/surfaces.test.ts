import { describe, expect, test } from 'vitest'
import { accessRoutes } from '../../src/http/access-routes.ts'
import { approvalRoutes } from '../../src/http/approval-routes.ts'
import { entryRoutes } from '../../src/http/entry-routes.ts'
import { eventRoutes } from '../../src/http/event-stream.ts'
import { keyRoutes } from '../../src/http/key-routes.ts'
import { sessionRoutes } from '../../src/http/session-routes.ts'
import { createEdge, HERE } from '../kit/edge.ts'

const OPEN = [
  'GET session',
  'GET health',
  'GET jwks.json',
  'POST redeem',
  'POST codes/preview',
  'POST request',
  'POST claim',
  'POST withdraw',
  'POST claim-owner',
]
const OF_A_SESSION = ['POST renew', 'POST logout', 'POST tickets', 'POST resource-tokens']
const ALL = [
  ...sessionRoutes,
  ...entryRoutes,
  ...accessRoutes,
  ...approvalRoutes,
  ...eventRoutes,
  ...keyRoutes,
]
const nameOf = ({ method, path }: { method: string; path: string }): string => `${method} ${path}`
const closed = ALL.filter((route) => !OPEN.includes(nameOf(route)))
const ofAccess = closed.filter((route) => !OF_A_SESSION.includes(nameOf(route)))

/** The route's address, and a body where it takes one. */
function requestTo({
  method,
  path,
}: {
  method: string
  path: string
}): [path: string, call: { method: string; body?: unknown }] {
  const bodies: Record<string, object> = {
    tickets: { for: 'socket' },
    'resource-tokens': { resource: 'screen:1', mode: 'view' },
  }
  const body = bodies[path] ?? {}
  return [
    `/auth/${path.replace(':id', `ses_${'a'.repeat(22)}`)}`,
    { method, ...(['POST', 'PATCH', 'PUT'].includes(method) ? { body } : {}) },
  ]
}

test('NET-01 routes that need access are these, and all others but nine need a session', () => {
  expect(ALL.map(nameOf)).toEqual(expect.arrayContaining([...OPEN, ...OF_A_SESSION]))
  expect(ofAccess.map(nameOf).sort()).toEqual([
    'DELETE approvals/:id',
    'DELETE codes/:id',
    'DELETE devices/:id',
    'DELETE sessions/:id',
    'GET access',
    'GET access/events',
    'GET admission',
    'GET approvals',
    'GET codes',
    'GET devices',
    'GET sessions',
    'PATCH devices/:id',
    'PATCH sessions/:id',
    'POST approvals/:id/approve',
    'POST approvals/:id/reject',
    'POST codes',
    'POST keys/rotate',
    'POST sessions/revoke-all',
    'POST sessions/revoke-others',
    'PUT admission',
  ])
})

test.each([
  ['closed', 'admission_refused', 'admission_refused'],
  ['code', 'code_invalid', 'admission_refused'],
  ['approval', 'admission_refused', undefined],
  ['code+approval', 'code_invalid', 'admission_refused'],
] as const)(
  'NET-01 the open doors of the mode %s give a stranger who brings nothing no credential',
  async (admission, redeem, request) => {
    const edge = createEdge({ admission })
    const device = { label: 'A stranger', kind: 'browser' }
    const claim = `apr_${'a'.repeat(22)}.${'a'.repeat(43)}`
    const answers = [
      await edge.call('/auth/redeem', { body: { code: '222-222-222' } }),
      await edge.call('/auth/codes/preview', { body: { code: '222-222-222' } }),
      await edge.call('/auth/request', { body: { device } }),
      await edge.call('/auth/claim', { body: { claim } }),
      await edge.call('/auth/withdraw', { body: { claim } }),
      await edge.call('/auth/claim-owner', { body: { secret: 'a'.repeat(43), device } }),
    ]
    expect(answers.map(({ body }) => body.code)).toEqual([
      redeem,
      redeem,
      request,
      'approval_expired',
      'approval_expired',
      'not_found',
    ])
    for (const { status, text } of answers) {
      expect(status === 202 || status >= 400).toBe(true)
      expect(text).not.toMatch(/accessToken|refreshToken|"session"/)
    }
    expect((await edge.pair.sessions.list()).items).toEqual([])
  },
)

describe.each(closed.map((route) => [nameOf(route), route] as const))('NET-01 %s', (_, route) => {
  test('answers 401 to a stranger, also to one who tells credentials in the query', async () => {
    const edge = createEdge()
    const [path, call] = requestTo(route)
    // a narrower body comes first on some routes; what counts is that nothing but a 4xx is answered
    const token = (await edge.bearer()).slice('Bearer '.length)
    const { cookie } = await edge.owner()
    const { typed } = await edge.pair.codes.issue({ origin: HERE })
    const queries = [
      '',
      `?access_token=${token}`,
      `?token=${token}`,
      `?authorization=Bearer%20${token}`,
      `?Authorization=Bearer+${token}`,
      `?cookie=${encodeURIComponent(cookie)}`,
      `?${cookie}`,
      `?code=${typed}`,
      `?session=${token}`,
      `?ticket=${token}`,
      `?ticket=${typed}`,
    ]
    for (const query of queries) {
      const answer = await edge.call(path + query, call)
      expect([query, answer.status]).toEqual([query, route.method === 'PATCH' ? 400 : 401])
      const told = query.includes('ticket') ? /^session_/ : /^session_required$/
      // these two look at the body first
      expect(answer.body.code).toMatch(route.method === 'PATCH' ? /^invalid_request$/ : told)
    }
  })
})

describe.each(ofAccess.map((route) => [nameOf(route), route] as const))('NET-01 %s', (_, route) => {
  const withBody = (): ReturnType<typeof requestTo> => {
    const [path, call] = requestTo(route)
    return [
      path,
      call.method === 'PATCH' ? { ...call, body: { scopes: ['notes:read'], label: 'new' } } : call,
    ]
  }
  test('answers 401 to a stranger with a right body, 403 to a session without access, 401 to a key that is not proven', async () => {
    const edge = createEdge()
    const [path, call] = withBody()
    expect(await edge.call(path, call)).toMatchObject({
      status: 401,
      body: { code: 'session_required' },
    })
    const authorization = await edge.bearer()
    const keyless = await edge.call(path, { ...call, headers: { authorization } })
    expect(keyless).toMatchObject({ status: 403, body: { code: 'insufficient_scope' } })
    const { cookie } = await edge.owner()
    const unproven = await edge.call(path, { ...call, headers: { cookie } })
    expect(unproven).toMatchObject({ status: 401, body: { code: 'proof_required' } })
  })
})

describe('NET-01 a ticket', () => {
  const mint = async (
    edge: ReturnType<typeof createEdge>,
    use: string,
    headers = {},
  ): Promise<string> => {
    const authorization = await edge.bearer()
    return (
      await edge.call('/auth/tickets', {
        body: { for: use },
        headers: { authorization, ...headers },
      })
    ).body.ticket
  }
  const guard = (
    edge: ReturnType<typeof createEdge>,
    path: string,
    init?: RequestInit,
  ): ReturnType<typeof edge.pair.guard> =>
    edge.pair.guard(new Request(HERE + path, init), undefined, {})

  test('opens one stream once, by GET alone and for nothing but its purpose', async () => {
    const edge = createEdge()
    const stream = await mint(edge, 'stream')
    expect(await guard(edge, `/feed?ticket=${stream}`, { method: 'POST' })).toMatchObject({
      ok: false,
      response: { status: 401 },
    })
    for (let round = 0; round < 8; round++) {
      const ticket = round === 0 ? stream : await mint(edge, 'stream')
      const rivals = await Promise.all(
        Array.from({ length: 40 }, () => guard(edge, `/feed?ticket=${ticket}`)),
      )
      expect(rivals.filter(({ ok }) => ok)).toHaveLength(1)
      expect(await guard(edge, `/feed?ticket=${ticket}`)).toMatchObject({
        ok: false,
        response: { status: 401 },
      })
    }
    expect(await guard(edge, `/feed?ticket=${await mint(edge, 'socket')}`)).toMatchObject({
      ok: false,
      response: { status: 401 },
    })
    const asSocket = new Request(`${HERE}/live?ticket=${await mint(edge, 'stream')}`)
    expect(await edge.pair.openSocket(asSocket, undefined, {})).toMatchObject({ status: 401 })
  })

  test('ends with its 30 seconds and with its session', async () => {
    const edge = createEdge()
    const late = await mint(edge, 'stream')
    edge.pass(30_000)
    expect(await guard(edge, `/feed?ticket=${late}`)).toMatchObject({
      ok: false,
      response: { status: 401 },
    })
    const orphan = await mint(edge, 'stream')
    await edge.pair.sessions.revokeAll()
    expect(await guard(edge, `/feed?ticket=${orphan}`)).toMatchObject({
      ok: false,
      response: { status: 401 },
    })
  })

  test('of a page is for that page, whose GET to its own server carries no Origin', async () => {
    const edge = createEdge()
    const at = async (headers: Record<string, string>): Promise<boolean> =>
      (
        await guard(edge, `/feed?ticket=${await mint(edge, 'stream', { origin: HERE })}`, {
          headers,
        })
      ).ok
    expect(await at({ origin: HERE })).toBe(true)
    expect(await at({ 'sec-fetch-site': 'same-origin' })).toBe(true)
    expect(await at({})).toBe(false)
    expect(await at({ 'sec-fetch-site': 'same-site' })).toBe(false)
    expect(await at({ 'sec-fetch-site': 'same-origin', origin: 'http://localhost:4000' })).toBe(
      false,
    )
  })

  test('that is none makes no guest a criminal: he is let pass where all may', async () => {
    const edge = createEdge()
    const identified = await edge.pair.identify(new Request(`${HERE}/orders?ticket=17`))
    expect(identified).toEqual({ ok: true, auth: { kind: 'none', reason: 'invalid' } })
    const session = await edge.call('/auth/session?ticket=17')
    expect(session).toMatchObject({
      status: 200,
      body: { authenticated: false, reason: 'invalid' },
    })
    expect(await edge.call('/auth/codes?ticket=17')).toMatchObject({
      status: 401,
      body: { code: 'session_invalid' },
    })
  })
})

test('NET-01 guards and upgrades refuse what the routes refuse: hosts, pages, doubles, strangers', async () => {
  const { pair, call } = createEdge()
  const cases: [Record<string, string>, string][] = [
    [{ host: 'evil.example' }, 'host_refused'],
    [{ host: 'evil.example@localhost' }, 'host_refused'],
    [{ origin: 'http://localhost:4000' }, 'origin_refused'],
    [{ origin: 'null' }, 'origin_refused'],
    [{ authorization: 'Bearer a, Bearer b' }, 'duplicate_credentials'],
    [{ authorization: 'Bearer a, Basic b' }, 'duplicate_credentials'],
    [{ dpop: 'a, b' }, 'duplicate_credentials'],
    [{ authorization: 'Bearer a.b.c' }, 'session_invalid'],
    [{ authorization: 'Basic YTpi' }, 'session_invalid'],
    [{}, 'session_required'],
  ]
  for (const [headers, code] of cases) {
    const request = (method: string): Request => new Request(`${HERE}/notes`, { method, headers })
    const guard = await pair.guard(request('POST'), undefined, {})
    const socket = await pair.openSocket(request('GET'), undefined, {})
    const route = await call('/auth/codes', { method: 'POST', body: {}, headers })
    expect(guard.ok ? null : (await guard.response.json()).code).toBe(code)
    expect(socket instanceof Response ? (await socket.json()).code : null).toBe(code)
    expect(route.body.code).toBe(code)
  }
})
