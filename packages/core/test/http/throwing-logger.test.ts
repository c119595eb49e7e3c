import { expect, test } from 'vitest'
import { faultyStore, type FaultyStore } from '@pair/testkit/store'
import type { Pair } from '../../src/pair.ts'
import type { Logger } from '../../src/ports/runtime.ts'
import { memoryStore } from '../../src/storage/memory/memory-store.ts'
import { createEdge, HERE, toRequest, type Call, type Edge } from '../kit/edge.ts'

const fail = (): never => {
  throw new Error('the disk of the log is full')
}
const THROWING: Logger = { debug: fail, info: fail, warn: fail, error: fail }

/** A server whose log is broken, and its line to the store. */
function createDeaf(): { edge: Edge; line: FaultyStore } {
  const line = faultyStore(memoryStore())
  return { edge: createEdge({ store: line.store, logger: THROWING }), line }
}

/** From now on every call of the store fails. */
async function cut({ pair }: Edge, line: FaultyStore): Promise<void> {
  line.plan('commit', 'error-before', { thenDown: true })
  await expect(pair.codes.issue({ origin: HERE })).rejects.toMatchObject({
    code: 'store_unavailable',
  })
}

const REFUSED: [name: string, path: string, call: Call, status: number][] = [
  ['no session', '/codes', {}, 401],
  ['no such route', '/nothing', {}, 404],
  ['a wrong method', '/redeem', {}, 405],
  ['a wrong code', '/redeem', { body: { code: '222-222-222' } }, 401],
  ['no JSON', '/redeem', { body: '{' }, 400],
  ['a foreign host', '/session', { headers: { host: 'evil.example' } }, 403],
  ['a foreign page', '/logout', { method: 'POST', headers: { origin: 'https://e.example' } }, 403],
  ['two proofs', '/session', { headers: { dpop: 'a, b' } }, 400],
]

test.each(REFUSED)('NET-05 %s is answered though the log throws', async (_, path, call, status) => {
  const { edge } = createDeaf()
  const answer = await edge.call(`/auth${path}`, call)
  expect(answer.status).toBe(status)
  expect(answer.headers.get('content-type')).toBe('application/problem+json')
})

/** The status that each surface answers with; 0: it let the request pass. */
async function surfaces(pair: Pair, headers: Record<string, string>): Promise<number[]> {
  const request = (): Request => toRequest('/notes', { headers })
  const identified = await pair.identify(request())
  const guarded = await pair.guard(request(), undefined, { scopes: ['notes:read'] })
  const opened = await pair.openSocket(request(), undefined, {})
  return [
    identified.ok ? 0 : identified.response.status,
    guarded.ok ? 0 : guarded.response.status,
    opened instanceof Response ? opened.status : 0,
  ]
}

test('NET-01 every guard refuses with an answer though the log throws', async () => {
  const { edge } = createDeaf()
  expect(await surfaces(edge.pair, {})).toEqual([0, 401, 401])
  expect(await surfaces(edge.pair, { authorization: 'Bearer junk' })).toEqual([0, 401, 401])
  expect(await surfaces(edge.pair, { host: 'evil.example' })).toEqual([403, 403, 403])
  expect(await surfaces(edge.pair, { dpop: 'a, b' })).toEqual([400, 400, 400])
})

test('NET-01 every guard lets a session pass though the log throws', async () => {
  const { edge } = createDeaf()
  const authorization = await edge.bearer()
  expect(await surfaces(edge.pair, { authorization })).toEqual([0, 0, 0])
})

test('NET-05 a store that is away is answered 503 everywhere though the log throws', async () => {
  const { edge, line } = createDeaf()
  const authorization = await edge.bearer()
  await cut(edge, line)
  expect(await surfaces(edge.pair, { authorization })).toEqual([503, 503, 503])
  const answer = await edge.call('/auth/session', { headers: { authorization } })
  expect([answer.status, answer.body.code]).toEqual([503, 'store_unavailable'])
  const redeem = await edge.call('/auth/redeem', { body: { code: '222-222-222' } })
  expect(redeem.status).toBe(503)
})

test('NET-05 a record that can not be read is answered though the log throws', async () => {
  const { edge } = createDeaf()
  const authorization = await edge.bearer()
  for (const { key } of await edge.store.list(['pair', 'session'], { limit: 10 }))
    await edge.store.commit([], [{ key, value: 'junk', purgeAt: null }])
  expect(await surfaces(edge.pair, { authorization })).toEqual([0, 401, 401])
  const answer = await edge.call('/auth/session', { headers: { authorization } })
  expect(answer).toMatchObject({ status: 200, body: { authenticated: false } })
})

test('NET-05 a listener for refusals that throws spoils no answer though the log throws too', async () => {
  const { edge } = createDeaf()
  let heard = 0
  edge.pair.on('refused', fail)
  edge.pair.on('refused', () => void heard++)
  expect((await edge.call('/auth/codes')).status).toBe(401)
  expect(await surfaces(edge.pair, {})).toEqual([0, 401, 401])
  expect(heard).toBe(3)
})
