import { execFileSync } from 'node:child_process'
import { expect, it } from 'vitest'

const COUNT = 10_000_000

// Everything in a process of its own: nothing else takes memory or gives any back.
const script = `
const { memoryStore } = await import(${JSON.stringify(new URL('../../../src/storage/memory/memory-store.ts', import.meta.url).href)})
const END = 1_800_000_000_000
const WINDOW = 60_000
const keyOf = (n) =>
  ['pair', 'limit', 'redeem', [n >>> 24, (n >>> 16) & 255, (n >>> 8) & 255, n & 255].join('.'), '29999999']

async function count(store, addresses) {
  for (let n = 0; n < addresses; n++) await store.increment(keyOf(n), 1, END)
}
async function sweep(store, now) {
  let purged = 0
  for (let batch = 1000; batch === 1000; purged += batch) batch = await store.purge(now, 1000)
  return purged
}
async function memory() {
  for (let round = 0; round < 4; round++) {
    gc()
    await new Promise((resolve) => setImmediate(resolve))
  }
  const { rss, heapUsed, arrayBuffers } = process.memoryUsage()
  return { rss, held: heapUsed + arrayBuffers }
}

const warm = memoryStore()
await count(warm, 300_000)
await sweep(warm, END + 2 * WINDOW)
const store = memoryStore()
const before = await memory()
// some that stay, among all others
for (let n = 0; n < 20_000; n++) await store.increment(['pair', 'stays', String(n)], 1, END + 60 * WINDOW)
await count(store, ${COUNT})
const full = await memory()
let wrong = 0
for (let n = 0; n < ${COUNT}; n += 997) if ((await store.increment(keyOf(n), 0, END)) !== 1) wrong++
const early = await sweep(store, END)
const late = await sweep(store, END + 2 * WINDOW)
const after = await memory()
for (let n = 0; n < 20_000; n++)
  if ((await store.increment(['pair', 'stays', String(n)], 0, END)) !== 1) wrong++
console.log(JSON.stringify({ before, full, after, wrong, early, late }))
`

it('LIM-05 ten million addresses take at most 150 MB, and two windows later nothing', () => {
  // a young generation of one size: it would grow and shrink by more than is measured
  const young = ['--min-semi-space-size=16', '--max-semi-space-size=16']
  const node = [
    '--expose-gc',
    ...young,
    '--input-type=module',
    '--disable-warning=ExperimentalWarning',
  ]
  const told = execFileSync(process.execPath, [...node, '-e', script], { encoding: 'utf8' })
  const { before, full, after, ...rest } = JSON.parse(told)
  expect(rest).toEqual({ wrong: 0, early: 0, late: COUNT })
  // Buffers that grow in place are in the resident set alone.
  expect(full.rss - before.rss).toBeLessThanOrEqual(150e6)
  expect(full.held - before.held).toBeLessThanOrEqual(150e6)
  // No one keeps so many in less than the hash of each: else they were not counted, or not measured.
  expect(full.rss - before.rss).toBeGreaterThan(COUNT * 6)
  expect(after.rss - before.rss).toBeLessThanOrEqual(15e6)
  expect(after.held - before.held).toBeLessThanOrEqual(5e6)
}, 120_000)
