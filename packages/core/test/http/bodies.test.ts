import { describe, expect, test } from 'vitest'
import { createEdge, HERE, type Answer, type Edge } from '../kit/edge.ts'

const bytes = (...parts: (string | number[])[]): Uint8Array =>
  Buffer.concat(
    parts.map((part) => (typeof part === 'string' ? Buffer.from(part) : Buffer.from(part))),
  )

/** A body whose length nobody was told, in pieces. */
function chunked(pieces: Iterable<Uint8Array>): ReadableStream<Uint8Array> {
  const iterator = pieces[Symbol.iterator]()
  return new ReadableStream({
    pull(controller) {
      const { done, value } = iterator.next()
      if (done) controller.close()
      else controller.enqueue(value)
    },
  })
}

const repeat = (text: string, count: number): string => text.repeat(count)
const BROKEN: [
  name: string,
  body: (code: string) => string | Uint8Array,
  status: number,
  code: string,
][] = [
  ['not JSON', () => '{"code":', 400, 'invalid_request'],
  ['blank', () => '   ', 400, 'invalid_request'],
  ['two values', (code) => `{"code":"${code}"}{}`, 400, 'invalid_request'],
  ['an array', (code) => `[{"code":"${code}"}]`, 400, 'invalid_request'],
  ['a text', (code) => `"${code}"`, 400, 'invalid_request'],
  ['null', () => 'null', 400, 'invalid_request'],
  ['a number', () => '1', 400, 'invalid_request'],
  ['a name twice', (code) => `{"code":"222-222-222","code":"${code}"}`, 400, 'invalid_request'],
  [
    'a name twice in another spelling',
    (code) => `{"c\\u006fde":"222-222-222","code":"${code}"}`,
    400,
    'invalid_request',
  ],
  [
    'a name twice below',
    (code) => `{"code":"${code}","device":{"label":"a","label":"b","kind":"app"}}`,
    400,
    'invalid_request',
  ],
  [
    '__proto__',
    (code) => `{"code":"${code}","__proto__":{"transport":"bearer"}}`,
    400,
    'invalid_request',
  ],
  [
    '__proto__ in escapes',
    (code) => `{"code":"${code}","\\u005f_proto__":{}}`,
    400,
    'invalid_request',
  ],
  [
    'constructor',
    (code) => `{"code":"${code}","constructor":{"prototype":{}}}`,
    400,
    'invalid_request',
  ],
  ['prototype below', (code) => `{"code":"${code}","x":{"prototype":1}}`, 400, 'invalid_request'],
  [
    'depth',
    (code) => `{"code":"${code}","x":${repeat('[', 9)}${repeat(']', 9)}}`,
    400,
    'invalid_request',
  ],
  [
    'great depth',
    (code) => `{"code":"${code}","x":${repeat('[', 8_000)}${repeat(']', 8_000)}}`,
    400,
    'invalid_request',
  ],
  ['open depth', () => repeat('{"x":', 3_000), 400, 'invalid_request'],
  [
    'bad UTF-8',
    (code) => bytes(`{"code":"${code}","x":"`, [0xff, 0xfe], '"}'),
    400,
    'invalid_request',
  ],
  [
    'overlong UTF-8',
    (code) => bytes(`{"code":"${code}","x":"`, [0xc0, 0x80], '"}'),
    400,
    'invalid_request',
  ],
  [
    'a surrogate in UTF-8',
    (code) => bytes(`{"code":"${code}","x":"`, [0xed, 0xa0, 0x80], '"}'),
    400,
    'invalid_request',
  ],
  ['cut UTF-8', (code) => bytes(`{"code":"${code}","x":"`, [0xe2, 0x82]), 400, 'invalid_request'],
  [
    'UTF-16',
    (code) => new Uint8Array(Buffer.from(`{"code":"${code}"}`, 'utf16le')),
    400,
    'invalid_request',
  ],
  [
    'a byte order mark',
    (code) => bytes([0xef, 0xbb, 0xbf], `{"code":"${code}"}`),
    400,
    'invalid_request',
  ],
  ['NUL in escapes', (code) => `{"code":"${code}","x":"\\u0000"}`, 400, 'invalid_request'],
  ['a bare NUL', (code) => `{"code":"${code}","x":"\0"}`, 400, 'invalid_request'],
  ['half a character', (code) => `{"code":"${code}","x":"\\ud800"}`, 400, 'invalid_request'],
  [
    'half a character in a name',
    (code) => `{"code":"${code}","\\udc00":1}`,
    400,
    'invalid_request',
  ],
  ['NaN', (code) => `{"code":"${code}","x":NaN}`, 400, 'invalid_request'],
  ['a comment', (code) => `{"code":"${code}"/* */}`, 400, 'invalid_request'],
  [
    'one byte above the limit',
    (code) => JSON.stringify({ code, x: repeat('x', 16_385 - 29) }),
    413,
    'body_too_large',
  ],
  [
    'a huge text',
    (code) => JSON.stringify({ code, device: { label: repeat('x', 1_000_000), kind: 'app' } }),
    413,
    'body_too_large',
  ],
  [
    'a megabyte of blanks',
    (code) => `${repeat(' ', 1_048_576)}{"code":"${code}"}`,
    413,
    'body_too_large',
  ],
  [
    'a label of 81 letters',
    (code) => JSON.stringify({ code, device: { label: repeat('x', 81), kind: 'app' } }),
    400,
    'invalid_request',
  ],
  [
    'a label of 15 kB',
    (code) => JSON.stringify({ code, device: { label: repeat('\u0301', 7_000), kind: 'app' } }),
    400,
    'invalid_request',
  ],
  [
    'a code of 10 kB',
    (code) => JSON.stringify({ code: `${code}${repeat(' ', 10_000)}` }),
    400,
    'invalid_request',
  ],
  ['numbers for texts', () => '{"code":1e999}', 400, 'invalid_request'],
  ['objects for texts', () => '{"code":{"toString":"x"}}', 400, 'invalid_request'],
  [
    '10,000 scopes',
    (code) => JSON.stringify({ code, scopes: Array.from({ length: 3_000 }, () => 'a') }),
    400,
    'invalid_request',
  ],
  ['an empty object', () => '{}', 400, 'invalid_request'],
  ['nothing', () => '', 400, 'invalid_request'],
]

