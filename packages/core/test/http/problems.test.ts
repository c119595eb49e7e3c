import { describe, expect, test } from 'vitest'
import { agent } from '../../src/agent.ts'
import { createPair } from '../../src/create-pair.ts'
import { errorCodes, isPairError, PairError, type ErrorCode } from '../../src/errors.ts'
import type { Need } from '../../src/pair.ts'
import { relay } from '../../src/relay.ts'
import { oauth } from '../../src/oauth.ts'
import { memoryStore } from '../../src/storage/memory/memory-store.ts'
import { createEdge, HERE, pairKeyed, read, type Answer, type Edge } from '../kit/edge.ts'
import { addressOf } from '../kit/races.ts'
import { ROOMY } from '../kit/roomy.ts'
import { createRelayKey } from '../relay/carrier.ts'

const code = async (edge: Edge, request = {}): Promise<string> =>
  (await edge.pair.codes.issue({ origin: HERE, ...request })).typed

const device = { label: 'A newcomer', kind: 'browser' }

/** Somebody without a key waits for a person; what it collects with. */
async function waits(edge: Edge): Promise<{ claim: string; headers: Record<string, string> }> {
  await edge.pair.admission.set('approval')
  const { status, headers, body } = await edge.call('/auth/request', { body: { device } })
  expect(status).toBe(202)
  return { claim: body.claim, headers: { cookie: headers.get('set-cookie')!.split(';', 1)[0]! } }
}

/** The owner decides what waits, by that digest or the one that is shown. */
async function decide(edge: Edge, verb: string, digest?: string): Promise<Answer> {
  const owner = await edge.owner()
  await waits(edge)
  const [item] = (await edge.pair.approvals.list()).items
  const body = { digest: digest ?? item!.digest }
  return owner.call(`/auth/approvals/${item!.id}/${verb}`, { body })
}

/** What a guard answers who sends that. */
async function guarded(
  pair: Edge['pair'],
  headers: Record<string, string>,
  need: Need,
): Promise<Answer> {
  const judged = await pair.guard(new Request(`${HERE}/app`, { headers }), undefined, need)
  if (judged.ok) throw new Error('it was let in')
  return read(judged.response)
}

/** What a stranger or a device does to meet each refusal. */
const WAYS: Readonly<
  Record<Exclude<ErrorCode, 'config_invalid'>, (edge: Edge) => Promise<Answer>>
