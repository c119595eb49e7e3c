import { describe, expect, test } from 'vitest'
import { createEdge, HERE, read, toRequest } from '../kit/edge.ts'

const REDEEM = { code: '222-222-222' }

describe('NET-02 a Host', () => {
  test.each([
    ['localhost:3000', 200],
    ['LOCALHOST:3000', 200],
    ['localhost', 200],
    ['127.0.0.1:8080', 200],
    ['127.9.8.7', 200],
    ['[::1]:3000', 200],
    ['app.localhost:3000', 200],
    ['evil.example', 403],
    ['evil.example:3000', 403],
    ['localhost.evil.example', 403],
    ['127.0.0.1.evil.example', 403],
    ['127.0.0.1.nip.io', 403],
    ['notlocalhost', 403],
    ['localhost.', 403],
    ['.localhost', 403],
    ['192.168.1.7:3000', 403],
    ['10.0.0.1', 403],
    ['0.0.0.0:3000', 403],
    ['128.0.0.1', 403],
    ['[::2]', 403],
    ['[::ffff:10.0.0.1]', 403],
    ['localhost@evil.example', 403],
    ['evil.example#localhost', 403],
    ['evil.example/localhost', 403],
    ['localhost, evil.example', 403],
    ['localhost:3000:80', 403],
    ['localhost:99999', 403],
    ['', 403],
  ])('of %j is answered %i on every route and guard', async (host, status) => {
    const { pair, call } = createEdge()
    for (const path of ['/auth/session', '/auth/health']) {
      const answer = await call(path, { headers: { host } })
      expect([path, answer.status]).toEqual([path, status])
      expect(answer.body.code).toBe(status === 403 ? 'host_refused' : undefined)
    }
    const guarded = await pair.identify(new Request(`${HERE}/notes`, { headers: { host } }))
    expect(guarded.ok).toBe(status === 200)
  })

  test('that was declared is answered over https, by name with any port or with its own', async () => {
    const edge = createEdge({
      allowedHosts: ['lab.lan', 'box.lan:8443'],
      publicUrl: 'https://home.example',
    })
    const status = async (host: string): Promise<number> =>
      (await edge.call('/auth/session', { headers: { host }, info: { encrypted: true } })).status
    expect(await status('lab.lan')).toBe(200)
    expect(await status('LAB.LAN:9999')).toBe(200)
    expect(await status('box.lan:8443')).toBe(200)
    expect(await status('box.lan')).toBe(403)
    expect(await status('box.lan:1')).toBe(403)
    expect(await status('home.example')).toBe(200)
    expect(await status('home.example:443')).toBe(200)
    expect(await status('home.example:444')).toBe(403)
    expect(await status('sub.home.example')).toBe(403)
  })

  test('that was declared is refused over plain http unless that was allowed too', async () => {
    const call = { headers: { host: 'lab.lan' } }
    const careful = createEdge({ allowedHosts: ['lab.lan'] })
    expect(await careful.call('/auth/session', call)).toMatchObject({
      status: 403,
      body: { code: 'insecure_transport' },
    })
    const trusting = createEdge({ allowedHosts: ['lab.lan'], allowInsecureLan: true })
    expect(await trusting.call('/auth/session', call)).toMatchObject({ status: 200 })
    expect(
      await trusting.call('/auth/session', { headers: { host: '192.168.1.7' } }),
    ).toMatchObject({ status: 403 })
  })

  test('is not taken from forwarded headers where no proxy was declared', async () => {
    const { call } = createEdge()
    const headers = {
      host: 'evil.example',
      'x-forwarded-host': 'localhost:3000',
      forwarded: 'host=localhost',
    }
    expect(await call('/auth/session', { headers })).toMatchObject({
      status: 403,
      body: { code: 'host_refused' },
    })
  })
})

