import { describe, expect, test } from 'vitest'
import type { RateLimitDialect } from '../../src/limit/limits.ts'
import { MINUTE, SECOND } from '../../src/time.ts'
import {
  createHouse,
  HOME,
  LOCK_MS,
  LOCKOUT_ONLY,
  toldOf,
  wrongCode,
  type House,
} from '../kit/guessers.ts'
import { ORIGIN } from '../kit/server.ts'
import type { Answer } from '../kit/newcomers.ts'

/** The lines of limits that an answer has, whatever their words. */
function linesOf({ headers }: Answer): Record<string, string> {
  return Object.fromEntries([...headers].filter(([name]) => name.includes('ratelimit')))
}

/** After so many redemptions, 12.345 s into a minute that ends in 47.655 s. */
const WORDS: readonly [
  RateLimitDialect,
  (left: number, endsAt: number) => Record<string, string>,
][] = [
  [
    'draft-8',
    (left) => ({
      ratelimit: `"redeem";r=${left};t=47`,
      'ratelimit-policy': '"redeem";q=8;w=60',
    }),
  ],
  [
    'draft-7',
    (left) => ({
      ratelimit: `limit=8, remaining=${left}, reset=47`,
      'ratelimit-policy': '8;w=60',
    }),
  ],
  [
    'draft-6',
    (left) => ({
      'ratelimit-limit': '8',
      'ratelimit-policy': '8;w=60',
      'ratelimit-remaining': String(left),
      'ratelimit-reset': '47',
    }),
  ],
  [
    'legacy',
    (left, endsAt) => ({
      'x-ratelimit-limit': '8',
      'x-ratelimit-remaining': String(left),
      'x-ratelimit-reset': String(endsAt / SECOND),
    }),
  ],
  ['none', () => ({})],
]

describe.each(WORDS)('in the words of %s', (headers, lines) => {
  const open = (): House => {
    const house = createHouse({ limits: { headers } })
    house.clock.advance(12_345)
    return house
  }

  test('LIM-01 successes, wrong codes and refusals tell where the limit stands', async () => {
    const house = open()
    const endsAt = house.clock() - 12_345 + MINUTE
    const answers = [await house.redeem(await house.typed())]
    for (let number = 2; number <= 9; number++) answers.push(await house.redeem(wrongCode(number)))
    expect(answers.map(toldOf)).toEqual([
      'in',
      ...Array.from({ length: 7 }, () => 'code_invalid'),
      'rate_limited',
    ])
    expect(answers.map(linesOf)).toEqual(
      [7, 6, 5, 4, 3, 2, 1, 0, 0].map((left) => lines(left, endsAt)),
    )
    // Retry-After is there whatever the words.
    expect(answers.at(-1)!.headers.get('retry-after')).toBe('47')
    expect(answers.slice(0, -1).map((answer) => answer.headers.get('retry-after'))).toEqual(
      Array.from({ length: 8 }, () => null),
    )
  })

  test('LIM-01 limits of the app’s own tell it in the same words', async () => {
    const house = open()
    const endsAt = house.clock() - 12_345 + MINUTE
    const rule = { name: 'redeem', max: 8 }
    const ask = (): ReturnType<House['pair']['limit']> =>
      house.pair.limit(new Request(`${ORIGIN}/app`), { remoteAddress: HOME }, rule)
    const app = (left: number): Record<string, string> =>
      Object.fromEntries(
        Object.entries(lines(left, endsAt)).map(([name, text]) => [
          name,
          text.replace('"redeem"', '"app-redeem"'),
        ]),
      )
    for (let left = 7; left >= 0; left--)
      expect(await ask()).toEqual({ ok: true, headers: app(left) })
    const over = await ask()
    if (over.ok) throw new Error('it passed')
    const answer = { headers: over.response.headers } as Answer
    expect(linesOf(answer)).toEqual(app(0))
  })
})

test('LIM-01 pages of listed origins may read all of it, on successes and refusals', async () => {
  const page = 'https://app.example'
  const house = createHouse({ limits: { redeem: { max: 1 } }, allowedOrigins: [page] })
  for (const told of ['code_invalid', 'rate_limited']) {
    const answer = await house.ask('redeem', { code: wrongCode(1) }, HOME, { origin: page })
    expect(toldOf(answer)).toBe(told)
    expect(answer.headers.get('access-control-allow-origin')).toBe(page)
    const exposed = answer.headers.get('access-control-expose-headers')!.toLowerCase().split(', ')
    for (const name of [
      'retry-after',
      'ratelimit',
      'ratelimit-policy',
      'ratelimit-limit',
      'ratelimit-remaining',
      'ratelimit-reset',
      'x-ratelimit-limit',
      'x-ratelimit-remaining',
      'x-ratelimit-reset',
    ])
      expect(exposed).toContain(name)
  }
  const request = new Request(`${ORIGIN}/app`, { headers: { origin: page } })
  const rule = { name: 'app', max: 1 }
  await house.pair.limit(request, { remoteAddress: HOME }, rule)
  const over = await house.pair.limit(request, { remoteAddress: HOME }, rule)
  if (over.ok) throw new Error('it passed')
  expect(over.response.headers.get('access-control-allow-origin')).toBe(page)
})

test('LIM-01 a lock is told as one: as long as it lasts, with nothing left', async () => {
  const house = createHouse(LOCKOUT_ONLY)
  await house.fail(10)
  house.clock.advance(1_500)
  const answer = await house.redeem(wrongCode(1))
  expect(toldOf(answer)).toBe('locked_out')
  expect(linesOf(answer)).toEqual({
    ratelimit: '"lockout";r=0;t=898',
    'ratelimit-policy': `"lockout";q=10;w=${LOCK_MS / SECOND}`,
  })
  expect(answer.headers.get('retry-after')).toBe('898')
})

test('LIM-01 routes that don’t count tell nothing of limits', async () => {
  const house = createHouse({ limits: {} })
  for (const path of ['/auth/session', '/auth/health']) {
    const answer = await house.call(path)
    expect(answer.status).toBe(200)
    expect(linesOf(answer)).toEqual({})
  }
})
