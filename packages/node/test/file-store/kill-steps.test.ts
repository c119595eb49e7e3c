import { spawnSync } from 'node:child_process'
import { readdirSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'
import { freshFile } from './files.ts'
import { openStore } from './open.ts'
import { put, T0, valueOf } from './writes.ts'

const program = fileURLToPath(new URL('dying-process.ts', import.meta.url))

/** Runs until it kills itself; answers the file that it leaves. */
function dieAt(step: string, when: 'before' | 'behind'): string {
  const file = freshFile()
  const given = ['--conditions=@pair/source', program, file, step, when]
  const env = { ...process.env, NODE_COMPILE_CACHE: join(tmpdir(), 'node-compile-cache') }
  const { signal } = spawnSync(process.execPath, given, { stdio: 'inherit', env })
  expect(signal).toBe('SIGKILL')
  return file
}

async function expectTotal(file: string, total: number): Promise<void> {
  const store = openStore(file)
  expect(await store.increment(['c'], 0, T0)).toBe(total)
  expect(await store.increment(['c'], 1, T0)).toBe(total + 1)
  expect(readdirSync(dirname(file)).filter((name) => /counters.*tmp/.test(name))).toEqual([])
}

async function expectState(file: string, state: 'old' | 'new'): Promise<void> {
  const told: string[] = []
  const store = openStore(file, { logger: { warn: (line) => void told.push(line) } })
  expect([await valueOf(store, ['a']), await valueOf(store, ['b'])]).toEqual([state, state])
  const { items } = await store.tail(['s'], null, 9)
  expect(items.map(({ value }) => value)).toEqual(state === 'old' ? ['old'] : ['old', 'new'])
  // the lock died with its holder, and so goes what it left
  expect(await store.commit([], [put(['a'], 'next')])).toBe(true)
  expect(readdirSync(dirname(file)).filter((name) => /^pair.json.[^.]+.tmp/.test(name))).toEqual([])
  // nobody else's hand was in it
  expect(told).toEqual([])
  await expectTotal(file, 5)
}

describe('CODE-06 a process killed', () => {
  test.each([
    ['before', 'lstat lock'],
    ['before', 'lstat file'],
    ['before', 'open temp'],
    ['behind', 'open temp'],
    ['behind', 'writeFile temp'],
    ['behind', 'sync temp'],
    ['behind', 'close temp'],
    ['behind', 'lstat temp'],
    ['behind', 'open revision'],
    ['behind', 'writeFile revision'],
    ['before', 'rename temp'],
  ] as const)('%s `%s` leaves the whole old state', { timeout: 30_000 }, async (when, step) => {
    await expectState(dieAt(step, when), 'old')
  })

  test.each([
    ['behind', 'rename temp'],
    ['before', 'open folder'],
    ['before', 'sync folder'],
    ['behind', 'sync folder'],
    ['behind', 'close folder'],
  ] as const)('%s `%s` leaves the whole new state', { timeout: 30_000 }, async (when, step) => {
    await expectState(dieAt(step, when), 'new')
  })

  test.each([
    ['before', 'open counters temp', 5],
    ['behind', 'writeFile counters temp', 5],
    ['before', 'rename counters temp', 5],
    ['behind', 'rename counters temp', 6],
  ] as const)(
    '%s `%s` has counted whole or not at all',
    { timeout: 30_000 },
    async (when, step, total) => {
      await expectTotal(dieAt(step, when), total)
    },
  )
})