describe('NET-02 SEC-22 a change', () => {
  const cases: [Record<string, string>, boolean][] = [
    [{}, true],
    [{ origin: HERE }, true],
    [{ origin: HERE, 'sec-fetch-site': 'same-origin' }, true],
    [{ 'sec-fetch-site': 'same-origin' }, true],
    [{ 'sec-fetch-site': 'none' }, true],
    [{ origin: 'http://localhost:4000' }, false],
    [{ origin: 'http://localhost:4000', 'sec-fetch-site': 'same-site' }, false],
    [{ origin: 'http://localhost' }, false],
    [{ origin: 'https://localhost:3000' }, false],
    [{ origin: 'http://127.0.0.1:3000' }, false],
    [{ origin: 'http://app.localhost:3000' }, false],
    [{ origin: 'http://localhost:3000.evil.example' }, false],
    [{ origin: 'http://localhost:30001' }, false],
    [{ origin: 'https://evil.example' }, false],
    [{ origin: 'null' }, false],
    [{ origin: '' }, false],
    [{ origin: `${HERE}, https://evil.example` }, false],
    [{ origin: `${HERE}/` }, false],
    [{ 'sec-fetch-site': 'same-site' }, false],
    [{ 'sec-fetch-site': 'cross-site' }, false],
    [{ 'sec-fetch-site': 'cross-site', origin: 'null' }, false],
    [{ 'sec-fetch-site': 'anything new' }, false],
    [{ 'sec-fetch-site': 'none', origin: 'https://evil.example' }, false],
  ]
  test.each(cases)('with %j is let through: %s', async (headers, passes) => {
    const edge = createEdge()
    const owner = await edge.owner()
    const authorization = await edge.bearer()
    const { code, typed } = await edge.pair.codes.issue({ origin: HERE })
    const expected = (status: number): number => (passes ? status : 403)
    // by nobody, by a cookie, by a token
    const redeemed = await edge.call('/auth/redeem', { body: { code: typed }, headers })
    expect(redeemed.status).toBe(expected(200))
    expect(redeemed.headers.has('set-cookie')).toBe(passes)
    expect((await owner.call('/auth/codes', { body: {}, headers })).status).toBe(expected(201))
    const ticket = await edge.call('/auth/tickets', {
      body: { for: 'stream' },
      headers: { authorization, ...headers },
    })
    expect(ticket.status).toBe(expected(200))
    for (const method of ['POST', 'PUT', 'PATCH', 'DELETE', 'QUERY']) {
      const request = new Request(`${HERE}/notes`, {
        method,
        headers: { authorization, ...headers },
      })
      const guarded = await edge.pair.guard(request, undefined, {})
      expect(guarded.ok).toBe(passes)
      const code = guarded.ok ? 'let through' : (await guarded.response.json()).code
      expect(code).toBe(passes ? 'let through' : 'origin_refused')
    }
    // what was refused used nothing up, what passed used it once
    const again = await edge.call('/auth/redeem', { body: { code: typed } })
    expect(again.status).toBe(passes ? 401 : 200)
    expect((await edge.pair.codes.list()).items.map(({ id }) => id)).not.toContain(code.id)
  })

  test.each(cases)('with %j asks, collects and decides: %s', async (headers, passes) => {
    const edge = createEdge()
    const owner = await edge.owner()
    const expected = (status: number): number => (passes ? status : 403)
    const { version } = await edge.pair.admission.get()
    const set = { method: 'PUT', body: { mode: 'approval', version }, headers }
    expect((await owner.call('/auth/admission', set)).status).toBe(expected(200))
    expect((await edge.pair.admission.get()).mode).toBe(passes ? 'approval' : 'code')
    await edge.pair.admission.set('approval')

    const body = { device: { label: 'A newcomer', kind: 'browser' } }
    const asked = await edge.call('/auth/request', { body, headers })
    expect([asked.status, asked.headers.has('set-cookie')]).toEqual([expected(202), passes])
    expect((await edge.pair.approvals.list()).items).toHaveLength(passes ? 1 : 0)

    const waiting = passes ? asked : await edge.call('/auth/request', { body })
    const cookie = waiting.headers.get('set-cookie')!.split(';', 1)[0]!
    const [item] = (await edge.pair.approvals.list()).items
    const verdict = { body: { digest: item!.digest }, headers }
    const decided = await owner.call(`/auth/approvals/${item!.id}/approve`, verdict)
    expect(decided.status).toBe(expected(200))
    if (!passes) await edge.pair.approvals.approve(item!.id, { digest: item!.digest })
    const { claim } = waiting.body
    const collected = await edge.call('/auth/claim', {
      body: { claim },
      headers: { cookie, ...headers },
    })
    expect(collected.status).toBe(expected(200))
    expect((await edge.pair.sessions.list()).items).toHaveLength(passes ? 2 : 1)
  })

  test('by a form is refused by its media type, whatever its page', async () => {
    const { call, pair } = createEdge()
    const { typed } = await pair.codes.issue({ origin: HERE })
    for (const type of [
      'application/x-www-form-urlencoded',
      'multipart/form-data; boundary=x',
      'text/plain',
    ]) {
      const form = { body: JSON.stringify({ code: typed }), headers: { 'content-type': type } }
      expect(await call('/auth/redeem', form)).toMatchObject({ status: 415 })
      const foreign = { ...form, headers: { ...form.headers, origin: 'https://evil.example' } }
      expect(await call('/auth/redeem', foreign)).toMatchObject({ status: 403 })
    }
    expect((await call('/auth/redeem', { body: { code: typed } })).status).toBe(200)
  })
})

test('SEC-22 a code in the address signs nobody in: GET and HEAD of anything redeem nothing', async () => {
  const { call, pair } = createEdge()
  const { link, typed } = await pair.codes.issue({ origin: HERE })
  const secret = new URL(link).hash.slice('#code='.length)
  for (const method of ['GET', 'HEAD']) {
    for (const path of [
      `redeem?code=${secret}`,
      `redeem?code=${typed}`,
      `session?code=${secret}`,
      `session?code=${typed}`,
    ]) {
      const answer = await call(`/auth/${path}`, { method })
      expect([path, answer.status]).toEqual([path, path.startsWith('redeem') ? 405 : 200])
      expect(answer.headers.has('set-cookie')).toBe(false)
    }
  }
  expect(await pair.handler(new Request(`${HERE}/pair?code=${secret}`))).toBeNull()
  // nor does a POST whose code is in the address and not in the body
  expect((await call(`/auth/redeem?code=${typed}`, { body: {} })).status).toBe(400)
  expect((await call('/auth/redeem', { body: { code: secret } })).status).toBe(200)
})

