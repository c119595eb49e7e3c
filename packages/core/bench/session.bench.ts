import { jwtVerify, SignJWT } from 'jose'
import { expect, test } from 'vitest'
import { createPair, memoryStore } from '../src/index.ts'

const ORIGIN = 'http://localhost:3000'
const ALL = { max: 1_000_000 }
/** What limits cost is in the figures, but nobody meets one; links, for typed codes all together have a budget. */
const limits = { redeem: ALL, change: ALL, poll: ALL }
const secretOf = (link: string): string => new URL(link).hash.slice('#code='.length)
const secret = crypto.getRandomValues(new Uint8Array(32))

test('a guard on the memory store, beside a bare jose verification', async ({ bench }) => {
  const pair = createPair({ secret, store: memoryStore(), scopes: ['notes:read'] })
  const { typed } = await pair.startupCode({ origin: ORIGIN })
  const redeemed = await pair.handler(
    new Request(`${ORIGIN}/auth/redeem`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ code: typed, transport: 'bearer' }),
    }),
    { remoteAddress: '127.0.0.1' },
  )
  const { accessToken } = (await redeemed!.json()) as { accessToken: string }
  const guard = async (): Promise<void> => {
    const request = new Request(`${ORIGIN}/notes`, {
      headers: { authorization: `Bearer ${accessToken}` },
    })
    const { ok } = await pair.guard(
      request,
      { remoteAddress: '127.0.0.1' },
      { scopes: ['notes:read'] },
    )
    if (!ok) throw new Error('refused')
  }
  const token = await new SignJWT({})
    .setProtectedHeader({ alg: 'HS256' })
    .setExpirationTime('1h')
    .sign(secret)
  const bare = async (): Promise<void> => void (await jwtVerify(token, secret))

  const jose = await bench('jose jwtVerify, HS256, no state', bare).run({ time: 500 })
  const ours = await bench('guard: token, epoch, session, grant, device', guard).run({ time: 500 })
  console.log(
    `guard ${(ours.throughput.mean / jose.throughput.mean).toFixed(2)} × a bare jose verification`,
  )
  expect(ours.throughput.mean).toBeGreaterThan(0)
  await pair.close()
})

test('codes issued and redeemed on the memory store', async ({ bench }) => {
  const pair = createPair({ secret, store: memoryStore(), scopes: ['notes:read'], limits })
  const cycle = async (): Promise<void> => {
    const { link } = await pair.codes.issue({ origin: ORIGIN })
    const response = await pair.handler(
      new Request(`${ORIGIN}/auth/redeem`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ code: secretOf(link), transport: 'bearer' }),
      }),
      { remoteAddress: '127.0.0.1' },
    )
    if (response?.status !== 200) throw new Error('refused')
  }
  const ours = await bench('issue and redeem', cycle).run({ time: 500 })
  expect(ours.throughput.mean).toBeGreaterThan(0)
  await pair.close()
})

test('a request asked, approved and collected, beside a code issued and redeemed', async ({
  bench,
}) => {
  let at = Date.now()
  const clock = (): number => at
  const open = (admission: 'code' | 'approval'): ReturnType<typeof createPair> =>
    createPair({
      secret,
      store: memoryStore({ clock }),
      clock,
      admission,
      keyless: 'full',
      limits,
    })
  const [byCode, byPerson] = [open('code'), open('approval')]
  const send = async (
    pair: typeof byCode,
    path: string,
    body: unknown,
    cookie = '',
  ): Promise<Response> => {
    const request = new Request(`${ORIGIN}/auth/${path}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', cookie },
      body: JSON.stringify(body),
    })
    const response = await pair.handler(request, { remoteAddress: '127.0.0.1' })
    if (!response?.ok) throw new Error(`refused: ${response?.status}`)
    return response
  }
  const redeemed = async (): Promise<void> => {
    const { link } = await byCode.codes.issue({ origin: ORIGIN })
    await send(byCode, 'redeem', { code: secretOf(link), transport: 'bearer' })
  }
  let rounds = 0
  const approved = async (): Promise<void> => {
    // as a server does each minute: forget what is over
    if (++rounds % 16 === 0) at += 7_200_000
    if (rounds % 16 === 0) await byPerson.sweep()
    const device = { label: 'bench', kind: 'app' }
    const asked = await send(byPerson, 'request', { device, transport: 'bearer' })
    const { claim, approval } = (await asked.json()) as {
      claim: string
      approval: { id: string }
    }
    const { items } = await byPerson.approvals.list()
    const shown = items.find(({ id }) => id === approval.id)!
    await byPerson.approvals.approve(shown.id, { digest: shown.digest })
    await send(byPerson, 'claim', { claim }, asked.headers.get('set-cookie')!.split(';', 1)[0])
    await byPerson.approvals.forget(shown.id)
  }
  const code = await bench('issue and redeem', redeemed).run({ time: 500 })
  const person = await bench('ask, list, approve, collect', approved).run({ time: 500 })
  console.log(
    `a person's decision ${(code.latency.mean / person.latency.mean).toFixed(2)} × as many a second as a code`,
  )
  expect(person.throughput.mean).toBeGreaterThan(0)
  await byCode.close()
  await byPerson.close()
})
