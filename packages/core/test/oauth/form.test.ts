import { describe, expect, test } from 'vitest'
import { oauth } from '../../src/oauth.ts'
import { createServer, type Call } from '../kit/newcomers.ts'
import { CLIENT, DEVICE_GRANT, openDesk } from './desk.ts'

const TYPE = 'application/x-www-form-urlencoded'
const BODY = `client_id=${CLIENT.id}&scope=notes%3Aread`

/** What `/device_authorization` says to that request, and in which form. */
async function told(call: Call): Promise<[number, unknown]> {
  const desk = await openDesk()
  const { status, body, headers } = await desk.server.call('/auth/device_authorization', {
    method: 'POST',
    ...call,
    headers: { 'content-type': TYPE, ...call.headers },
  })
  expect(headers.get('content-type')).toBe('application/json')
  expect(headers.get('cache-control')).toBe('no-store')
  return [status, status === 200 ? Object.keys(body) : body.error]
}

const WAITS = [
  200,
  ['device_code', 'user_code', 'verification_uri', 'expires_in', 'interval'],
] as const
const INVALID = [400, 'invalid_request'] as const

describe('a form', () => {
  test('NET-03 is read as RFC 6749 writes it', async () => {
    expect(await told({ body: BODY })).toEqual(WAITS)
    expect(
      await told({ body: `${BODY}&`, headers: { 'content-type': `${TYPE};charset=utf-8` } }),
    ).toEqual(WAITS)
    // An empty one is not there, an unknown one is ignored.
    expect(await told({ body: `client_id=${CLIENT.id}&scope=&x=1` })).toEqual(WAITS)
    expect(await told({ body: `client_id=${CLIENT.id}&scope=notes:read+notes:write` })).toEqual(
      WAITS,
    )
  })

  test.each([
    ['JSON', { body: { client_id: CLIENT.id }, headers: { 'content-type': 'application/json' } }],
    ['without a type', { body: BODY, headers: { 'content-type': 'text/plain' } }],
    ['a parameter twice', { body: `${BODY}&scope=notes%3Awrite` }],
    ['one twice that nobody knows', { body: `${BODY}&x=1&x=1` }],
    ['one twice under another spelling', { body: `${BODY}&%73cope=` }],
    ['what is no UTF-8', { body: `${BODY}&x=%ff` }],
    ['an overlong coding', { body: `${BODY}&x=%c0%af` }],
    ['half a coding', { body: `${BODY}&x=%e` }],
    ['a control character', { body: `${BODY}&x=%00` }],
    ['a letter that no parameter has', { body: `${BODY}&x=%C3%A9` }],
  ] satisfies [string, Call][])('NET-03 is refused: %s', async (_, call) => {
    expect(await told(call)).toEqual(INVALID)
  })

  test('NET-03 ends at 16 KiB', async () => {
    expect(await told({ body: `${BODY}&x=${'x'.repeat(16_384)}` })).toEqual([
      413,
      'invalid_request',
    ])
    const headers = { 'content-length': '9999999' }
    expect(await told({ body: BODY, headers })).toEqual([413, 'invalid_request'])
  })

  test('NET-03 is the same where a body parser has run', async () => {
    const parsed = (parsedBody: unknown): Promise<[number, unknown]> =>
      told({ info: { remoteAddress: '127.0.0.1', parsedBody } })
    expect(await parsed({ client_id: CLIENT.id, scope: 'notes:read' })).toEqual(WAITS)
    for (const scope of [['notes:read', 'notes:write'], { a: 'notes:read' }, 1, '\uFFFD', 'é'])
      expect(await parsed({ client_id: CLIENT.id, scope })).toEqual(INVALID)
    for (const body of [[], 'client_id=x', null]) expect(await parsed(body)).toEqual(INVALID)
    const long = { client_id: CLIENT.id, x: 'x'.repeat(16_384) }
    expect(await parsed(long)).toEqual([413, 'invalid_request'])
  })
})

describe('a token request', () => {
  test.each([
    [{}, 'invalid_request'],
    [{ grant_type: DEVICE_GRANT }, 'invalid_request'],
    [{ grant_type: 'refresh_token' }, 'invalid_request'],
    [{ grant_type: 'password' }, 'unsupported_grant_type'],
    [{ grant_type: 'authorization_code', code: 'x' }, 'unsupported_grant_type'],
    [{ grant_type: DEVICE_GRANT, device_code: 'x' }, 'invalid_grant'],
    [{ grant_type: 'refresh_token', refresh_token: 'x' }, 'invalid_grant'],
  ])('%o is told %s', async (params, error) => {
    const desk = await openDesk()
    const { status, body } = await desk.form('/auth/token', { client_id: CLIENT.id, ...params })
    expect([status, body.error]).toEqual([400, error])
    expect(String(body.error_description)).toMatch(/^[ !#-[\]-~]+$/)
  })

  test('is refused without a client, whatever it brings', async () => {
    const desk = await openDesk()
    const { device_code, user_code } = await desk.shown()
    await desk.decide('approve', user_code)
    const params = { grant_type: DEVICE_GRANT, device_code }
    expect((await desk.form('/auth/token', params)).body.error).toBe('invalid_client')
    expect(await desk.told(device_code)).toBe('in')
  })

  test('is refused to pages of others', async () => {
    const desk = await openDesk()
    const headers = { origin: 'https://evil.example' }
    const answer = await desk.form('/auth/token', { client_id: CLIENT.id }, { headers })
    expect([answer.status, answer.body.code]).toEqual([403, 'origin_refused'])
  })
})

test('an operator hears why a client was refused', async () => {
  const desk = await openDesk()
  await desk.ask({ client_id: 'nobody' })
  expect(desk.server.refusals.at(-1)).toMatchObject({
    code: 'invalid_request',
    reason: 'No client of that id is registered.',
    path: '/auth/device_authorization',
  })
})

test('the options are checked', () => {
  const open = (clients: unknown): unknown =>
    createServer({ extensions: [oauth({ clients: clients as never })] })
  const invalid = expect.objectContaining({ code: 'config_invalid' })
  const caught = (make: () => unknown): unknown => {
    try {
      make()
    } catch (error) {
      return error
    }
    return null
  }
  expect(caught(() => open([CLIENT]))).toBeNull()
  for (const clients of [
    undefined,
    [],
    [null],
    [{ id: 'a b', label: 'x' }],
    [{ id: '', label: 'x' }],
    [{ id: 'a', label: '\u202E' }],
    [{ id: 'a', label: 'x', scopes: ['other'] }],
    [{ id: 'a', label: 'x', scopes: [] }],
    [{ id: 'a', label: 'x', scopes: ['notes:read', 'notes:read'] }],
    [{ id: 'a', label: 'x', scopes: [['notes:read']] }],
    [{ id: 'a', label: 'x', scopes: null }],
    [CLIENT, CLIENT],
  ])
    expect(caught(() => open(clients))).toEqual(invalid)
  for (const verificationPath of ['device', '/', '/device?code=', '/../x', 7])
    expect(
      caught(() => oauth({ clients: [CLIENT], verificationPath: verificationPath as never })),
    ).toEqual(invalid)
  expect(caught(() => oauth(null as never))).toEqual(invalid)
})
