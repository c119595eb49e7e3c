import { describe, expect, test } from 'vitest'
import type { AppLimit, Limited, RequestHeaders, RequestInfo } from '../../src/pair.ts'
import { MINUTE } from '../../src/time.ts'
import { STORES } from '../kit/stores.ts'
import { createHouse, HOME, times, type House } from '../kit/guessers.ts'
import { ORIGIN } from '../kit/server.ts'

const RULE = { name: 'search', max: 3 }

/** One request of a page of the app's. */
function ask(
  { pair }: House,
  rule: AppLimit = RULE,
  info: RequestInfo | undefined = { remoteAddress: HOME },
  headers: Record<string, string> = {},
): Promise<Limited> {
  return pair.limit(new Request(`${ORIGIN}/search?q=x`, { headers }), info, rule)
}

async function passed(count: number, one: () => Promise<Limited>): Promise<boolean[]> {
  const all: boolean[] = []
  for (let left = count; left > 0; left--) all.push((await one()).ok)
  return all
}

/** The refusal of one that must not pass. */
async function refusal(
  limited: Limited,
): Promise<{ status: number; body: Record<string, unknown> }> {
  if (limited.ok) throw new Error('it passed')
  const { response } = limited
  expect(response.headers.get('content-type')).toBe('application/problem+json')
  expect(response.headers.get('cache-control')).toBe('no-store')
  return { status: response.status, body: (await response.json()) as Record<string, unknown> }
}

describe.each(STORES)('on $name', (store) => {
  const open = (): House => createHouse({ limits: {}, store: store.open() })

  test('LIM-01 a limit of the app’s own counts by address and by name, and starts anew with its window', async () => {
    const house = open()
    expect(await passed(4, () => ask(house))).toEqual([true, true, true, false])
    expect((await ask(house, RULE, { remoteAddress: '203.0.113.8' })).ok).toBe(true)
    expect((await ask(house, { name: 'upload', max: 3 })).ok).toBe(true)
    const { status, body } = await refusal(await ask(house))
    expect(status).toBe(429)
    expect(body).toMatchObject({ code: 'rate_limited', status: 429, retryAfter: 60 })
    house.clock.advance(MINUTE - 1)
    expect((await ask(house)).ok).toBe(false)
    house.clock.advance(1)
    expect((await ask(house)).ok).toBe(true)
  })

  test('LIM-01 one network of IPv6 is one address here too', async () => {
    const house = open()
    const from = (remoteAddress: string): Promise<Limited> => ask(house, RULE, { remoteAddress })
    expect(await passed(3, () => from('2001:db8:1:2::1'))).toEqual(times(3, true))
    expect((await from('2001:db8:1:2:3::4')).ok).toBe(false)
    expect((await from('2001:db8:1:3::4')).ok).toBe(true)
  })

  test('LIM-01 where many share an address the window is twentyfold, and counted apart', async () => {
    const house = open()
    const behind = { 'x-forwarded-for': '192.0.2.1' }
    const told = await passed(61, () => ask(house, RULE, { remoteAddress: HOME }, behind))
    expect(told).toEqual([...times(60, true), false])
    const nobody = await passed(61, () => ask(house, RULE, {}))
    expect(nobody).toEqual([...times(60, true), false])
    expect(await passed(4, () => ask(house))).toEqual([true, true, true, false])
  })

  test('LIM-01 a limit of the app’s that is called as one of ours is another', async () => {
    const house = open()
    for (const name of ['redeem', 'preview', 'change', 'poll', 'typed-codes', 'begun', 'locks'])
      expect(await passed(3, () => ask(house, { name, max: 2 }))).toEqual([true, true, false])
    expect(await house.fail(8)).toEqual(times(8, 'code_invalid'))
  })

  test('LIM-02 a limit of the app’s goes on while an address is locked, and locks nobody', async () => {
    const house = createHouse({ store: store.open() })
    await house.fail(10)
    expect(await passed(4, () => ask(house))).toEqual([true, true, true, false])
    expect(await house.fail(1, '203.0.113.8')).toEqual(['code_invalid'])
  })
})

test('LIM-01 a declared proxy’s word for the address counts', async () => {
  const house = createHouse({ limits: {}, proxy: { cidrs: ['10.0.0.1'] } })
  const from = (client: string): Promise<Limited> =>
    ask(house, RULE, { remoteAddress: '10.0.0.1' }, { 'x-forwarded-for': client })
  expect(await passed(4, () => from('192.0.2.1'))).toEqual([true, true, true, false])
  expect((await from('192.0.2.2')).ok).toBe(true)
})

test('LIM-01 it needs no more of a request than its URL and headers, and doesn’t mind which', async () => {
  const house = createHouse({ limits: {} })
  const headers = new Headers({ host: 'whatever.example', origin: 'https://evil.example' })
  for (const url of ['/search', 'http://[', '', `${ORIGIN}/x`]) {
    const request: RequestHeaders = { url, headers }
    const rule = { name: `n${url.length}`, max: 1 }
    const all = [
      await house.pair.limit(request, { remoteAddress: HOME }, rule),
      await house.pair.limit(request, { remoteAddress: HOME }, rule),
    ]
    expect(all.map(({ ok }) => ok)).toEqual([true, false])
  }
})

test('LIM-01 a rule that can’t be one answers 500, and only the operator hears why', async () => {
  const house = createHouse({ limits: {} })
  const wrong: [string, AppLimit][] = [
    ['name', { name: '', max: 1 }],
    ['name', { name: 'a b', max: 1 }],
    ['name', { name: 'x'.repeat(65), max: 1 }],
    ['name', { name: 7 as never, max: 1 }],
    ['name', { max: 1 } as never],
    ['max', { name: 'x', max: 0 }],
    ['max', { name: 'x', max: 1.5 }],
    ['max', { name: 'x', max: NaN }],
    ['max', { name: 'x', max: 1_000_001 }],
    ['max', { name: 'x', max: '3' as never }],
    ['windowMs', { name: 'x', max: 1, windowMs: 0 }],
    ['windowMs', { name: 'x', max: 1, windowMs: 999 }],
    ['windowMs', { name: 'x', max: 1, windowMs: Infinity }],
  ]
  for (const [field, rule] of wrong) {
    house.logs.length = 0
    house.refusals.length = 0
    const { status, body } = await refusal(await ask(house, rule))
    expect([status, body.code]).toEqual([500, 'internal'])
    expect(JSON.stringify(body)).not.toMatch(/limit:|windowMs|max|config/)
    expect(house.refusals.map(({ code }) => code)).toEqual(['config_invalid'])
    expect(JSON.stringify(house.logs)).toContain(`limit: \`${field}\` must`)
    expect(house.logs.some(({ level }) => level === 'error')).toBe(true)
  }
  for (const rule of [null, 7, 'search'])
    expect((await refusal(await ask(house, rule as never))).status).toBe(500)
})

test('LIM-01 a rule is read once: the same object counts on as it was', async () => {
  const house = createHouse({ limits: {} })
  const rule = { name: 'search', max: 2 }
  expect(await passed(3, () => ask(house, rule))).toEqual([true, true, false])
  expect(await passed(2, () => ask(house, { ...rule, max: 4 }))).toEqual([true, false])
})