> = {
  invalid_request: ({ call }) => call('/auth/redeem', { body: {} }),
  code_malformed: ({ call }) => call('/auth/redeem', { body: { code: '0O0-1I1-LLL' } }),
  duplicate_credentials: ({ call }) =>
    call('/auth/session', { headers: { authorization: 'Bearer a, Bearer b' } }),
  code_invalid: ({ call }) => call('/auth/redeem', { body: { code: '222-222-222' } }),
  session_required: ({ call }) => call('/auth/codes'),
  async session_expired(edge) {
    const owner = await edge.owner()
    edge.pass(15 * 60_000)
    return owner.call('/auth/codes')
  },
  async session_revoked(edge) {
    const owner = await edge.owner()
    await edge.pair.sessions.revokeAll()
    return owner.call('/auth/codes')
  },
  session_invalid: ({ call }) =>
    call('/auth/codes', { headers: { authorization: 'Bearer a.b.c' } }),
  async proof_required(edge) {
    const { cookie } = await edge.owner()
    return edge.call('/auth/codes', { headers: { cookie } })
  },
  async proof_invalid(edge) {
    const { cookie } = await edge.owner()
    return edge.call('/auth/codes', { headers: { cookie, dpop: 'x' } })
  },
  async use_dpop_nonce(edge) {
    const { prove } = await edge.owner()
    const dpop = await prove('POST', `${HERE}/auth/renew`, { iat: edge.now() / 1_000 - 3_600 })
    return edge.call('/auth/renew', { body: {}, headers: { dpop } })
  },
  async device_key_required(edge) {
    return edge.call('/auth/redeem', {
      body: { code: await code(edge, { scopes: ['access:read'] }) },
    })
  },
  async insufficient_scope(edge) {
    const typed = await code(edge, { scopes: ['notes:read'] })
    return edge.call('/auth/redeem', { body: { code: typed, scopes: ['notes:write'] } })
  },
  async agent_key_required() {
    const { pair } = createEdge({ extensions: [agent()] })
    return guarded(pair, {}, { who: 'agent' })
  },
  async agent_mismatch() {
    const { pair } = createEdge({ extensions: [agent()] })
    const { key } = await pair.agentKeys.issue({ agent: 'x' })
    return guarded(pair, { authorization: `Bearer ${key}` }, { who: 'agent', agent: 'y' })
  },
  async agent_taken() {
    const { pair, call } = createEdge({ extensions: [agent()] })
    await pair.agentKeys.issue({ agent: 'x' })
    const { typed } = await pair.agentKeys.supportCode()
    return call('/auth/agent-keys/bind', { body: { code: typed, agent: 'x' } })
  },
  async agent_key_rotated() {
    const edge = createEdge({ extensions: [agent()] })
    const owner = await edge.owner()
    const { agentKey } = await edge.pair.agentKeys.issue({ agent: 'x' })
    await edge.pair.agentKeys.rotate(agentKey.id)
    return owner.call(`/auth/agent-keys/${agentKey.id}/rotate`, { body: {} })
  },
  relay_refused() {
    const relays = [{ id: 'hub', publicKey: createRelayKey().publicKey }]
    const { call } = createEdge({ extensions: [relay({ audience: `${HERE}/auth`, relays })] })
    return call('/auth/relay/mint', { body: { request: 'a.b.c' } })
  },
  async policy_refused() {
    const edge = createEdge({ policy: { admit: () => 'Nobody comes in today.' } })
    return edge.call('/auth/redeem', { body: { code: await code(edge) } })
  },
  origin_refused: ({ call }) =>
    call('/auth/redeem', { body: {}, headers: { origin: 'http://localhost:4000' } }),
  host_refused: ({ call }) => call('/auth/session', { headers: { host: 'evil.example' } }),
  insecure_transport: ({ call }) => call('/auth/session', { headers: { host: 'lab.lan' } }),
  admission_refused: ({ call }) => call('/auth/request', { body: { device } }),
  async admission_unknown(edge) {
    const record = { mode: 'of-a-newer-version', version: 'x' }
    const value = JSON.stringify({ kind: 'admission', attempt: 'a', purgeAt: null, record })
    await edge.store.commit([], [{ key: ['pair', 'admission'], value, purgeAt: null }])
    return edge.call('/auth/redeem', { body: { code: '222-222-222' } })
  },
  async admission_changed(edge) {
    const owner = await edge.owner()
    return owner.call('/auth/admission', {
      method: 'PUT',
      body: { mode: 'approval', version: 'of-before' },
    })
  },
  async approval_rejected(edge) {
    const { claim, headers } = await waits(edge)
    const [item] = (await edge.pair.approvals.list()).items
    await edge.pair.approvals.reject(item!.id, item!)
    return edge.call('/auth/claim', { body: { claim }, headers })
  },
  async approval_expired(edge) {
    const { claim, headers } = await waits(edge)
    edge.pass(10 * 60_000)
    return edge.call('/auth/claim', { body: { claim }, headers })
  },
  async approval_collected(edge) {
    const { claim, headers } = await waits(edge)
    const [item] = (await edge.pair.approvals.list()).items
    await edge.pair.approvals.approve(item!.id, { digest: item!.digest })
    await edge.call('/auth/claim', { body: { claim }, headers })
    return edge.call('/auth/claim', { body: { claim }, headers })
  },
  async resource_required() {
    const edge = createEdge({ resources: { screen: { modes: ['view'] } } })
    const need = { resource: 'screen:1', mode: 'view' }
    return guarded(edge.pair, { authorization: await edge.bearer() }, need)
  },
  approval_changed: async (edge) => decide(edge, 'approve', 'of-something-else'),
  async approval_decided(edge) {
    const id = (await decide(edge, 'reject')).body.id as string
    await edge.pair.admission.set('code')
    const owner = await edge.owner()
    return owner.call(`/auth/approvals/${id}/approve`, { body: { digest: 'any' } })
  },
  async approval_pending(edge) {
    const owner = await edge.owner()
    await waits(edge)
    const [item] = (await edge.pair.approvals.list()).items
    return owner.call(`/auth/approvals/${item!.id}`, { method: 'DELETE' })
  },
  async user_code_required() {
    const clients = [{ id: 'cli', label: 'A program in a terminal' }]
    const edge = createEdge({ extensions: [oauth({ clients })] })
    const owner = await edge.owner()
    await edge.pair.admission.set('approval')
    const headers = { 'content-type': 'application/x-www-form-urlencoded' }
    await edge.call('/auth/device_authorization', { body: 'client_id=cli', headers })
    const [item] = (await edge.pair.approvals.list()).items
    const body = { digest: item!.digest }
    return owner.call(`/auth/approvals/${item!.id}/approve`, { body })
  },
  async rate_limited() {
    const edge = createEdge({ limits: { ...ROOMY, preview: { max: 2 } } })
    for (let count = 0; count < 2; count++)
      await edge.call('/auth/codes/preview', { body: { code: '222-222-222' } })
    return edge.call('/auth/codes/preview', { body: { code: '222-222-222' } })
  },
  async locked_out(edge) {
    for (let count = 0; count < 10; count++)
      await edge.call('/auth/redeem', { body: { code: '222-222-222' } })
    return edge.call('/auth/redeem', { body: { code: '222-222-222' } })
  },
  async codes_suspended() {
    const edge = createEdge({ limits: { ...ROOMY, typedCodes: { max: 100 } } })
    for (let count = 0; count < 100; count++) {
      const info = { remoteAddress: addressOf(count) }
      const { body } = await edge.call('/auth/redeem', { body: { code: '222-222-222' }, info })
      expect(body.code).toBe('code_invalid')
    }
    return edge.call('/auth/redeem', { body: { code: '222-222-222' } })
  },
  async approval_limited(edge) {
    await waits(edge)
    await waits(edge)
    return edge.call('/auth/request', { body: { device } })
  },
  not_found: ({ call }) => call('/auth/nothing'),
  method_not_allowed: ({ call }) => call('/auth/session', { method: 'PUT', body: {} }),
  body_too_large: ({ call }) => call('/auth/redeem', { body: { code: 'x'.repeat(20_000) } }),
  unsupported_media_type: ({ call }) =>
    call('/auth/redeem', { body: 'code=x', headers: { 'content-type': 'text/plain' } }),
  async store_unavailable() {
    const store = {
      ...memoryStore(),
      read: () => Promise.reject(new Error('ECONNREFUSED 10.0.0.9:5432 password=hunter2')),
    }
    return createEdge({ store }).call('/auth/redeem', { body: { code: '222-222-222' } })
  },
  async store_busy() {
    const real = memoryStore()
    let lose = false
    const edge = createEdge({
      store: { ...real, commit: async (...args) => !lose && real.commit(...args) },
    })
    const typed = await code(edge)
    lose = true
    return edge.call('/auth/redeem', { body: { code: typed } })
  },
  clock_skew: () => createEdge({}, () => 0).call('/auth/redeem', { body: { code: '222-222-222' } }),
  async internal() {
    let broken = false
    const random = (length: number): Uint8Array => {
      if (broken) throw new Error('/home/me/secret.pem: no entropy')
      return crypto.getRandomValues(new Uint8Array(length))
    }
    const edge = createEdge({ random })
    const typed = await code(edge)
    broken = true
    return edge.call('/auth/redeem', { body: { code: typed } })
  },
}