function expectProblem({ status, headers, body }: Answer, code: string): void {
  expect(headers.get('content-type')).toBe('application/problem+json')
  expect(headers.get('cache-control')).toBe('no-store')
  expect(body).toMatchObject({
    code,
    status,
    type: `urn:pair:problem:${code}`,
    title: expect.any(String),
    hint: expect.any(String),
  })
}

async function typedCode(edge: Edge): Promise<string> {
  return (await edge.pair.codes.issue({ origin: HERE })).typed
}

describe('NET-03 a body with', () => {
  test.each(BROKEN)(
    '%s is a problem and costs nothing, in one piece or in many',
    async (_, make, status, code) => {
      const edge = createEdge()
      const typed = await typedCode(edge)
      const body = make(typed)
      const whole = await edge.call('/auth/redeem', { method: 'POST', body })
      expect([whole.status, whole.body.code]).toEqual([status, code])
      expectProblem(whole, code)
      const raw = Buffer.from(body)
      const step = Math.max(1, Math.ceil(raw.length / 64))
      const pieces = Array.from(
        { length: Math.ceil(raw.length / step) },
        (_, at) => new Uint8Array(raw.subarray(at * step, (at + 1) * step)),
      )
      const many = await edge.call('/auth/redeem', { method: 'POST', body: chunked(pieces) })
      expect(many.text).toBe(whole.text)
      expect((await edge.call('/auth/redeem', { body: { code: typed } })).status).toBe(200)
    },
  )

  test('exactly 16 KiB is read', async () => {
    const edge = createEdge()
    const text = JSON.stringify({ code: await typedCode(edge), x: '' })
    const body = text.replace('""', `"${'x'.repeat(16_384 - text.length)}"`)
    expect(body).toHaveLength(16_384)
    expect((await edge.call('/auth/redeem', { body })).status).toBe(200)
  })

  test('no end and no length is left after 16 KiB', async () => {
    const { call } = createEdge()
    let drawn = 0
    function* endless(): Generator<Uint8Array> {
      for (;;) {
        drawn += 1_024
        yield new Uint8Array(1_024).fill(32)
      }
    }
    expect((await call('/auth/redeem', { method: 'POST', body: chunked(endless()) })).status).toBe(
      413,
    )
    expect(drawn).toBeLessThan(64 * 1_024)
  })

  test('a length that lies is found out either way', async () => {
    const edge = createEdge()
    const typed = await typedCode(edge)
    const say = (length: string): ReturnType<typeof edge.call> =>
      edge.call('/auth/redeem', { body: { code: typed }, headers: { 'content-length': length } })
    expect((await say('99999999')).status).toBe(413)
    const huge = JSON.stringify({ code: typed, x: 'x'.repeat(20_000) })
    expect(
      (await edge.call('/auth/redeem', { body: huge, headers: { 'content-length': '10' } })).status,
    ).toBe(413)
    expect((await say('x')).status).toBe(200)
  })

  test('a stream that breaks off is a problem', async () => {
    const { call } = createEdge()
    const body = new ReadableStream({
      pull(controller) {
        controller.error(new Error('reset'))
      },
    })
    expect(await call('/auth/redeem', { method: 'POST', body })).toMatchObject({
      status: 400,
      body: { code: 'invalid_request' },
    })
  })

  test('unknown members is taken, and they change nothing', async () => {
    const edge = createEdge()
    const body = {
      code: await typedCode(edge),
      isAdmin: true,
      subject: 'root',
      grant: { scopes: ['access:write'] },
      device: { label: 'x', kind: 'app', id: 'dev_x' },
    }
    const { status, body: answer } = await edge.call('/auth/redeem', { body })
    expect(status).toBe(200)
    expect(answer.session).toMatchObject({
      subject: 'owner',
      scopes: ['notes:read', 'notes:write'],
    })
    expect(({} as Record<string, unknown>).transport).toBeUndefined()
  })
})

