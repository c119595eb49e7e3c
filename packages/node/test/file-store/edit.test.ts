import {
  closeSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  statSync,
  utimesSync,
  writeFileSync,
  writeSync,
} from 'node:fs'
import { dirname, join } from 'node:path'
import type { Key, Store } from '@pair/core'
import { expect, test, vi } from 'vitest'
import { diskWith } from './disk.ts'
import { freshFile } from './files.ts'
import { openOn, openStore } from './open.ts'
import { absent, append, put, T0, valueOf } from './writes.ts'

interface Document {
  records: { key: string; version?: string; purgeAt: string | null; value: unknown }[]
  streams: unknown[]
  items: unknown[]
  counters: { key: string; total: number }[]
}

/** As a person does in an editor that writes into the file, or one that puts another in its place. */
function edit(
  file: string,
  change: (document: Document) => void,
  how: 'into' | 'rename' = 'into',
): void {
  const document = JSON.parse(readFileSync(file, 'utf8')) as Document
  change(document)
  const text = JSON.stringify(document, null, 4)
  if (how === 'into') return writeFileSync(file, text)
  writeFileSync(`${file}~`, text, { mode: 0o600 })
  renameSync(`${file}~`, file)
}

/** The file that is being made. */
function tempOf(file: string): string {
  const name = readdirSync(dirname(file)).find((entry) => entry.endsWith('.tmp'))
  return join(dirname(file), name!)
}

const versionOf = async (store: Store, key: Key): Promise<string | undefined> =>
  (await store.read(key))?.version

test.each(['into', 'rename'] as const)(
  'STO-04 what a person changes by hand (%s) is seen by the next read of every store, under a version that never was',
  async (how) => {
    const file = freshFile()
    const [a, b] = [openStore(file), openStore(file)]
    await a.commit(
      [],
      [put(['same']), put(['device'], '{"label":"old"}'), put(['gone']), put(['text'], 'x')],
    )
    await a.increment(['c'], 3, T0)
    const same = await versionOf(b, ['same'])
    const seen = new Set([await versionOf(a, ['device'])])
    for (const label of ['new', 'newer', 'old', 'new', 'old']) {
      edit(
        file,
        ({ records }) => (records.find(({ key }) => key === 'device')!.value = { label }),
        how,
      )
      expect(await valueOf(b, ['device'])).toBe(JSON.stringify({ label }))
      expect(await valueOf(a, ['device'])).toBe(JSON.stringify({ label }))
      const version = await versionOf(a, ['device'])
      expect(await versionOf(b, ['device'])).toBe(version)
      expect(await versionOf(openStore(file), ['device'])).toBe(version)
      expect(seen.has(version)).toBe(false)
      for (const old of seen)
        expect(await b.commit([{ key: ['device'], version: old! }], [put(['device'])])).toBe(false)
      seen.add(version)
    }
    edit(
      file,
      (document) => {
        document.records = document.records.filter(({ key }) => key !== 'gone')
        document.records.unshift({ key: 'by hand', purgeAt: null, value: [1] })
      },
      how,
    )
    edit(`${file}.counters`, ({ counters }) => (counters[0]!.total = 7), how)
    expect(await b.read(['gone'])).toBe(null)
    expect(await b.read(['by', 'hand'])).toMatchObject({ value: '[1]', key: ['by', 'hand'] })
    expect(await versionOf(a, ['by', 'hand'])).toMatch(/./)
    expect(await b.increment(['c'], 1, T0)).toBe(8)
    // and nothing else has moved
    expect(await versionOf(a, ['same'])).toBe(same)
    expect(
      await a.commit([{ key: ['same'], version: same! }, absent(['gone'])], [put(['same'])]),
    ).toBe(true)
  },
)

test('STO-04 a record that is copied to another key, or kept for longer, has another version', async () => {
  const file = freshFile()
  const store = openStore(file)
  await store.commit([], [put(['a']), put(['b'], 'x', T0)])
  const versions = [await versionOf(store, ['a']), await versionOf(store, ['b'])]
  edit(file, ({ records }) => {
    records.push({ ...records[0]!, key: 'c' })
    records[1]!.purgeAt = null
  })
  expect(versions).toContain(await versionOf(store, ['a']))
  for (const key of ['b', 'c']) expect(versions).not.toContain(await versionOf(store, [key]))
  expect(await store.purge(T0 + 1, 9)).toBe(0)
})

