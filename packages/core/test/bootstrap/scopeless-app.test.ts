import { expect, test } from 'vitest'
import { createPair, memoryStore, type Pair } from '../../src/index.ts'
import { createEdge, HERE, pairKeyed, type Edge, type Keyed } from '../kit/edge.ts'

const ORIGIN = 'http://localhost:3000'
const secret = 'an-app-without-scopes-needs-a-secret-too'

async function redeem(pair: Pair<never>, code: string): Promise<Response | null> {
  const body = JSON.stringify({ code, transport: 'bearer' })
  const headers = { 'content-type': 'application/json' }
  const request = new Request(`${ORIGIN}/auth/redeem`, { method: 'POST', headers, body })
  return pair.handler(request, { remoteAddress: '127.0.0.1' })
}

test('an app without scopes of its own issues codes that let in and name none', async () => {
  const pair = createPair({ secret, store: memoryStore() })
  const { typed, code } = await pair.codes.issue({ origin: ORIGIN })
  expect(code.scopes).toEqual([])
  expect((await redeem(pair, typed))?.status).toBe(200)
  await pair.close()
})

test('an app without scopes of its own lets in a device without a key by its start-up code, without access:*', async () => {
  const pair = createPair({ secret, store: memoryStore() })
  const { typed } = await pair.startupCode({ origin: ORIGIN })
  const answer = await (await redeem(pair, typed))?.json()
  expect(answer).toMatchObject({ status: 'authorized', session: { scopes: [] } })
  await pair.close()
})

test('CODE-11 in an app with scopes a device without a key burns no code that gives only access:*', async () => {
  const pair = createPair({ secret, store: memoryStore(), scopes: ['notes:read'] })
  const { typed, code } = await pair.codes.issue({ origin: ORIGIN, scopes: ['access:read'] })
  const refused = await redeem(pair as unknown as Pair<never>, typed)
  expect([refused?.status, (await refused!.json()).code]).toEqual([403, 'device_key_required'])
  expect((await pair.codes.list()).items.map(({ id }) => id)).toEqual([code.id])
  await pair.close()
})

/** An app without scopes, and the device that was let in by its start-up code. */
async function scopeless(): Promise<{ edge: Edge; owner: Keyed }> {
  const edge = createEdge({ scopes: [] })
  const { typed } = await edge.pair.startupCode({ origin: HERE })
  return { edge, owner: await pairKeyed(edge, typed) }
}

const idsOf = ({ body }: { body: { items: { id: string }[] } }): string[] =>
  body.items.map(({ id }) => id)

test('CODE-14 in an app without scopes the code that a keyed device issues is listed, redeemed by another, and gone', async () => {
  const { edge, owner } = await scopeless()
  const issued = await owner.call('/auth/codes', { body: {} })
  expect([issued.status, issued.body.code.scopes]).toEqual([201, []])
  expect(idsOf(await owner.call('/auth/codes'))).toEqual([issued.body.code.id])
  const guest = await pairKeyed(edge, issued.body.typed)
  const { body } = await guest.call('/auth/session')
  expect(body).toMatchObject({ authenticated: true, session: { scopes: [] } })
  expect(idsOf(await owner.call('/auth/codes'))).toEqual([])
  const again = await edge.call('/auth/redeem', { body: { code: issued.body.typed } })
  expect([again.status, again.body.code]).toEqual([401, 'code_invalid'])
})

test('CODE-14 in an app without scopes the code that a keyed device issues lets in a device without a key', async () => {
  const { edge, owner } = await scopeless()
  const issued = await owner.call('/auth/codes', { body: {} })
  const answer = await edge.call('/auth/redeem', { body: { code: issued.body.typed } })
  expect([answer.status, answer.body.session?.scopes]).toEqual([200, []])
})

test('CODE-14 in an app without scopes the code that a keyed device issued can be revoked', async () => {
  const { edge, owner } = await scopeless()
  const issued = await owner.call('/auth/codes', { body: {} })
  const path = `/auth/codes/${issued.body.code.id}`
  expect((await owner.call(path, { method: 'DELETE' })).status).toBe(204)
  expect((await owner.call(path, { method: 'DELETE' })).status).toBe(404)
  expect(idsOf(await owner.call('/auth/codes'))).toEqual([])
  const late = await edge.call('/auth/redeem', { body: { code: issued.body.typed } })
  expect([late.status, late.body.code]).toEqual([401, 'code_invalid'])
})

test('CODE-15 in an app without scopes a code ends with the session that issued it', async () => {
  const { edge, owner } = await scopeless()
  const issued = await owner.call('/auth/codes', { body: {} })
  expect(issued.status).toBe(201)
  expect((await owner.call('/auth/logout', { method: 'POST' })).status).toBe(204)
  const late = await edge.call('/auth/redeem', { body: { code: issued.body.typed } })
  expect([late.status, late.body.code]).toEqual([401, 'code_invalid'])
})

test('CODE-15 in an app without scopes a device delegates access:* where it has it, and not where it has not', async () => {
  const { edge, owner } = await scopeless()
  const body = { scopes: ['access:read', 'access:write'] }
  const issued = await owner.call('/auth/codes', { body })
  expect([issued.status, issued.body.code.scopes]).toEqual([201, body.scopes])
  expect(idsOf(await owner.call('/auth/codes'))).toEqual([issued.body.code.id])
  const { typed } = (await owner.call('/auth/codes', { body: { scopes: ['access:write'] } })).body
  const guest = await pairKeyed(edge, typed)
  const refused = await guest.call('/auth/codes', { body })
  expect([refused.status, refused.body.code]).toEqual([403, 'insufficient_scope'])
})