describe('NET-03 a media type', () => {
  test.each([
    ['application/json', 200],
    ['application/json; charset=utf-8', 200],
    ['APPLICATION/JSON ;charset=UTF-8', 200],
    ['text/plain', 415],
    ['application/x-www-form-urlencoded', 415],
    ['multipart/form-data; boundary=x', 415],
    ['application/jsonp', 415],
    ['application/json-patch+json', 415],
    ['application/problem+json', 415],
    ['text/json', 415],
    ['text/plain; application/json', 415],
    ['application/octet-stream', 415],
    ['', 415],
  ])(
    '%j is answered %i and costs nothing, also where a parser read the body',
    async (type, status) => {
      const edge = createEdge()
      for (const parsed of [false, true]) {
        const code = await typedCode(edge)
        const info = parsed ? { parsedBody: { code } } : {}
        const answer = await edge.call('/auth/redeem', {
          body: { code },
          headers: { 'content-type': type },
          info,
        })
        expect([parsed, answer.status]).toEqual([parsed, status])
        expect(answer.body.code).toBe(status === 415 ? 'unsupported_media_type' : undefined)
        const again = await edge.call('/auth/redeem', { body: { code } })
        expect(again.status).toBe(status === 415 ? 200 : 401)
      }
    },
  )

  test('is not asked where there is no body', async () => {
    const edge = createEdge()
    const owner = await edge.owner()
    expect((await owner.call('/auth/sessions/revoke-others', { method: 'POST' })).status).toBe(204)
    expect(
      (
        await owner.call('/auth/sessions/revoke-others', {
          method: 'POST',
          info: { parsedBody: {} },
        })
      ).status,
    ).toBe(204)
    expect((await owner.call('/auth/logout', { method: 'POST' })).status).toBe(204)
  })
})

