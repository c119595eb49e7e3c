import { createRequire } from 'node:module'
import { MemoryStore as ExpressStore } from 'express-rate-limit'
import { MemoryStore as HonoStore } from 'hono-rate-limiter'
import { RateLimiterMemory } from 'rate-limiter-flexible'
import { expect, test } from 'vitest'

// By Node's own loader, as the others are: that of the test runner makes a look-up of every use of an import.
const { memoryStore } = createRequire(import.meta.url)(
  '../src/index.ts',
) as typeof import('../src/index.ts')

const WINDOW_MS = 60_000
const END = 1_800_000_000_000
const ROUNDS = 15

/** Counts so many more for the nth subject. */
type Count = (n: number, by: number) => unknown

const address = (n: number): string => `10.${(n >> 16) & 255}.${(n >> 8) & 255}.${n & 255}`

/** What counts in memory, each called as its middleware calls it, before any subject. */
function makeCounters(): Record<string, Count> {
  const store = memoryStore()
  const flexible = new RateLimiterMemory({ points: Number.MAX_SAFE_INTEGER, duration: 60 })
  const express = new ExpressStore()
  express.init({ windowMs: WINDOW_MS } as Parameters<typeof express.init>[0])
  const hono = new HonoStore()
  hono.init({ windowMs: WINDOW_MS } as Parameters<typeof hono.init>[0])
  return {
    ours: (n, by) => store.increment(['pair', 'limit', 'redeem', address(n), '29000000'], by, END),
    'rate-limiter-flexible': (n, by) => flexible.consume(address(n), by),
    'express-rate-limit': (n) => express.increment(address(n)),
    'hono-rate-limiter': (n) => hono.increment(address(n)),
  }
}

const median = (figures: readonly number[]): number =>
  figures.toSorted((a, b) => a - b)[figures.length >> 1]!

/** Millions of calls a second of each: the median of rounds in which all take their turn. */
async function compare(
  counters: Record<string, Count>,
  calls: number,
  subject: (n: number, round: number) => number,
): Promise<Record<string, number>> {
  const figures: Record<string, number[]> = {}
  // the first round warms
  for (let round = 0; round <= ROUNDS; round++) {
    for (const [name, count] of Object.entries(counters)) {
      const start = performance.now()
      for (let n = 0; n < calls; n++) await count(subject(n, round), 1)
      const rate = calls / 1000 / (performance.now() - start)
      if (round > 0) (figures[name] ??= []).push(rate)
    }
  }
  return Object.fromEntries(Object.entries(figures).map(([name, rates]) => [name, median(rates)]))
}

function tell(title: string, rates: Record<string, number>): void {
  const lines = Object.entries(rates).map(([name, rate]) => {
    const ratio = name === 'ours' ? '' : `, ours ${(rates['ours']! / rate).toFixed(2)} ×`
    return `  ${name}: ${rate.toFixed(2)} M/s${ratio}`
  })
  console.log([title, ...lines].join('\n'))
}

test('one key', async () => {
  const rates = await compare(makeCounters(), 60_000, (_, round) => round)
  tell('one key', rates)
  expect(rates['ours']! / rates['rate-limiter-flexible']!).toBeGreaterThanOrEqual(1)
}, 60_000)

test('one key whose total is beyond 65,535', async () => {
  const counters = makeCounters()
  for (const count of Object.values(counters)) await count(0, 100_000)
  const rates = await compare(counters, 60_000, () => 0)
  tell('one key, beyond 65,535', rates)
  expect(rates['ours']! / rates['rate-limiter-flexible']!).toBeGreaterThanOrEqual(1)
}, 60_000)

test('100,000 keys', async () => {
  const rates = await compare(makeCounters(), 100_000, (n) => n)
  tell('100,000 keys', rates)
  expect(rates['ours']! / rates['rate-limiter-flexible']!).toBeGreaterThanOrEqual(1)
}, 60_000)
