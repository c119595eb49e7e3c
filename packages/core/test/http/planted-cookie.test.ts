import { expect, test } from 'vitest'
import { createEdge, HERE, toRequest, type Answer } from '../kit/edge.ts'
import { ORIGIN } from '../kit/server.ts'

/** A paired browser into which somebody else planted a second cookie of our name. */
async function planted(): Promise<{
  edge: ReturnType<typeof createEdge>
  headers: { cookie: string }
}> {
  const edge = createEdge()
  const { cookie } = await edge.owner()
  const name = cookie.split('=', 1)[0]!
  return { edge, headers: { cookie: `${cookie}; ${name}=planted` } }
}

const codeOf = ({ status, body }: Answer): unknown[] => [status, body.code]
const DUPLICATE = [400, 'duplicate_credentials']

test('SEC-10 two cookies of our name are refused wherever a session is asked for', async () => {
  const { edge, headers } = await planted()
  expect(codeOf(await edge.call('/auth/session', { headers }))).toEqual(DUPLICATE)
  expect(codeOf(await edge.call('/auth/logout', { method: 'POST', headers }))).toEqual(DUPLICATE)
  for (const path of ['/codes', '/sessions', '/devices', '/access', '/access/events'])
    expect(codeOf(await edge.call(`/auth${path}`, { headers }))).toEqual(DUPLICATE)
  const tickets = await edge.call('/auth/tickets', { body: { for: 'socket' }, headers })
  expect(codeOf(tickets)).toEqual(DUPLICATE)
})

test('SEC-10 two cookies of our name are refused by every guard', async () => {
  const { edge, headers } = await planted()
  const request = (): Request => toRequest('/notes', { headers: { ...headers, origin: ORIGIN } })
  const identified = await edge.pair.identify(request())
  const guarded = await edge.pair.guard(request(), undefined, {})
  const opened = await edge.pair.openSocket(request(), undefined, {})
  if (identified.ok || guarded.ok || !(opened instanceof Response)) throw new Error('let through')
  for (const response of [identified.response, guarded.response, opened])
    expect([response.status, (await response.json()).code]).toEqual(DUPLICATE)
  await expect(edge.pair.authenticate(request())).rejects.toMatchObject({ code: DUPLICATE[1] })
})

test('SEC-10 two proofs are refused also where no cookie is asked for', async () => {
  const edge = createEdge()
  const { typed } = await edge.pair.codes.issue({ origin: HERE })
  const headers = { dpop: 'a, b' }
  const answer = await edge.call('/auth/redeem', { body: { code: typed }, headers })
  expect(codeOf(answer)).toEqual(DUPLICATE)
  expect((await edge.call('/auth/redeem', { body: { code: typed } })).status).toBe(200)
})
