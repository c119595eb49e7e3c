import { DatabaseSync } from 'node:sqlite'
import { describe, expect, it, onTestFinished } from 'vitest'
import type { SqliteDatabase, SqliteDriver } from '../src/index.ts'
import { drivers } from './kit/drivers.ts'
import { freshFile } from './kit/files.ts'
import { openRaw, openStore } from './kit/open.ts'
import { absent, append, put, T0 } from './kit/writes.ts'

describe.each(Object.entries(drivers))('while somebody else holds the lock (%s)', (_, driver) => {
  // of the same library: within a process, two of them don't see each other's locks
  const Driver: SqliteDriver = driver.driver ?? DatabaseSync
  const openHolder = (file: string): SqliteDatabase => {
    const holder = new Driver(file)
    onTestFinished(() => void holder.close())
    return holder
  }

  it('a commit waits without stopping the event loop, and lands once the lock is free', async () => {
    const file = freshFile()
    const store = openStore(file, { ...driver, busyMs: 60_000 })
    const holder = openHolder(file)
    holder.exec('BEGIN IMMEDIATE')
    let done = false
    const commit = store.commit([], [put(['a'])]).finally(() => (done = true))
    for (let turn = 0; turn < 20; turn++) {
      await new Promise((resolve) => setTimeout(resolve, 5))
      expect(await store.read(['a'])).toBeNull() // readers don't wait for it
    }
    expect(done).toBe(false)
    holder.exec('COMMIT')
    expect(await commit).toBe(true)
    expect(await store.read(['a'])).toMatchObject({ value: 'x' })
  })

  it('what waited longer than busyMs is rejected and never lands, and later calls work', async () => {
    const file = freshFile()
    const store = openStore(file, { ...driver, busyMs: 30 })
    const holder = openHolder(file)
    holder.exec('BEGIN IMMEDIATE')
    const given = await Promise.allSettled([
      store.commit([], [put(['late'])]),
      store.increment(['late'], 1, T0),
      store.purge(T0, 5),
    ])
    for (const one of given)
      expect(one).toMatchObject({
        status: 'rejected',
        reason: { code: 'store_busy', undone: true },
      })
    holder.exec('COMMIT')
    expect(await store.commit([absent(['late'])], [put(['next'])])).toBe(true)
    expect(await store.increment(['late'], 1, T0)).toBe(1)
    expect(await store.read(['late'])).toBeNull()
  })
})

it('SEC-21 in a batch of 40 commits those that lose and those that fail change nothing, and nobody else notices', async () => {
  const file = freshFile()
  const store = openStore(file)
  const wrong = JSON.stringify({ kind: 'ticket', record: { state: 'else' } })
  for (let round = 0; round < 8; round++) {
    const answers = await Promise.allSettled(
      Array.from({ length: 40 }, (_, n) =>
        store.commit(n % 3 === 1 ? [{ key: ['none'], version: 'v' }] : [], [
          put([`r${round}`, 'a', String(n)]),
          append([`s${round}`], String(n)),
          put([`r${round}`, 'b', String(n)], n % 3 === 2 ? wrong : 'x'),
        ]),
      ),
    )
    const expected = (n: number) => (n % 3 === 2 ? 'rejected' : n % 3 === 0)
    expect(answers.map((one) => (one.status === 'fulfilled' ? one.value : one.status))).toEqual(
      Array.from({ length: 40 }, (_, n) => expected(n)),
    )
    const kept = Array.from({ length: 40 }, (_, n) => n)
      .filter((n) => n % 3 === 0)
      .map(String)
    for (const part of ['a', 'b'])
      expect(
        (await store.list([`r${round}`, part], { limit: 99 })).map(({ key }) => key[2]).toSorted(),
      ).toEqual(kept.toSorted())
    const { items } = await store.tail([`s${round}`], null, 99)
    expect(items.map(({ value }) => value)).toEqual(kept)
  }
})

it('commits that arrive together share one transaction, and are on the disk before any is answered', async () => {
  const file = freshFile()
  const store = openStore(file)
  await store.commit([], [put(['a'])])
  const raw = openRaw(file)
  const version = (): unknown => raw.prepare('PRAGMA data_version').get()?.['data_version']
  const before = Number(version())
  await Promise.all(
    Array.from({ length: 40 }, async (_, n) => {
      await store.commit([], [put(['k', String(n)])])
      expect(
        raw.prepare("SELECT count(*) AS count FROM pair_record WHERE key LIKE 'k %'").get(),
      ).toEqual({ count: 40 })
    }),
  )
  expect(version()).not.toBe(before)
})

it('versions of a file never come back, whichever handle writes and however often it was opened', async () => {
  const file = freshFile()
  const versions: string[] = []
  for (let round = 0; round < 8; round++) {
    const store = openStore(file)
    for (let n = 0; n < 5; n++) {
      await store.commit([], [put(['a'], 'same')])
      versions.push((await store.read(['a']))!.version)
    }
    if (round % 2) store.close()
  }
  expect(new Set(versions).size).toBe(40)
})

it('positions of a file that was made anew come behind those of the old one', async () => {
  const stores = [openStore(freshFile()), openStore(freshFile())]
  for (const store of stores) await store.commit([], [append(['s']), append(['s'])])
  const [old, fresh] = await Promise.all(stores.map((store) => store.tail(['s'], null, 5)))
  expect(fresh!.oldest! > old!.latest!).toBe(true)
  // an old cursor gets everything, and shows as old; one of the future gets nothing
  expect(await stores[1]!.tail(['s'], old!.latest, 5)).toEqual(fresh)
  expect((await stores[0]!.tail(['s'], fresh!.latest, 5)).items).toEqual([])
  expect((await stores[0]!.tail(['s'], 'no position', 5)).items).toEqual([])
  expect((await stores[0]!.tail(['s'], '', 5)).items).toEqual(old!.items)
})

it('values with a NUL or half a surrogate pair are refused: not every driver gives them back', async () => {
  const store = openStore(freshFile())
  for (const value of ['a\0b', '\ud800', 'x\udc00y']) {
    await expect(store.commit([], [put(['a'], value)])).rejects.toThrow(TypeError)
    await expect(store.commit([], [append(['a'], value)])).rejects.toThrow(TypeError)
  }
  expect(await store.list([], { limit: 5 })).toEqual([])
})

it('after close every call is rejected, those that wait too, and nothing of them lands', async () => {
  const file = freshFile()
  const store = openStore(file)
  await store.commit([], [put(['a'])])
  const waiting = [store.commit([], [put(['b'])]), store.increment(['c'], 1, T0)]
  store.close()
  store.close()
  const calls = [
    ...waiting,
    store.read(['a']),
    store.list([], { limit: 1 }),
    store.commit([], []),
    store.increment(['c'], 0, T0),
    store.tail(['s'], null, 1),
    store.purge(T0, 1),
  ]
  for (const one of await Promise.allSettled(calls))
    expect(one).toMatchObject({
      status: 'rejected',
      reason: { code: 'store_unavailable', message: 'The store was closed.', undone: true },
    })
  const again = openStore(file)
  expect(await again.list([], { limit: 5 })).toHaveLength(1)
  expect(await again.increment(['c'], 0, T0)).toBe(0)
})

it('nothing but the file is left behind by the last who closes it', () => {
  const file = freshFile()
  const stores = [openStore(file), openStore(file)]
  for (const store of stores) store.close()
  const raw = new DatabaseSync(file, { readOnly: true })
  expect(raw.prepare('PRAGMA integrity_check').get()).toEqual({ integrity_check: 'ok' })
  raw.close()
})
