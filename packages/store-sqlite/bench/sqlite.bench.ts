import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { memoryStore, type Store } from '@pair/core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { sqliteStore } from '../src/index.ts'
import { drivers } from '../test/kit/drivers.ts'

const folder = mkdtempSync(join(tmpdir(), 'pair-bench-'))
const stores = Object.entries(drivers).map(
  ([name, options]) => [name, sqliteStore(join(folder, `${name}.db`), options)] as const,
)
const all: (readonly [name: string, store: Store])[] = [['memory', memoryStore()], ...stores]

beforeAll(async () => {
  for (const [, store] of all) await commitNew(store, 0)
})
afterAll(() => {
  for (const [, store] of stores) store.close()
  rmSync(folder, { recursive: true, force: true })
})

const value = JSON.stringify({
  kind: 'session',
  record: { transport: 'cookie', pad: 'x'.repeat(400) },
})

async function commitNew(store: Store, n: number): Promise<void> {
  const key = ['pair', 'session', `ses_${n}`, 'record']
  await store.commit([{ key, version: null }], [{ key, value, purgeAt: n }])
}

for (const [what, run, times] of [
  ['one read', (store: Store) => store.read(['pair', 'session', 'ses_0', 'record']), 1],
  ['one commit after another', (store: Store, n: number) => commitNew(store, n), 1],
  [
    '40 commits at once',
    (store: Store, n: number) =>
      Promise.all(Array.from({ length: 40 }, (_, at) => commitNew(store, n + at))),
    40,
  ],
] as const)
  test(`${what}, each driver beside the memory store`, async ({ bench }) => {
    let count = 0
    let memory = 0
    for (const [name, store] of all) {
      const one = async (): Promise<void> => void (await run(store, (count += 40)))
      const { throughput } = await bench(`${what} (${name})`, one).run({ time: 300 })
      memory ||= throughput.mean
      const each = Math.round(throughput.mean * times)
      console.log(`${what}: ${name} ${each}/s, ${(throughput.mean / memory).toFixed(4)} × memory`)
      expect(throughput.mean).toBeGreaterThan(0)
    }
  })
