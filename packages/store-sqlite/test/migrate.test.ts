import { fork } from 'node:child_process'
import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { expect, it, onTestFinished } from 'vitest'
import { sqliteStore } from '../src/index.ts'
import { migrations } from '../src/migrations/index.ts'
import { freshFile } from './kit/files.ts'
import { openRaw, openStore } from './kit/open.ts'
import { put } from './kit/writes.ts'

const ledger = (file: string) =>
  openRaw(file).prepare('SELECT number, name FROM pair_migration').all()

it('STO-06 a step of the schema never changes once it is published', () => {
  const digest = (sql: string): string =>
    createHash('sha256').update(sql).digest('hex').slice(0, 16)
  expect(migrations.map(({ number, name, sql }) => [number, name, digest(sql)])).toEqual([
    [1, 'tables', 'dd42e011c498feb0'],
    [2, 'views', '92db1946943f972d'],
  ])
})

it('STO-06 8 processes that start at once on a file that is not there migrate it once, in each of 8 rounds', async () => {
  const program = fileURLToPath(new URL('kit/open-process.ts', import.meta.url))
  const processes = Array.from({ length: 8 }, () =>
    fork(program, { execArgv: ['--conditions=@pair/source'] }),
  )
  onTestFinished(() => processes.forEach((one) => one.kill()))
  const answers = (): Promise<unknown[]> =>
    Promise.all(processes.map(async (one) => (await once(one, 'message'))[0] as unknown))
  await answers()
  for (let round = 0; round < 8; round++) {
    const file = freshFile()
    const totals = answers()
    for (const one of processes) one.send(file)
    expect((await totals).toSorted()).toEqual([1, 2, 3, 4, 5, 6, 7, 8])
    expect(ledger(file)).toEqual(migrations.map(({ number, name }) => ({ number, name })))
  }
}, 60_000)

it('STO-06 a file that is up to date is left as it is', async () => {
  const file = freshFile()
  const first = sqliteStore(file)
  await first.commit([], [put(['a'])])
  first.close()
  const raw = openRaw(file)
  const state = () => [
    raw.prepare('SELECT * FROM pair_migration').all(),
    raw.prepare('PRAGMA schema_version').get(),
  ]
  const before = state()
  expect(await openStore(file).read(['a'])).toMatchObject({ value: 'x' })
  expect(state()).toEqual(before)
})

it('STO-06 steps that are missing are made up for, and what is there stays', async () => {
  const file = freshFile()
  const first = sqliteStore(file)
  await first.commit([], [put(['a'])])
  first.close()
  const raw = openRaw(file)
  for (const { name } of raw.prepare("SELECT name FROM sqlite_master WHERE type = 'view'").all())
    raw.exec(`DROP VIEW ${String(name)}`)
  raw.exec('DELETE FROM pair_migration WHERE number = 2')
  expect(await openStore(file).read(['a'])).toMatchObject({ value: 'x' })
  expect(raw.prepare('SELECT count(*) AS count FROM pair_devices').get()).toEqual({ count: 0 })
})

it('STO-06 a step that fails leaves nothing of itself', () => {
  const file = freshFile()
  const raw = openRaw(file)
  raw.exec('CREATE TABLE pair_item (mine TEXT)')
  expect(() => sqliteStore(file)).toThrow(/pair_item/)
  expect(raw.prepare("SELECT name FROM sqlite_master WHERE type = 'table'").all()).toEqual([
    { name: 'pair_item' },
  ])
})

it('STO-06 a schema that is newer, or of something else, is refused with the mend', () => {
  for (const change of [
    "INSERT INTO pair_migration (number, name) VALUES (99, 'later')",
    "UPDATE pair_migration SET name = 'else' WHERE number = 1",
    'DELETE FROM pair_migration WHERE number = 1',
  ]) {
    const file = freshFile()
    sqliteStore(file).close()
    openRaw(file).exec(change)
    expect(() => sqliteStore(file)).toThrow(
      expect.objectContaining({ code: 'config_invalid', hint: expect.stringContaining('install') }),
    )
  }
})