describe('NET-02 CORS', () => {
  const LISTED = 'https://app.example'
  const make = (): ReturnType<typeof createEdge> => createEdge({ allowedOrigins: [LISTED] })
  const corsOf = (headers: Headers): (string | null)[] => [
    headers.get('access-control-allow-origin'),
    headers.get('access-control-allow-credentials'),
    headers.get('vary'),
  ]
  const LET = [LISTED, 'true', 'Origin']
  const NOT = [null, null, 'Origin']

  test('is on answers and errors alike for a listed origin', async () => {
    const { call, pair } = make()
    const headers = { origin: LISTED }
    const { typed } = await pair.codes.issue({ origin: HERE })
    const answers = [
      await call('/auth/session', { headers }),
      await call('/auth/redeem', { body: { code: typed, transport: 'bearer' }, headers }),
      await call('/auth/redeem', { body: REDEEM, headers }),
      await call('/auth/redeem', { body: '{', headers }),
      await call('/auth/codes', { headers }),
      await call('/auth/nothing', { headers }),
      await call('/auth/session', { method: 'DELETE', headers }),
      await call('/auth/session', { headers: { ...headers, authorization: 'Bearer a, Bearer b' } }),
    ]
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 401, 400, 401, 404, 405, 400])
    for (const answer of answers) expect(corsOf(answer.headers)).toEqual(LET)
    const guarded = await pair.guard(new Request(`${HERE}/notes`, { headers }), undefined, {})
    expect(guarded.ok ? null : corsOf(guarded.response.headers)).toEqual(LET)
  })

  test('is on no answer for others, and never a star', async () => {
    const { call } = make()
    for (const origin of [
      'https://evil.example',
      'https://app.example.evil',
      'null',
      'https://APP.example',
      HERE,
    ]) {
      const answer = await call('/auth/session', { headers: { origin } })
      expect(corsOf(answer.headers)).toEqual(NOT)
    }
    expect(corsOf((await call('/auth/session')).headers)).toEqual(NOT)
    const plain = await createEdge().call('/auth/session', { headers: { origin: LISTED } })
    expect(corsOf(plain.headers)).toEqual([null, null, null])
  })

  test('answers the preflight of a listed origin and refuses that of another', async () => {
    const { call } = make()
    const ask = (origin: string): ReturnType<typeof call> =>
      call('/auth/codes', {
        method: 'OPTIONS',
        headers: { origin, 'access-control-request-method': 'POST' },
      })
    const { status, headers, text } = await ask(LISTED)
    expect([status, text, ...corsOf(headers)]).toEqual([204, '', ...LET])
    expect(headers.get('access-control-allow-methods')?.split(', ')).toEqual(
      expect.arrayContaining(['POST', 'PUT', 'PATCH', 'DELETE']),
    )
    expect(headers.get('access-control-allow-headers')?.split(', ')).toEqual(
      expect.arrayContaining(['Authorization', 'Content-Type', 'DPoP', 'Last-Event-ID']),
    )
    for (const origin of ['https://evil.example', 'http://localhost:4000', 'null', HERE]) {
      const other = await ask(origin)
      expect([other.status, ...corsOf(other.headers)]).toEqual([403, ...NOT])
    }
  })

  test('lets the page of a listed origin change what its rights allow, and none from elsewhere', async () => {
    const edge = make()
    const owner = await edge.owner()
    expect(
      (await owner.call('/auth/codes', { body: {}, headers: { origin: LISTED } })).status,
    ).toBe(201)
    expect(
      (await owner.call('/auth/codes', { body: {}, headers: { origin: 'https://evil.example' } }))
        .status,
    ).toBe(403)
    const upgrade = async (origin: string): Promise<unknown> => {
      const headers = { cookie: owner.cookie, origin }
      return edge.pair.openSocket(toRequest('/live', { headers }), undefined, {})
    }
    expect(await upgrade(LISTED)).not.toBeInstanceOf(Response)
    expect(await upgrade('http://localhost:4000')).toMatchObject({ status: 403 })
  })
})

test('NET-02 an upgrade by cookie needs the Origin of a page of ours', async () => {
  const { pair, owner } = createEdge()
  const { cookie } = await owner()
  const upgrade = async (headers: Record<string, string>): Promise<string> => {
    const answer = await pair.openSocket(
      toRequest('/live', { headers: { cookie, ...headers } }),
      undefined,
      {},
    )
    return answer instanceof Response ? (await read(answer)).body.code : 'open'
  }
  expect(await upgrade({ origin: HERE })).toBe('open')
  expect(await upgrade({})).toBe('origin_refused')
  expect(await upgrade({ origin: 'null' })).toBe('origin_refused')
  expect(await upgrade({ origin: 'http://localhost:4000' })).toBe('origin_refused')
  expect(await upgrade({ 'sec-fetch-site': 'same-origin' })).toBe('origin_refused')
})
