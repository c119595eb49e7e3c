import { describe, expect, test, vi } from 'vitest'
import type { LimitOptions } from '../../src/limit/limits.ts'
import { createProofAllowance } from '../../src/proof/proof-allowance.ts'
import { NOON } from '../kit/clock.ts'
import { createDeviceKey, createEd25519Key, type DeviceKey } from '../kit/device.ts'
import { addressOf } from '../kit/races.ts'
import { ROOMY } from '../kit/roomy.ts'
import { ORIGIN, startServer, type Server } from '../kit/server.ts'
import { createVisitor, pairVisitor } from '../kit/visitor.ts'

const APP = `${ORIGIN}/app`
const MINUTE = 60_000

vi.setConfig({ testTimeout: 60_000 })

/** How many proofs the store holds as spent. */
async function marks({ store }: Server): Promise<number> {
  let [count, after] = [0, undefined as readonly string[] | undefined]
  for (;;) {
    const page = await store.list(['pair', 'proof'], { limit: 1_000, ...(after && { after }) })
    count += page.length
    after = page.at(-1)?.key
    if (page.length < 1_000) return count
  }
}

interface Caller {
  key: DeviceKey
  /** The answer of a guarded route to a fresh proof. */
  ask(): Promise<{ code: string; headers: Headers; body: Record<string, unknown> }>
}

async function caller(server: Server): Promise<Caller> {
  const key = await createEd25519Key()
  const { accessToken } = await pairVisitor(server, { key, transport: 'dpop' })
  return {
    key,
    async ask() {
      const at = { htm: 'GET', htu: APP, at: server.clock(), token: accessToken! }
      const headers = { authorization: `DPoP ${accessToken}`, dpop: await key.prove(at) }
      const guarded = await server.pair.guard(new Request(APP, { headers }), undefined, {})
      if (guarded.ok) return { code: 'ok', headers: new Headers(), body: {} }
      const body = (await guarded.response.json()) as Record<string, unknown>
      return { code: String(body['code']), headers: guarded.response.headers, body }
    },
  }
}

async function tally(times: number, ask: (n: number) => Promise<string>): Promise<object> {
  const told = new Map<string, number>()
  for (let n = 0; n < times; n++) {
    const word = await ask(n)
    told.set(word, (told.get(word) ?? 0) + 1)
  }
  return Object.fromEntries(told)
}

describe('one key that proves without end', () => {
  test('POP-02 of ten thousand proofs in a minute six thousand leave a mark', async () => {
    const server = startServer()
    const { ask } = await caller(server)
    const before = await marks(server)
    const told = await tally(10_000, async () => (await ask()).code)
    expect(told).toEqual({ ok: 6_000, rate_limited: 4_000 })
    expect(await marks(server)).toBe(before + 6_000)
  })

  test('POP-02 is told when it may go on, and holds up nobody else', async () => {
    const server = startServer({ limits: { ...ROOMY, proof: { max: 20 } } })
    const [busy, calm] = [await caller(server), await caller(server)]
    server.clock.set(NOON + 45_000)
    expect(await tally(25, async () => (await busy.ask()).code)).toEqual({
      ok: 20,
      rate_limited: 5,
    })
    const { headers, body } = await busy.ask()
    expect(body).toMatchObject({ status: 429, code: 'rate_limited', retryAfter: 15 })
    expect(headers.get('retry-after')).toBe('15')
    expect(headers.get('ratelimit-policy')).toBe('"proof";q=20;w=60')
    expect((await calm.ask()).code).toBe('ok')
    await pairVisitor(server, { key: await createDeviceKey() })
    server.clock.set(NOON + MINUTE)
    expect((await busy.ask()).code).toBe('ok')
  })

  test('POP-02 wrong proofs count for nobody', async () => {
    const server = startServer({ limits: { ...ROOMY, proof: { max: 3 } } })
    const { ask, key } = await caller(server)
    const wrong = async (): Promise<string> => {
      const proof = await key.prove({ htm: 'POST', htu: APP, at: server.clock() })
      const headers = { authorization: 'DPoP a.b.c', dpop: proof }
      const guarded = await server.pair.guard(new Request(APP, { headers }), undefined, {})
      return guarded.ok ? 'ok' : String(guarded.response.status)
    }
    expect(await tally(20, wrong)).toEqual({ 401: 20 })
    const replayed = await key.prove({
      htm: 'POST',
      htu: `${ORIGIN}/auth/renew`,
      at: NOON - 301_000,
    })
    const renew = async (): Promise<string> =>
      String(
        (await createVisitor(server).call('POST', '/renew', { body: {}, proof: replayed })).body
          .code,
      )
    expect(await tally(20, renew)).toEqual({ use_dpop_nonce: 20 })
    expect(await tally(4, async () => (await ask()).code)).toEqual({ ok: 3, rate_limited: 1 })
  })
})

test('POP-02 who sends a copied proof again and again uses up nothing of its key', async () => {
  const server = startServer({ limits: { ...ROOMY, proof: { max: 3 } } })
  const { ask, key } = await caller(server)
  const proof = await key.prove({ htm: 'POST', htu: `${ORIGIN}/auth/renew`, at: NOON })
  const renew = async (): Promise<string> => {
    const answer = await createVisitor(server).call('POST', '/renew', { body: {}, proof })
    return answer.status === 200 ? 'ok' : String(answer.body.code)
  }
  expect(await tally(30, renew)).toEqual({ ok: 1, proof_invalid: 29 })
  expect(await tally(3, async () => (await ask()).code)).toEqual({ ok: 2, rate_limited: 1 })
})