test('STO-04 who watches hears what a person changed', async () => {
  const file = freshFile()
  const store = openStore(file)
  await store.commit([], [put(['p', 'a']), put(['p', 'b']), put(['q'])])
  const heard: string[] = []
  const lives: boolean[] = []
  store.watch!(['p'], {
    changed: (keys) => void heard.push(...(keys?.map((key) => key.join('/')) ?? ['*'])),
    live: (isLive) => void lives.push(isLive),
  })
  await vi.waitFor(() => expect(lives.at(-1)).toBe(true))
  edit(file, ({ records }) => {
    records[0]!.value = 'changed'
    records.splice(1, 2)
  })
  await vi.waitFor(() => expect(new Set(heard)).toEqual(new Set(['p/a', 'p/b'])), 5_000)
})

test('STO-04 an edit in the moment before the file is replaced is not lost, and the commit decides on it', async () => {
  const file = freshFile()
  let meddle = false
  const disk = diskWith(async (step, real) => {
    if (step === 'sync temp' && meddle) {
      meddle = false
      edit(file, ({ records }) => (records.find(({ key }) => key === 'code')!.value = 'revoked'))
    }
    return await real()
  })
  const store = openOn(disk, file)
  await store.commit([], [put(['code'], 'unused')])
  const version = (await versionOf(store, ['code']))!
  meddle = true
  expect(await store.commit([{ key: ['code'], version }], [put(['code'], 'used')])).toBe(false)
  expect(await valueOf(store, ['code'])).toBe('revoked')
  meddle = true
  expect(await store.commit([], [put(['other'])])).toBe(true)
  expect([await valueOf(store, ['code']), await valueOf(store, ['other'])]).toEqual([
    'revoked',
    'x',
  ])
})

test('STO-04 a file that is edited at every try is left to who edits it, and the commit is refused', async () => {
  const file = freshFile()
  let meddle = 0
  const disk = diskWith(async (step, real) => {
    if (step === 'sync temp' && meddle > 0)
      edit(file, ({ records }) => (records[0]!.value = `edit ${meddle++}`))
    return await real()
  })
  const store = openOn(disk, file)
  await store.commit([], [put(['a'])])
  meddle = 1
  await expect(store.commit([], [put(['b'])])).rejects.toMatchObject({ code: 'store_unavailable' })
  const last = `edit ${meddle - 1}`
  meddle = 0
  expect([await valueOf(store, ['a']), await store.read(['b'])]).toEqual([last, null])
})

test('STO-04 an editor that writes slowly into the file is waited for', async () => {
  const file = freshFile()
  const store = openStore(file)
  await store.commit([], [put(['a'], 'old')])
  const text = readFileSync(file, 'utf8').replace('"old"', '"new"')
  const fd = openSync(file, 'w')
  writeSync(fd, text.slice(0, 40))
  const reading = valueOf(store, ['a'])
  setTimeout(() => {
    writeSync(fd, text.slice(40))
    closeSync(fd)
  }, 20)
  expect(await reading).toBe('new')
})

test('a later file never looks like an earlier one, where the times of the disk are coarse', async () => {
  const file = freshFile()
  const coarse = new Date(2_000_000_000_000)
  const disk = diskWith(async (step, real) => {
    const result = await real()
    // as two commits within one tick of the clock
    if (step === 'close temp') utimesSync(tempOf(file), coarse, coarse)
    return result
  })
  const store = openOn(disk, file)
  const times = new Set<bigint>()
  for (let n = 0; n < 5; n++) {
    await store.commit([], [put(['a'], String(n)), append(['s'])])
    times.add(statSync(file, { bigint: true }).mtimeNs)
  }
  expect(times.size).toBe(5)
  expect([...times]).toEqual([...times].toSorted((a, b) => Number(a - b)))
})
