import { execFileSync } from 'node:child_process'
import {
  chmodSync,
  chownSync,
  copyFileSync,
  mkdirSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { dirname, join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { expect, it, onTestFinished, vi } from 'vitest'
import { sqliteStore, type SqliteDriver } from '../src/index.ts'
import { freshFile } from './kit/files.ts'
import { openRaw, openRemote, openStore } from './kit/open.ts'
import { absent, append, put, T0 } from './kit/writes.ts'

const config = (message: RegExp, hint: RegExp) =>
  expect.objectContaining({
    code: 'config_invalid',
    message: expect.stringMatching(message),
    hint: expect.stringMatching(hint),
  })

it('the folder and the file are made for their owner alone, and so are the files beside it', async () => {
  const file = join(dirname(freshFile()), 'a', 'b', 'pair.db')
  const store = openStore(file)
  await store.commit([], [put(['a'])])
  const mode = (path: string): string => (statSync(path).mode & 0o777).toString(8)
  expect([mode(dirname(file)), mode(dirname(dirname(file)))]).toEqual(['700', '700'])
  expect(['', '-wal', '-shm'].map((end) => mode(file + end))).toEqual(['600', '600', '600'])
})

it('what is no path of a file is refused with the mend', () => {
  expect(() => sqliteStore(':memory:')).toThrow(config(/memory/, /memoryStore/))
  for (const file of [
    '',
    'file:pair.db',
    'FILE:/tmp/x?mode=memory',
    undefined as unknown as string,
  ])
    expect(() => sqliteStore(file)).toThrow(config(/path/, /sqliteStore/))
  for (const busyMs of [0, -1, Number.NaN, Infinity, '5' as unknown as number])
    expect(() => sqliteStore(freshFile(), { busyMs })).toThrow(config(/busyMs/, /1_500/))
})

it('a path with signs that URLs and SQL know is a path like any other', async () => {
  const file = join(dirname(freshFile()), 'a?b#c%20\'d"; e', 'pair ü.db')
  await openStore(file).commit([], [put(['a'])])
  expect(statSync(file).size).toBeGreaterThan(0)
})

it('SEC-12 what is no database, a folder, and a place below a file are refused, and left as they were', () => {
  const text = freshFile()
  writeFileSync(text, 'not a database. '.repeat(500))
  expect(() => sqliteStore(text)).toThrow(config(/not a database/, /SQLite file/))
  expect(statSync(text).size).toBe(8000)
  expect(() => sqliteStore(dirname(text))).toThrow(config(/can not be used/, /SQLite file/))
  expect(() => sqliteStore(join(text, 'pair.db'))).toThrow(config(/can not be used/, /folder/))
})

it('a file system without a write-ahead log is refused', () => {
  class NoSharedMemory extends DatabaseSync {
    constructor(file: string) {
      super(`file:${file}?vfs=unix-dotfile`)
    }
  }
  expect(() => sqliteStore(freshFile(), { driver: NoSharedMemory })).toThrow(
    config(/write-ahead log/, /local disk/),
  )
})

it('SEC-12 on a full disk the error surfaces, what was committed stays, and it goes on when there is room', async () => {
  const opened: DatabaseSync[] = []
  class Kept extends DatabaseSync {
    constructor(file: string) {
      super(file)
      opened.push(this)
    }
  }
  const store = openStore(freshFile(), { driver: Kept })
  await store.commit([], [put(['kept'])])
  const pages = Number(opened[0]!.prepare('PRAGMA page_count').get()?.['page_count'])
  opened[0]!.exec(`PRAGMA max_page_count = ${pages + 32}`)
  const big = 'x'.repeat(400_000)
  const answers = await Promise.allSettled(
    Array.from({ length: 40 }, (_, n) =>
      store.commit(
        [absent(['a', String(n)])],
        [put(['a', String(n)], n % 5 === 2 ? big : 'x'), append(['s'], String(n))],
      ),
    ),
  )
  // what is too big fails alone, though SQLite undid the transaction of all of them
  expect(answers.map(({ status }) => status)).toEqual(
    answers.map((_, n) => (n % 5 === 2 ? 'rejected' : 'fulfilled')),
  )
  for (const one of answers)
    if (one.status === 'rejected') expect(String(one.reason)).toMatch(/full/)
  expect(await store.list(['a'], { limit: 99 })).toHaveLength(32)
  expect((await store.tail(['s'], null, 99)).items).toHaveLength(32)
  expect(await store.read(['kept'])).toMatchObject({ value: 'x' })
  opened[0]!.exec('PRAGMA max_page_count = 1000000')
  expect(await store.commit([absent(['a', '2'])], [put(['a', '2'], big)])).toBe(true)
})

it('SEC-12 where writing fails as such, nothing of the commit is there, and all that was acknowledged is', async () => {
  const file = freshFile()
  // no file of this process grows above 300 KiB: the write itself fails
  const limited = openRemote(file, { before: 'ulimit -f 600' })
  const kept: string[] = []
  let failed = 0
  for (let n = 0; n < 40; n++) {
    const key = ['a', String(n)]
    try {
      await limited.commit([absent(key)], [put(key, 'x'.repeat(20_000)), append(['s'], String(n))])
      kept.push(String(n))
    } catch (error) {
      failed += 1
      expect(String(error)).toMatch(/I\/O|full|disk/)
    }
    expect(await limited.read(['a', '0'])).not.toBeNull()
  }
  expect(failed).toBeGreaterThan(0)
  await limited.close()
  const mended = openStore(file)
  const found = await mended.list(['a'], { limit: 99 })
  expect(found.map(({ key }) => key[1])).toEqual(kept.toSorted())
  expect((await mended.tail(['s'], null, 99)).items.map(({ value }) => value)).toEqual(kept)
  expect(await mended.commit([], [put(['more'], 'x'.repeat(20_000))])).toBe(true)
  expect(openRaw(file).prepare('PRAGMA integrity_check').get()).toEqual({ integrity_check: 'ok' })
})

it('SEC-12 a file that is deleted or replaced under the store is noticed: nothing is read or written until it is back', async () => {
  const file = freshFile()
  const store = openStore(file)
  await store.commit([], [put(['a'])])
  const moved = `${file}.moved`
  const refuses = async (): Promise<void> => {
    const calls = [
      store.read(['a']),
      store.list([], { limit: 1 }),
      store.commit([], [put(['b'])]),
      store.increment(['c'], 1, T0),
      store.increment(['c'], 0, T0),
      store.tail(['s'], null, 1),
      store.purge(T0, 1),
    ]
    for (const one of await Promise.allSettled(calls))
      expect(one).toMatchObject({
        status: 'rejected',
        reason: { code: 'store_unavailable', undone: true },
      })
  }
  const replaced = [() => {}, () => copyFileSync(moved, file), () => mkdirSync(file)]
  for (const replace of replaced) {
    renameSync(file, moved)
    replace()
    await refuses()
    rmSync(file, { recursive: true, force: true })
    renameSync(moved, file)
    expect(await store.list([], { limit: 5 })).toHaveLength(1)
    expect(await store.commit([], [put(['a'])])).toBe(true)
  }
  expect(await store.increment(['c'], 0, T0)).toBe(0)
  // what another process made in its place is another store
  rmSync(file)
  openStore(file)
  await refuses()
})

it('SEC-12 a log that is deleted under the store is noticed, so that no two processes win the same code', async () => {
  const file = freshFile()
  const [store, heard] = [openStore(file), [] as boolean[]]
  store.watch?.([], { changed() {}, live: (isLive) => void heard.push(isLive) })
  for (const end of ['-wal', '-shm']) rmSync(file + end)
  const other = openRemote(file)
  expect(await other.commit([absent(['code'])], [put(['code'])])).toBe(true)
  for (const call of [store.read(['code']), store.commit([absent(['code'])], [put(['code'])])])
    await expect(call).rejects.toMatchObject({ code: 'store_unavailable' })
  await vi.waitFor(() => expect(heard.at(-1)).toBe(false))
})

it('a file without the mark of its birth is refused', () => {
  const file = freshFile()
  sqliteStore(file).close()
  openRaw(file).exec('DELETE FROM pair_meta')
  expect(() => sqliteStore(file)).toThrow(config(/edited by hand/, /copy/))
})

it('SEC-12 a file or folder that may not be written is refused at the start', () => {
  const file = freshFile()
  sqliteStore(file).close()
  const script = `import { sqliteStore } from '${new URL('../src/index.ts', import.meta.url).href}'
try { sqliteStore(process.argv[1]); console.log('opened') } catch (error) { console.log(error.code, error.message, error.hint) }`
  // root may write anywhere: another user tries
  const uid = process.getuid?.() === 0 ? 65_534 : undefined
  if (uid) for (const path of [dirname(file), file]) chownSync(path, uid, uid)
  const attempt = (): string =>
    execFileSync(
      process.execPath,
      ['--conditions=@pair/source', '--input-type=module', '-e', script, file],
      { encoding: 'utf8', cwd: '/', ...(uid ? { uid, gid: uid } : {}) },
    ).trim()
  expect(attempt()).toBe('opened')
  chmodSync(file, 0o400)
  expect(attempt()).toMatch(/^config_invalid .*(EACCES|permission).* may write to it/)
  chmodSync(file, 0o600)
  chmodSync(dirname(file), 0o500)
  onTestFinished(() => chmodSync(dirname(file), 0o700))
  expect(attempt()).toMatch(/^config_invalid .*(EACCES|permission).* may write to it/)
}, 30_000)

it('a driver that is no class is refused', () => {
  for (const driver of [{}, 'better-sqlite3', null])
    expect(() => sqliteStore(freshFile(), { driver: driver as unknown as SqliteDriver })).toThrow(
      config(/driver/, /Database/),
    )
})
