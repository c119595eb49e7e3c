import {
  readFileSync,
  renameSync,
  statSync,
  utimesSync,
  writeFileSync,
  type PathLike,
} from 'node:fs'
import * as nodeFs from 'node:fs/promises'
import type { Store } from '@pair/core'
import { expect, test } from 'vitest'
import type { FileStoreDisk } from '../../src/file-store/disk-file.ts'
import { freshFile } from './files.ts'
import { openOn, openStore } from './open.ts'
import { append, put, T0, valueOf } from './writes.ts'

const KEY = ['code']

/** In the editor that had the file open, or as a copy that takes its name. */
const WAYS: [string, (file: string, text: string) => void][] = [
  ['written into the file', (file, text) => writeFileSync(file, text)],
  [
    'put in its place',
    (file, text) => {
      writeFileSync(`${file}~`, text, { mode: 0o600 })
      renameSync(`${file}~`, file)
    },
  ],
]

const versionOf = async (store: Store): Promise<string> => (await store.read(KEY))!.version
const latestOf = async (store: Store): Promise<string> =>
  (await store.tail(['s'], null, 0)).latest ?? ''

async function move(store: Store, value: string): Promise<string> {
  await store.commit([], [put(KEY, value), append(['s'], value)])
  return versionOf(store)
}

test.each(WAYS)(
  'STO-04 with an old text %s no version and no place comes back',
  async (_, restore) => {
    const file = freshFile()
    const [a, b] = [openStore(file, { clock: () => T0 }), openStore(file, { clock: () => T0 })]
    const versions = new Set([await move(a, 'one')])
    const old = readFileSync(file, 'utf8')
    versions.add(await move(b, 'two')).add(await move(a, 'three'))
    let latest = await latestOf(b)
    // undone, done again, undone
    for (let round = 0; round < 3; round++) {
      const before = readFileSync(file, 'utf8')
      restore(file, old)
      expect(await valueOf(b, KEY)).toBe('one')
      const version = await versionOf(a)
      expect(await versionOf(b)).toBe(version)
      expect(versions.has(version)).toBe(false)
      for (const known of versions)
        expect(await a.commit([{ key: KEY, version: known }], [put(KEY, 'never')])).toBe(false)
      await a.commit([], [append(['s'], 'next')])
      expect((await latestOf(b)) > latest).toBe(true)
      latest = await latestOf(b)
      versions.add(version)
      restore(file, before)
      const again = await versionOf(b)
      expect(versions.has(again)).toBe(false)
      versions.add(again)
      await b.commit([], [append(['s'], 'next')])
      expect((await latestOf(a)) > latest).toBe(true)
      latest = await latestOf(a)
    }
  },
)

test('STO-04 who was further than what another process made of an old copy believes no version of it', async () => {
  const file = freshFile()
  const [ahead, behind] = [openStore(file), openStore(file)]
  const first = await move(ahead, 'one')
  await behind.read(KEY)
  const old = readFileSync(file, 'utf8')
  await move(ahead, 'two')
  await move(ahead, 'three')
  writeFileSync(file, old)
  expect(await behind.commit([], [put(['other'])])).toBe(true)
  expect(await valueOf(ahead, KEY)).toBe('one')
  expect(await versionOf(ahead)).not.toBe(first)
  expect(await ahead.commit([{ key: KEY, version: first }], [put(KEY)])).toBe(false)
})

test('STO-04 a version that another process replaced does not come back, though nobody who lives saw that', async () => {
  const file = freshFile()
  const [store, other] = [openStore(file), openStore(file)]
  const version = await move(store, 'one')
  const old = readFileSync(file, 'utf8')
  await store.commit([], [put(['other'])])
  await move(other, 'two')
  await other.close()
  writeFileSync(file, old)
  expect(await valueOf(store, KEY)).toBe('one')
  expect(await versionOf(store)).not.toBe(version)
})

test('STO-04 places of an old copy that was brought back while nothing ran are not given out again', async () => {
  const file = freshFile()
  const store = openStore(file, { clock: () => T0 })
  await move(store, 'one')
  const old = readFileSync(file, 'utf8')
  await move(store, 'two')
  await move(store, 'three')
  const latest = await latestOf(store)
  await store.close()
  writeFileSync(file, old)
  const restarted = openStore(file, { clock: () => T0 + 1 })
  await restarted.commit([], [append(['s'], 'next')])
  const { items } = await restarted.tail(['s'], latest, 9)
  expect(items.map(({ value }) => value)).toEqual(['next'])
})