describe('NET-03 a body that a parser read before', () => {
  const cyclic: Record<string, unknown> = {}
  cyclic.self = cyclic
  const deep = JSON.parse(`${'{"x":'.repeat(40)}1${'}'.repeat(40)}`) as object
  test.each<[string, unknown, number]>([
    ['null', null, 400],
    ['a text', 'code', 400],
    ['an array', [{}], 400],
    ['bytes', Buffer.from('{}'), 400],
    ['a cycle', cyclic, 400],
    ['a BigInt', { code: 1n }, 400],
    ['a function', () => 1, 400],
    ['depth', { code: '222-222-222', deep }, 400],
    ['a prototype name', JSON.parse('{"code":"222-222-222","__proto__":{}}'), 400],
    ['NUL', { code: '222-222-222', x: '\0' }, 400],
    ['half a character', { code: '222-222-222', x: '\ud800' }, 400],
    ['a huge text', { code: '222-222-222', x: 'x'.repeat(1_000_000) }, 413],
    ['16 KiB in three-byte letters', { code: '222-222-222', x: '€'.repeat(6_000) }, 413],
    [
      'a throwing getter',
      Object.defineProperty({}, 'code', {
        enumerable: true,
        get: () => {
          throw new Error('x')
        },
      }),
      400,
    ],
    [
      'a throwing toJSON',
      {
        toJSON: () => {
          throw new Error('x')
        },
      },
      400,
    ],
    ['what stays of nothing', {}, 400],
    ['a wrong code', { code: '222-222-222' }, 401],
  ])('%s is refused', async (_, parsedBody, status) => {
    const { call } = createEdge()
    const answer = await call('/auth/redeem', {
      body: { code: '333-333-333' },
      info: { parsedBody },
    })
    expect(answer.status).toBe(status)
    expect(answer.headers.get('content-type')).toBe('application/problem+json')
  })

  test('is taken instead of the spent stream, and a proof covers it as it was parsed', async () => {
    const edge = createEdge()
    const code = await typedCode(edge)
    const request = new Request(`${HERE}/auth/redeem`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ code }),
    })
    const parsedBody: unknown = await request.json()
    const response = await edge.pair.handler(request, { parsedBody })
    expect(response?.status).toBe(200)
  })

  test('and that nobody hands on is a fault of the server, whose log says the mend', async () => {
    const lines: unknown[] = []
    const error = (_: string, fields?: object): void => void lines.push(fields)
    const edge = createEdge({ logger: { debug() {}, info() {}, warn() {}, error } })
    const make = (): Request =>
      new Request(`${HERE}/auth/redeem`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: '{}',
      })
    const used = make()
    await used.text()
    const locked = make()
    locked.body?.getReader()
    for (const request of [used, locked])
      expect((await edge.pair.handler(request))?.status).toBe(500)
    expect(lines).toEqual(
      Array.from({ length: 2 }, () =>
        expect.objectContaining({ reason: expect.stringContaining('parsedBody') }),
      ),
    )
  })
})