describe('NET-05 a refusal is a problem with a stable code, a safe sentence, a mend and a place to read on', () => {
  const wired = errorCodes.filter((one) => one !== 'config_invalid')
  test.each(wired)('%s', async (name) => {
    const { status, headers, text, body } = await WAYS[name as keyof typeof WAYS](
      createEdge({ allowedHosts: ['lab.lan'] }),
    )
    const { status: known, message } = new PairError(name)
    expect(status).toBe(known)
    expect(headers.get('content-type')).toBe('application/problem+json')
    expect(headers.get('cache-control')).toBe('no-store')
    expect(headers.get('x-content-type-options')).toBe('nosniff')
    expect(headers.get('referrer-policy')).toBe('no-referrer')
    expect(headers.has('www-authenticate')).toBe(status === 401 || name === 'insufficient_scope')
    expect(headers.has('retry-after')).toBe(status === 503 || status === 429)
    expect(headers.has('set-cookie')).toBe(false)
    expect(body).toMatchObject({
      type: `urn:pair:problem:${name}`,
      title: expect.stringMatching(/^[A-Z][A-Za-z ]+$/),
      status,
      code: name,
      docs: `docs/errors.md#${name}`,
    })
    expect(body.detail).toMatch(/\.$/)
    expect(body.hint).toMatch(/\.$/)
    expect(status < 500 || body.detail === message).toBe(true)
    // nothing of the inside: no paths, stacks, addresses, causes
    expect(text).not.toMatch(
      /\bat \/|node:|\.ts\b|Error:|ECONN|hunter2|10\.0\.0\.9|secret\.pem|stack|cause|reason/,
    )
  })

  test('config_invalid is thrown at the start and names the option', () => {
    let thrown: unknown
    try {
      createPair({ secret: 'short', store: memoryStore() })
    } catch (error) {
      thrown = error
    }
    expect(isPairError(thrown)).toBe(true)
    expect(thrown).toMatchObject({
      code: 'config_invalid',
      message: expect.stringContaining('secret'),
      hint: expect.any(String),
    })
    expect(String((thrown as Error).message)).not.toContain('short')
    expect(() => createPair({ secret: 'x'.repeat(40) } as never)).toThrow(/store/)
  })

  test('with members that help: the server’s time, the missing scopes, the methods, the wait', async () => {
    const edge = createEdge()
    expect((await WAYS.proof_invalid(edge)).body.time).toBe(new Date(edge.now()).toISOString())
    expect((await WAYS.insufficient_scope(createEdge())).body.scopes).toEqual(['notes:write'])
    expect((await WAYS.method_not_allowed(edge)).headers.get('allow')).toBeTruthy()
    expect((await WAYS.store_busy(edge)).body.retryAfter).toBe(1)
    expect((await WAYS.admission_refused(createEdge())).body.admission).toBe('code')
    expect((await WAYS.approval_decided(createEdge())).body.state).toBe('rejected')
    const { headers, body } = await WAYS.approval_limited(createEdge())
    // places are kept for half of the ten minutes
    expect([headers.get('retry-after'), body.retryAfter]).toEqual(['300', 300])
  })

  test('and a listener that throws takes nobody’s answer away', async () => {
    const { pair, call } = createEdge()
    pair.on('refused', () => {
      throw new Error('of the app')
    })
    const heard: string[] = []
    pair.on('refused', ({ code: refused }) => void heard.push(refused))
    expect(await call('/auth/nothing')).toMatchObject({ status: 404 })
    expect(await pair.guard(new Request(`${HERE}/notes`), undefined, {})).toMatchObject({
      ok: false,
    })
    expect(heard).toEqual(['not_found', 'session_required'])
  })

  test('and never holds what was sent: code, token, cookie or body', async () => {
    const edge = createEdge()
    const typed = 'ABC-DEF-GH2'
    const secret = 'AAAAAAAAAAAAAAAAAAAAAA'
    for (const sent of [typed, secret, `${typed}0`]) {
      const { text } = await edge.call('/auth/redeem', { body: { code: sent } })
      expect(text).not.toContain(sent)
    }
    const { text } = await edge.call('/auth/codes', {
      headers: { authorization: 'Bearer top.secret.token' },
    })
    expect(text).not.toContain('secret.token')
    const odd = await edge.call('/auth/<script>alert(1)</script>')
    expect(odd.text).not.toContain('script')
  })
})