test('STO-04 a file that is only touched, or saved as it was, is as it was', async () => {
  const file = freshFile()
  const told: string[] = []
  const logger = { warn: (line: string) => void told.push(line) }
  const store = openStore(file, { logger })
  const version = await move(store, 'one')
  const text = readFileSync(file, 'utf8')
  utimesSync(file, 1_900_000_000, 1_900_000_000)
  expect(await versionOf(store)).toBe(version)
  const spaced = JSON.stringify(JSON.parse(text), null, 4)
  writeFileSync(file, spaced)
  for (const one of [store, openStore(file, { logger })]) expect(await versionOf(one)).toBe(version)
  expect(readFileSync(file, 'utf8')).toBe(spaced)
  expect(told).toEqual([])
})

test('STO-04 what another hand changed is told once, by one of all stores; what stores write is not', async () => {
  const file = freshFile()
  const told: string[] = []
  const logger = { warn: (line: string) => void told.push(line) }
  const stores = [openStore(file, { logger }), openStore(file, { logger })]
  for (const store of stores) {
    await move(store, 'x')
    await store.increment(['c'], 1, T0)
  }
  expect(told).toEqual([])
  const edits: [string, (text: string) => string][] = [
    [file, (text) => text.replace('"value": "x"', '"value": "y"')],
    [file, (text) => text.replace(/"records": \[[^]*?\n {2}\]/, '"records": []')],
    [file, (text) => text.replace('"keys": [\n        "code"\n      ]', '"keys": []')],
    [`${file}.counters`, (text) => text.replace(/"total": \d+/, '"total": 0')],
  ]
  for (const [path, change] of edits) {
    const text = readFileSync(path, 'utf8')
    expect(change(text)).not.toBe(text)
    writeFileSync(path, change(text))
    for (const store of stores) {
      await store.read(KEY)
      await store.increment(['c'], 1, T0)
    }
    expect(told.splice(0)).toEqual([
      `fileStore: ${path} was changed by another hand than that of a store; what it says now counts.`,
    ])
  }
})

test.each<[string, (text: string, file: string) => void, string | null]>([
  [
    'a value',
    (text, file) => writeFileSync(file, text.replace('"value": "one"', '"value": "two"')),
    'two',
  ],
  [
    'that a record is gone',
    (text, file) =>
      writeFileSync(file, text.replace(/"records": \[[^]*?\n {2}\]/, '"records": []')),
    null,
  ],
])('STO-04 an edit while nothing runs is told at the next start: %s', async (_, edit, value) => {
  const file = freshFile()
  const store = openStore(file)
  await move(store, 'one')
  await store.close()
  edit(readFileSync(file, 'utf8'), file)
  const told: string[] = []
  const next = openStore(file, { logger: { warn: (line) => void told.push(line) } })
  expect(await valueOf(next, KEY)).toBe(value)
  expect(told).toHaveLength(1)
  expect(await valueOf(openStore(file), KEY)).toBe(value)
})

test('STO-04 the last instant that a disk knows is left again', async () => {
  const file = freshFile()
  const last = 4_000_000_000
  const disk = {
    ...nodeFs,
    utimes: (path: PathLike, _: unknown, at: number | Date) =>
      nodeFs.utimes(path, last, typeof at === 'number' ? Math.min(at, last) : at),
  } as FileStoreDisk
  const store = openOn(disk, file)
  await move(store, 'one')
  utimesSync(file, last, last)
  await move(store, 'two')
  expect(statSync(file).mtimeMs).toBeLessThan(last * 1_000)
})

test.each([-1_000_000_000, 15_032_385_535, 2 ** 40])(
  'STO-04 a file of the instant %i is replaced by files that are told apart',
  async (seconds) => {
    const file = freshFile()
    const [a, b] = [openStore(file), openStore(file)]
    await move(a, 'one')
    utimesSync(file, seconds, seconds)
    for (const value of ['two', 'three', 'four']) {
      await move(a, value)
      expect(await valueOf(b, KEY)).toBe(value)
    }
  },
)