describe('NET-03 every route that takes a body', () => {
  test('answers a broken one with a 4xx problem, and nothing has changed', async () => {
    const edge = createEdge()
    const owner = await edge.owner()
    const routes: [string, string][] = [
      ['POST', 'codes'],
      ['PATCH', `sessions/${owner.sessionId}`],
      ['PATCH', `devices/${owner.deviceId}`],
      ['POST', 'tickets'],
      ['POST', 'resource-tokens'],
      ['POST', 'renew'],
      ['POST', 'request'],
      ['POST', 'claim'],
      ['POST', 'withdraw'],
      ['POST', 'claim-owner'],
      ['POST', `approvals/apr_${'a'.repeat(22)}/approve`],
      ['POST', `approvals/apr_${'a'.repeat(22)}/reject`],
      ['PUT', 'admission'],
    ]
    const before = (await owner.call('/auth/access')).body
    for (const [method, path] of routes) {
      for (const body of [
        '{',
        '[]',
        '"x"',
        '{"a":1,"a":2}',
        '{"label":"\\u0000"}',
        `{"x":"${'x'.repeat(20_000)}"}`,
      ]) {
        const answer = await owner.call(`/auth/${path}`, { method, body })
        expect([path, body.slice(0, 20), [400, 413].includes(answer.status)]).toEqual([
          path,
          body.slice(0, 20),
          true,
        ])
        expect(answer.headers.get('content-type')).toBe('application/problem+json')
      }
    }
    for (const body of [
      '{"label":7}',
      '{"label":"\\u202e"}',
      '{"label":""}',
      '{}',
      `{"label":"${'x'.repeat(81)}"}`,
    ])
      expect(
        (await owner.call(`/auth/devices/${owner.deviceId}`, { method: 'PATCH', body })).status,
      ).toBe(400)
    for (const wish of [
      { uses: 0 },
      { uses: 1.5 },
      { uses: 1_001 },
      { uses: -1 },
      { uses: 'many' },
      { uses: null },
      { expiresInSeconds: 29 },
      { expiresInSeconds: 1e300 },
      { expiresInSeconds: -1 },
      { expiresInSeconds: '600' },
      { expiresInSeconds: 2_592_001 },
      { scopes: [] },
      { scopes: ['notes:read', 'notes:read'] },
      { scopes: ['none'] },
      { scopes: 'notes:read' },
      { scopes: [['notes:read']] },
      { boundThumbprint: 'x' },
      { boundThumbprint: '' },
      { label: '' },
      { label: '\u0007' },
      { label: 7 },
    ])
      expect([wish, (await owner.call('/auth/codes', { body: wish })).status]).toEqual([wish, 400])
    expect((await owner.call('/auth/access')).body).toEqual(before)
  })

  const device = { label: 'A newcomer', kind: 'app' }
  test.each<[string, object[]]>([
    [
      'request',
      [
        {},
        { device: null },
        { device: { ...device, label: '' } },
        { device: { ...device, label: '\u202e' } },
        { device: { ...device, label: 'x'.repeat(81) } },
        { device: { ...device, kind: 'server' } },
        { device: { ...device, publicKey: 'x' } },
        { device, transport: 'pigeon' },
        { device, scopes: [] },
        { device, scopes: ['none'] },
        { device, scopes: ['notes:read', 'notes:read'] },
        { device, scopes: 'notes:read' },
        { device, nonce: 7 },
        { device, nonce: 'x'.repeat(129) },
      ],
    ],
    [
      'claim',
      [
        {},
        { claim: 7 },
        { claim: 'x'.repeat(129) },
        ...[-1, 26, 1.5, 1e300, '1', null, true].map((waitSeconds) => ({
          claim: 'x',
          waitSeconds,
        })),
        { claim: 'x', nonce: 'x'.repeat(129) },
      ],
    ],
    ['withdraw', [{}, { claim: null }, { claim: ['x'] }]],
    [
      'claim-owner',
      [{ device }, { secret: 7, device }, { secret: 'x' }, { secret: 'x'.repeat(129), device }],
    ],
  ])('%s refuses what is not as it must be, and nobody waits', async (path, bodies) => {
    const edge = createEdge({ admission: 'approval' })
    for (const body of bodies) {
      const answer = await edge.call(`/auth/${path}`, { body })
      expect([body, answer.status, answer.body.code]).toEqual([body, 400, 'invalid_request'])
      expect(answer.headers.has('set-cookie')).toBe(false)
    }
    expect((await edge.pair.approvals.list()).items).toEqual([])
    const first = await edge.call('/auth/request', { body: { device, nonce: 'x'.repeat(128) } })
    expect(first.status).toBe(202)
  })

  test('a decision and the mode refuse what is not as it must be, and nothing is decided', async () => {
    const edge = createEdge()
    const owner = await edge.owner()
    await edge.pair.admission.set('approval')
    await edge.call('/auth/request', { body: { device } })
    const before = (await owner.call('/auth/access')).body
    const [{ id, digest }] = before.approvals
    for (const verb of ['approve', 'reject']) {
      for (const body of [
        {},
        { digest: 7 },
        { digest: 'x'.repeat(65) },
        { digest, reason: '' },
        { digest, reason: '\u0007' },
        { digest, reason: 'x'.repeat(201) },
        { digest, reason: 7 },
        { digest, scopes: 'notes:read' },
        { digest, scopes: [['notes:read']] },
      ]) {
        const answer = await owner.call(`/auth/approvals/${id}/${verb}`, { body })
        expect([verb, body, answer.status]).toEqual([verb, body, 400])
      }
    }
    for (const scopes of [[], ['none'], ['notes:read', 'notes:read'], ['access:write']]) {
      const answer = await owner.call(`/auth/approvals/${id}/approve`, { body: { digest, scopes } })
      expect([scopes, answer.status]).toEqual([scopes, 400])
    }
    const { version } = before.admission
    for (const body of [
      {},
      { mode: 'code' },
      { version },
      { mode: 'open', version },
      { mode: 'unknown', version },
      { mode: 'Code', version },
      { mode: ['code'], version },
      { mode: 'code', version: 7 },
      { mode: 'code', version: 'x'.repeat(513) },
      { mode: 'code', version, reevaluate: 'yes' },
      { mode: 'code', version, reevaluate: 1 },
    ]) {
      const answer = await owner.call('/auth/admission', { method: 'PUT', body })
      expect([body, answer.status]).toEqual([body, 400])
    }
    expect((await owner.call('/auth/access')).body).toEqual(before)
    const reason = 'x'.repeat(200)
    const done = await owner.call(`/auth/approvals/${id}/reject`, { body: { digest, reason } })
    expect([done.status, done.body.decision.reason]).toEqual([200, reason])
  })
})
