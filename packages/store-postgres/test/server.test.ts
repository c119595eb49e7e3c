import { Pool } from 'pg'
import { afterAll, beforeAll, expect, it, onTestFinished } from 'vitest'
import { postgresStore, type PostgresOptions, type PostgresStore } from '../src/index.ts'
import { newPool } from './kit/clients.ts'
import { becomes, listen } from './kit/ears.ts'
import { newServer, type OwnServer } from './kit/own-server.ts'
import { absent, append, put, T0 } from './kit/writes.ts'

// a server of its own that may be ended: one that writes its log late, where it is let
let server: OwnServer
beforeAll(async () => {
  server = await newServer(['wal_writer_delay=10s', 'fsync=off'])
  await server.start()
}, 60_000)
afterAll(() => server.remove(), 60_000)

function open(
  options: PostgresOptions = {},
  settings = '',
  max = 4,
): { store: PostgresStore; pool: Pool } {
  const pool = newPool({ connectionString: server.url, max, options: settings })
  const store = postgresStore(pool, options)
  onTestFinished(async () => {
    await store.close()
    await pool.end()
  })
  return { store, pool }
}

async function crash(): Promise<void> {
  await server.kill()
  // what it began has to end before it can begin anew
  await expect
    .poll(
      () =>
        server.start().then(
          () => true,
          () => false,
        ),
      { timeout: 30_000 },
    )
    .toBe(true)
}

it('SEC-13 what was answered is there after the server is killed, also where its role gave that up for speed', async () => {
  const { store, pool } = open({}, '-c synchronous_commit=off')
  await store.commit([], [put(['before'], 'x', T0)])
  for (let round = 0; round < 3; round++) {
    const key = ['used', String(round)]
    expect(await store.commit([absent(key)], [put(key), append(['s'], String(round))])).toBe(true)
    const total = await store.increment(['c'], 1, T0)
    await crash()
    expect(total).toBe(round + 1)
    const after = open().store
    expect(await after.commit([absent(key)], [put(key)])).toBe(false)
    expect(await after.increment(['c'], 0, T0)).toBe(round + 1)
    expect((await after.tail(['s'], null, 9)).items.map(({ value }) => value)).toEqual(
      Array.from({ length: round + 1 }, (_, n) => String(n)),
    )
    await expect.poll(() => pool.idleCount).toBe(0)
  }
  expect(await store.purge(T0 + 1, 5)).toBe(2)
  await crash()
  expect(await open().store.read(['before'])).toBeNull()
}, 120_000)

it('SEC-19 SES-12 a watch says within a second that the server is gone, and when it is back that any key may have changed', async () => {
  const { store } = open()
  const ear = listen(store)
  await becomes(ear, true)
  await server.kill()
  await becomes(ear, false)
  await expect(store.commit([], [put(['w'])])).rejects.toThrow(/ECONN|terminat|connect/i)
  ear.heard.length = 0
  await expect
    .poll(
      () =>
        server.start().then(
          () => true,
          () => false,
        ),
      { timeout: 30_000 },
    )
    .toBe(true)
  await becomes(ear, true)
  expect(ear.heard).toEqual(['*'])
  expect(await open().store.commit([], [put(['w', 'other'])])).toBe(true)
  await expect.poll(() => ear.heard).toContain('w/other')
}, 60_000)

it('SEC-18 positions go on behind those that were handed out before the server was killed', async () => {
  const { store } = open()
  await store.commit([], [append(['p'], 'a'), append(['p'], 'b')])
  const before = await store.tail(['p'], null, 5)
  await crash()
  const after = open().store
  await after.commit([], [append(['p'], 'c')])
  const { items, settled } = await after.tail(['p'], before.latest, 5)
  expect([items.map(({ value }) => value), settled]).toEqual([['c'], true])
}, 60_000)

it('SEC-04 a line whose server process stands still is given up, the others work on, and its commit is done once or never', async () => {
  const { store } = open({ timeoutMs: 400, listen: false }, '-c application_name=stopped', 1)
  await store.commit([], [put(['kept'])])
  const admin = open().pool
  const lines = "SELECT pid FROM pg_stat_activity WHERE application_name = 'stopped'"
  const pids = (await admin.query(lines)).rows.map((row) => (row as { pid: number }).pid)
  expect(pids).toHaveLength(1)
  for (const pid of pids) process.kill(pid, 'SIGSTOP')
  try {
    const stuck = await Promise.allSettled(
      Array.from({ length: 4 }, (_, n) =>
        store.commit([absent(['stuck'])], [put(['stuck'], String(n))]),
      ),
    )
    expect(stuck).toContainEqual(
      expect.objectContaining({ reason: expect.objectContaining({ code: 'store_unavailable' }) }),
    )
    expect(await store.commit([], [put(['next'])])).toBe(true)
  } finally {
    for (const pid of pids) process.kill(pid, 'SIGCONT')
  }
  // the lines that were given up end, with or without what was asked on them
  const left = async (): Promise<number> => {
    const now = (await admin.query(lines)).rows.map((row) => (row as { pid: number }).pid)
    return now.filter((pid) => pids.includes(pid)).length
  }
  await expect.poll(left, { timeout: 5_000 }).toBe(0)
  const value = (await store.read(['stuck']))?.value ?? null
  expect([null, '0', '1', '2', '3']).toContain(value)
  expect(await store.commit([absent(['stuck'])], [])).toBe(value === null)
}, 60_000)