describe('strangers who make keys as they like', () => {
  test('POP-02 keys that nobody knows leave no mark at a renewal, whoever they come from', async () => {
    const server = startServer()
    const before = await marks(server)
    const told = await tally(2_000, async (n) => {
      const key = await createEd25519Key()
      const visitor = createVisitor(server, key, { remoteAddress: addressOf(n) })
      const answer = await visitor.call('POST', '/renew', { body: {}, proof: true })
      return String(answer.body.code)
    })
    expect(told).toEqual({ session_invalid: 2_000 })
    expect(await marks(server)).toBe(before)
  })

  /** Strangers with codes of links that there are not, each of another network. */
  async function flood(limits: LimitOptions, times: number): Promise<[object, Server]> {
    const server = startServer({ limits: { ...ROOMY, ...limits } })
    const told = await tally(times, async (n) => {
      const visitor = createVisitor(server, await createEd25519Key(), {
        remoteAddress: addressOf(n),
      })
      return String((await visitor.redeem(String(n).padStart(22, 'A'))).body['code' as never])
    })
    return [told, server]
  }

  test('POP-02 all newcomers together leave so many marks in a minute, and devices go on', async () => {
    const [told, server] = await flood({ proof: { max: 100 } }, 300)
    expect(told).toEqual({ code_invalid: 100, rate_limited: 200 })
    expect(await marks(server)).toBe(100)
  })

  test('POP-02 a newcomer who comes in that minute loses nothing by it', async () => {
    const [, server] = await flood({ proof: { max: 50 }, lockout: { failures: 3 } }, 60)
    const { link } = await server.pair.codes.issue({ origin: ORIGIN })
    const visitor = createVisitor(server, await createDeviceKey(), {
      remoteAddress: addressOf(70_000),
    })
    const code = link.split('code=')[1]!
    // Neither the code nor a guess is used up.
    for (let attempt = 0; attempt < 5; attempt++)
      expect((await visitor.redeem(code)).body['code' as never]).toBe('rate_limited')
    server.clock.advance(MINUTE)
    expect((await visitor.redeem(code)).status).toBe(200)
  })
})

describe('what a process remembers', () => {
  const rule = { max: 6_000, windowMs: MINUTE }

  test('POP-02 of a hundred thousand proofs of one key it lets six thousand leave a mark', () => {
    const allowance = createProofAllowance(rule)
    let passed = 0
    for (let proof = 0; proof < 100_000; proof++)
      if (allowance.take('device', 'one', NOON + (proof % MINUTE)).ok) passed++
    expect([passed, allowance.size()]).toEqual([6_000, 1])
  })

  test('POP-02 of a hundred thousand newcomers it lets six thousand leave a mark, and holds none', () => {
    const allowance = createProofAllowance(rule)
    let passed = 0
    for (let key = 0; key < 100_000; key++)
      if (allowance.take('newcomer', `key ${key}`, NOON).ok) passed++
    expect([passed, allowance.size()]).toEqual([6_000, 0])
    // No device is held up by them.
    expect(allowance.take('device', 'key 1', NOON).ok).toBe(true)
  })

  test('POP-02 of a hundred thousand devices it holds ten thousand, and lets all go on', () => {
    const allowance = createProofAllowance(rule)
    for (let key = 0; key < 100_000; key++)
      expect(allowance.take('device', `key ${key}`, NOON).ok).toBe(true)
    expect(allowance.size()).toBe(10_000)
    for (let proof = 0; proof < 100; proof++) allowance.take('device', 'key 99999', NOON)
    expect(allowance.take('device', 'key 99999', NOON).standing.remaining).toBe(5_898)
    expect(allowance.size()).toBe(10_000)
  })

  test('POP-02 it begins anew with each window, and where the clock falls back', () => {
    const allowance = createProofAllowance({ max: 2, windowMs: MINUTE })
    const take = (now: number): boolean => allowance.take('device', 'one', now).ok
    const both = (now: number): boolean => allowance.take('newcomer', 'two', now).ok
    for (const now of [NOON, NOON + MINUTE, NOON - 3_600_000, 0]) {
      expect([take(now), take(now), take(now)]).toEqual([true, true, false])
      expect([both(now), both(now), both(now)]).toEqual([true, true, false])
    }
    // What is given back in a later window is no more than there is.
    for (const as of ['device', 'newcomer'] as const) {
      for (let times = 0; times < 5; times++) allowance.giveBack(as, 'one')
      const again = [1, 2, 3].map(() => allowance.take(as, 'one', 0).ok)
      expect(again).toEqual([true, true, false])
    }
    allowance.giveBack('device', 'nobody')
    expect(allowance.size()).toBe(1)
  })
})

test('SEC-07 how many proofs a key may have is a whole number, named where it is not', () => {
  for (const [wrong, option] of [
    ...[0, -1, 1.5, Number.NaN, Infinity, '1', null, 1_000_001].map((max) => [{ max }, 'max']),
    ...[999, 0, '1h', 2 ** 53].map((windowMs) => [{ windowMs }, 'windowMs']),
  ] as [object, string][])
    expect(() => startServer({ limits: { proof: wrong } })).toThrow(`limits.proof.${option}`)
})