describe('an address or method that there is not', () => {
  test.each([
    ['/auth', 404],
    ['/auth/', 404],
    ['/auth/nothing', 404],
    ['/auth/session/', 404],
    ['/auth/session/x', 404],
    ['/auth//session', 404],
    ['/auth/Session', 404],
    ['/auth/%73ession', 404],
    ['/auth/session%00', 404],
    ['/auth/sessions/a/b', 404],
    ['/auth/approvals/a/b', 404],
    ['/auth/approvals/a/approve/c', 404],
    ['/auth/admission/x', 404],
    ['/auth/../auth/session', 200],
    ['/auth/./session', 200],
    ['/auth/session?x=%ff&x=1', 200],
    ['/auth/__proto__', 404],
    ['/auth/constructor', 404],
  ])('NET-05 %s is answered %i', async (path, status) => {
    expect((await createEdge().call(path)).status).toBe(status)
  })

  test('NET-05 of another part of the app is not ours', async () => {
    const { pair } = createEdge()
    for (const path of [
      '/',
      '/authx',
      '/authx/session',
      '/Auth/session',
      '/x/auth/session',
      '/pair',
      '/auth%2Fsession',
      '//auth/session',
    ])
      expect(await pair.handler(new Request(HERE + path))).toBeNull()
  })

  test.each([
    ['DELETE', 'session', 'GET, HEAD'],
    ['POST', 'health', 'GET, HEAD'],
    ['GET', 'redeem', 'POST'],
    ['GET', 'request', 'POST'],
    ['GET', 'claim', 'POST'],
    ['DELETE', 'withdraw', 'POST'],
    ['GET', 'claim-owner', 'POST'],
    ['POST', 'approvals', 'GET, HEAD'],
    ['POST', 'admission', 'GET, HEAD, PUT'],
    ['GET', 'approvals/apr_aaaaaaaaaaaaaaaaaaaaaa', 'DELETE'],
    ['PUT', 'approvals/apr_aaaaaaaaaaaaaaaaaaaaaa/approve', 'POST'],
    ['PUT', 'codes', 'GET, HEAD, POST'],
    ['GET', 'codes/cod_aaaaaaaaaaaaaaaaaaaaaa', 'DELETE'],
    ['GET', 'devices/dev_aaaaaaaaaaaaaaaaaaaaaa', 'DELETE, PATCH'],
    ['PUT', 'sessions/ses_aaaaaaaaaaaaaaaaaaaaaa', 'DELETE, PATCH'],
    ['OPTIONS', 'session', 'GET, HEAD'],
    ['OPTIONS', 'codes', 'GET, HEAD, POST'],
    ['HEAD', 'logout', 'POST'],
    ['QUERY', 'session', 'GET, HEAD'],
    ['PATCH', 'access/events', 'GET, HEAD'],
  ])('NET-05 %s %s is answered 405, with Allow: %s', async (method, path, allow) => {
    const { status, headers, text, body } = await createEdge().call(`/auth/${path}`, { method })
    expect(status).toBe(405)
    expect(headers.get('allow')?.split(', ').sort().join(', ')).toBe(allow)
    expect(method === 'HEAD' ? text : body.code).toBe(method === 'HEAD' ? '' : 'method_not_allowed')
  })

  test('NET-05 changes nothing: not the session, not the code', async () => {
    const edge = createEdge()
    const owner = await edge.owner()
    const typed = await code(edge)
    for (const method of ['PUT', 'PATCH', 'DELETE']) {
      expect((await edge.call('/auth/redeem', { method, body: { code: typed } })).status).toBe(405)
      expect((await owner.call('/auth/logout', { method, body: {} })).status).toBe(405)
    }
    expect((await owner.call('/auth/session')).body.authenticated).toBe(true)
    await pairKeyed(edge, typed)
  })
})

