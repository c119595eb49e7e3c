import { afterAll, beforeAll, expect, test } from 'vitest'
import { slownessOf } from './slowness.ts'
import { titleOf } from './parser.ts'
import { addresses } from './tables/addresses.ts'
import { headers } from './tables/headers.ts'
import { secrets } from './tables/secrets.ts'
import { stored } from './tables/stored.ts'
import { texts } from './tables/texts.ts'

const all = [...texts, ...secrets, ...headers, ...addresses, ...stored]
const { stackTraceLimit } = Error
beforeAll(() => void (Error.stackTraceLimit = 0))
afterAll(() => void (Error.stackTraceLimit = stackTraceLimit))

/** Ten times the text, ten times the time; a square would be a hundred. */
const MOST = 25

test.each(all.map((parser) => [titleOf(parser), parser] as const))(
  'SEC-14 %s takes 100 kB in proportion to 10 kB, whatever they hold',
  (_, { long, take }) => {
    const slow = long(10_000).flatMap((short, at) => {
      const ratio = slownessOf(take, short, long(100_000)[at]!, MOST)
      return ratio > MOST ? [`${ratio.toFixed(0)} × for ${JSON.stringify(short.slice(0, 40))}`] : []
    })
    expect(slow).toEqual([])
  },
  20_000,
)

test('SEC-14 what takes the square of the time is found', () => {
  const evil = /\/+$/
  const [short, long] = [1_000, 10_000].map((length) => `${'/'.repeat(length)}x`)
  expect(slownessOf((text) => evil.test(text), short!, long!, MOST)).toBeGreaterThan(MOST)
}, 20_000)

test('SEC-14 every text is as long as it says', () => {
  for (const { name, long } of all)
    for (const text of long(100_000)) expect(text.length, name).toBeGreaterThan(90_000)
})
