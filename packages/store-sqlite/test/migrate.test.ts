import { fork } from 'node:child_process'
import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import type { DatabaseSync } from 'node:sqlite'
import { fileURLToPath } from 'node:url'
import { createPair } from '@pair/core'
import { expect, it, onTestFinished } from 'vitest'
import { sqliteStore } from '../src/index.ts'
import { migrations } from '../src/migrations/index.ts'
import { freshFile } from './kit/files.ts'
import { openRaw, openStore } from './kit/open.ts'
import { put } from './kit/writes.ts'

const ledger = (file: string) =>
  openRaw(file).prepare('SELECT number, name FROM pair_migration').all()

/** The tables of a file that another version left behind. */
interface Before {
  at: number
  secret: string
  token: string
  typed: string
  pair_record: Record<string, string | number | null>[]
  pair_stream: Record<string, string | number | null>[]
  pair_item: Record<string, string | number | null>[]
}

/** A file as a version made it that knew no more steps than these. */
function fileOf(file: string, last: number): DatabaseSync {
  const raw = openRaw(file)
  for (const { number, name, sql } of migrations.slice(0, last)) {
    raw.exec(sql)
    raw.prepare('INSERT INTO pair_migration (number, name) VALUES (?, ?)').run(number, name)
  }
  return raw
}

it('STO-06 a step of the schema never changes once it is published', () => {
  const digest = (sql: string): string =>
    createHash('sha256').update(sql).digest('hex').slice(0, 16)
  expect(migrations.map(({ number, name, sql }) => [number, name, digest(sql)])).toEqual([
    [1, 'tables', 'dd42e011c498feb0'],
    [2, 'views', '92db1946943f972d'],
    [3, 'approvals', '17367abaa1056eb4'],
    [4, 'lockouts', 'c99c4b0512b5450d'],
    [5, 'sessions', 'bac4a712d149e989'],
    [6, 'headless', 'beda974529e06774'],
    [7, 'clients', 'f47a1d60b1517bda'],
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

it.each([1, 2])(
  'STO-06 what is missing above step %i is made up for, and what is there stays',
  async (last) => {
    const file = freshFile()
    const raw = fileOf(file, last)
    raw.exec("INSERT INTO pair_record (key, value, version) VALUES ('a', 'x', '1')")
    expect(await openStore(file).read(['a'])).toMatchObject({ value: 'x' })
    expect(raw.prepare('SELECT count(*) AS count FROM pair_devices').get()).toEqual({ count: 0 })
    expect(ledger(file)).toEqual(migrations.map(({ number, name }) => ({ number, name })))
  },
)

it('STO-06 what paired and what was issued before there were approvals goes on, and what was revoked stays so', async () => {
  const file = freshFile()
  const before = JSON.parse(
    readFileSync(new URL('kit/rows-0002.json', import.meta.url), 'utf8'),
  ) as Before
  const raw = fileOf(file, 2)
  for (const table of ['pair_record', 'pair_stream', 'pair_item'] as const)
    for (const row of before[table])
      raw
        .prepare(
          `INSERT INTO ${table} (${Object.keys(row).join()}) VALUES (${Object.keys(row)
            .map(() => '?')
            .join()})`,
        )
        .run(...Object.values(row))
  const { secret, at } = before
  const store = openStore(file, { clock: () => at })
  const pair = createPair({ secret, store, scopes: ['notes'], clock: () => at })
  const headers = { authorization: `Bearer ${before.token}` }
  const auth = await pair.authenticate(new Request('http://localhost:3000/', { headers }))
  expect(auth).toMatchObject({ kind: 'session', session: { device: { label: 'Tablet' } } })
  const redeemed = await pair.handler(
    new Request('http://localhost:3000/auth/redeem', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ code: before.typed, transport: 'bearer' }),
    }),
  )
  expect(redeemed?.status).toBe(200)
  expect((await pair.sessions.list()).items).toHaveLength(2)
  expect((await pair.codes.list()).items).toMatchObject([{ used: 2, held: 0 }])
  const sessions = raw.prepare('SELECT approval_id, revoked_reason FROM pair_sessions').all()
  expect(sessions.map((row) => row['approval_id'])).toEqual([null, null, null])
  expect(sessions.map((row) => row['revoked_reason']).toSorted()).toEqual([null, null, 'revoked'])
  await pair.close()
})

it('STO-06 a row that a step can not take stops it, and the file stays as it was', () => {
  const file = freshFile()
  const raw = fileOf(file, 2)
  const mixed = { kind: 'code', record: { state: 'open', redeemedAt: 1 } }
  raw
    .prepare('INSERT INTO pair_record (key, value, version) VALUES (?, ?, ?)')
    .run('pair code cod_1 record', JSON.stringify(mixed), '1')
  expect(() => sqliteStore(file)).toThrow(/CHECK constraint failed/)
  expect(ledger(file)).toHaveLength(2)
  expect(raw.prepare('SELECT state, redeemed_at FROM pair_codes').all()).toHaveLength(1)
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