test('NET-05 HEAD answers as GET does, without a body, and holds nothing open', async () => {
  const edge = createEdge()
  const owner = await edge.owner()
  for (const path of [
    'session',
    'health',
    'codes',
    'approvals',
    'admission',
    'access',
    'access/events',
    'nothing',
  ]) {
    const request = async (method: string): Promise<Response | null> =>
      edge.pair.handler(
        new Request(`${HERE}/auth/${path}`, {
          method,
          headers: await owner.headers(method, `/auth/${path}`),
        }),
      )
    const [get, head] = [await request('GET'), await request('HEAD')]
    expect(head?.status).toBe(get?.status)
    expect([path, head?.body === null]).toEqual([path, true])
    expect([...(head?.headers ?? [])]).toEqual([...(get?.headers ?? [])])
    await get?.body?.cancel()
  }
})

test('NET-06 a stranger learns nothing of the server by health, session and refusals', async () => {
  const edge = createEdge()
  const health = await edge.call('/auth/health')
  expect(health.text).toBe('{"status":"ok"}')
  const guest = await edge.call('/auth/session')
  expect(guest.body).toEqual({
    authenticated: false,
    server: { version: 1, time: new Date(edge.now()).toISOString(), admission: 'code' },
  })
  // another secret, other scopes, devices and codes: to the byte the same
  const other = createEdge({
    secret: 'another secret of these tests, 32 bytes',
    scopes: ['other'],
    namespace: 'other',
    publicUrl: 'https://home.example',
  })
  await other.bearer()
  for (const path of ['/auth/health', '/auth/session', '/auth/codes', '/auth/nothing']) {
    const [mine, its] = [await edge.call(path), await other.call(path)]
    expect(its.text).toBe(mine.text)
    expect([...its.headers]).toEqual([...mine.headers])
  }
  for (const { headers } of [health, guest]) {
    expect([...headers.keys()].sort()).toEqual([
      'cache-control',
      'content-type',
      'referrer-policy',
      'x-content-type-options',
    ])
  }
})

test('NET-06 health does not ask the store and says nothing of it', async () => {
  const store = { ...memoryStore(), read: () => Promise.reject(new Error('down')) }
  expect(await createEdge({ store }).call('/auth/health')).toMatchObject({
    status: 200,
    text: '{"status":"ok"}',
  })
})

describe('SEC-08 strangers get the same bytes', () => {
  test('for codes unknown, used, expired, revoked, evicted, bound to another key or of an issuer who is gone', async () => {
    const edge = createEdge()
    const owner = await edge.owner()
    const issue = (request = {}): ReturnType<typeof edge.pair.codes.issue> =>
      edge.pair.codes.issue({ origin: HERE, ...request })
    const used = await issue()
    await edge.call('/auth/redeem', { body: { code: used.typed } })
    const revoked = await issue()
    await edge.pair.codes.revoke(revoked.code.id)
    const bound = await issue({ boundThumbprint: 'a'.repeat(43) })
    const orphan = (await owner.call('/auth/codes', { body: {} })).body
    const expired = await issue({ expiresInMs: 30_000 })
    await edge.pair.sessions.revoke(owner.sessionId)
    edge.pass(30_000)
    const unknown = { typed: '222-222-222', link: `${HERE}/pair#code=${'A'.repeat(22)}` }
    const answers = []
    for (const { typed, link } of [unknown, used, revoked, bound, orphan, expired]) {
      for (const sent of [typed, new URL(link).hash.slice('#code='.length)]) {
        // Each from an address of its own: how much is left there is told too.
        const info = { remoteAddress: addressOf(1 + answers.length) }
        const { status, text, headers } = await edge.call('/auth/redeem', {
          body: { code: sent },
          info,
        })
        answers.push({ status, text, headers: [...headers] })
      }
    }
    expect(answers[0]).toMatchObject({ status: 401 })
    for (const answer of answers) expect(answer).toEqual(answers[0])
    // and where more is asked than the code gives
    const wide = await edge.call('/auth/redeem', {
      body: { code: used.typed, scopes: ['notes:read'], transport: 'bearer' },
    })
    expect(wide.text).toBe(answers[0]?.text)
  })

  test('for ids that never were, of another kind, or of what has ended', async () => {
    const edge = createEdge()
    const owner = await edge.owner()
    const other = await edge.owner()
    await edge.pair.devices.revoke(other.deviceId)
    const gone = await edge.pair.codes.issue({ origin: HERE })
    await edge.pair.codes.revoke(gone.code.id)
    const texts = []
    for (const path of [
      `sessions/${other.sessionId}`,
      `sessions/ses_${'a'.repeat(22)}`,
      `sessions/${owner.deviceId}`,
      'sessions/x',
      `sessions/${'x'.repeat(1_900)}`,
      'sessions/%00',
      'sessions/..%2f..%2fdevice',
      `devices/${other.deviceId}`,
      `devices/dev_${'a'.repeat(22)}`,
      `devices/${owner.sessionId}`,
      `codes/${gone.code.id}`,
      `codes/cod_${'a'.repeat(22)}`,
      `approvals/apr_${'a'.repeat(22)}`,
      `approvals/${owner.sessionId}`,
      'approvals/x',
    ]) {
      const { status, text } = await owner.call(`/auth/${path}`, { method: 'DELETE' })
      expect([path, status]).toEqual([path, 404])
      texts.push(text)
    }
    expect(new Set(texts).size).toBe(1)
  })
})

test('a fault behind a guard is a problem too: it never throws', async () => {
  const store = { ...memoryStore(), read: () => Promise.reject(new Error('down')) }
  const good = createEdge()
  const authorization = await good.bearer()
  const { pair } = createEdge({ store })
  const request = (): Request => new Request(`${HERE}/notes`, { headers: { authorization } })
  const guarded = await pair.guard(request(), undefined, {})
  expect(guarded).toMatchObject({ ok: false, response: { status: 503 } })
  expect(await pair.identify(request())).toMatchObject({ ok: false, response: { status: 503 } })
  const socket = await pair.openSocket(request(), undefined, {})
  expect(socket).toMatchObject({ status: 503 })
  expect((await read(socket as Response)).body.code).toBe('store_unavailable')
})
