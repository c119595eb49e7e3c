import {
  copyFileSync,
  readFileSync,
  renameSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import { expect, test } from 'vitest'
import type { FileStore } from '../../src/index.ts'
import { diskFailing, diskWith } from './disk.ts'
import { freshFile } from './files.ts'
import { openOn, openStore } from './open.ts'
import { append, put, T0, valueOf } from './writes.ts'

const KEY = ['code']
const CLOCK = { clock: () => T0 }

async function move(store: FileStore, value: string): Promise<string> {
  await store.commit([], [put(KEY, value), append(['s'], value)])
  return (await store.read(KEY))!.version
}

function restore(copy: string, file: string): void {
  copyFileSync(copy, `${file}~`)
  renameSync(`${file}~`, file)
}

test('STO-04 who lags and meets the copy that he knows wins nothing that another has won since', async () => {
  const file = freshFile()
  const [lagging, other] = [openStore(file, CLOCK), openStore(file, CLOCK)]
  await move(other, 'warm')
  const version = await move(lagging, 'open')
  copyFileSync(file, `${file}.copy`)
  const check = [{ key: KEY, version }]
  expect(await other.commit(check, [put(KEY, 'won'), append(['s'])])).toBe(true)
  // each restart begins new places
  for (let n = 0; n < 3; n++) await openStore(file, CLOCK).commit([], [append(['s'])])
  const { latest } = await other.tail(['s'], null, 9)
  await other.close()
  restore(`${file}.copy`, file)
  expect(await lagging.commit(check, [put(KEY, 'won again')])).toBe(false)
  expect(await valueOf(lagging, KEY)).toBe('open')
  await lagging.commit([], [append(['s'], 'next')])
  expect((await lagging.tail(['s'], latest, 9)).items.map(({ value }) => value)).toEqual(['next'])
})

test('STO-04 a copy that is newer than what one knows and older than what another wrote brings no version and no place back', async () => {
  const file = freshFile()
  const [lagging, other] = [openStore(file, CLOCK), openStore(file, CLOCK)]
  await move(lagging, 'one')
  await other.read(KEY)
  const versions = new Set<string>()
  for (let n = 0; n < 3; n++) versions.add(await move(other, `before ${n}`))
  copyFileSync(file, `${file}.copy`)
  for (let n = 0; n < 3; n++) versions.add(await move(other, `behind ${n}`))
  const { latest } = await other.tail(['s'], null, 9)
  restore(`${file}.copy`, file)
  for (let n = 0; n < 9; n++) await lagging.commit([], [append(['s'], 'next')])
  for (const store of [lagging, other]) {
    expect(await valueOf(store, KEY)).toBe('before 2')
    expect(versions.has((await store.read(KEY))!.version)).toBe(false)
    for (const version of versions)
      expect(await store.commit([{ key: KEY, version }], [put(KEY, 'never')])).toBe(false)
    expect((await store.tail(['s'], latest, 99)).items).toHaveLength(9)
  }
})

test('STO-04 an old copy that was put there while nothing ran is told at the next start', async () => {
  const file = freshFile()
  const store = openStore(file, CLOCK)
  const version = await move(store, 'one')
  copyFileSync(file, `${file}.copy`)
  await move(store, 'two')
  await store.close()
  restore(`${file}.copy`, file)
  const told: string[] = []
  const next = openStore(file, { ...CLOCK, logger: { warn: (line) => void told.push(line) } })
  expect(await valueOf(next, KEY)).toBe('one')
  expect((await next.read(KEY))!.version).not.toBe(version)
  expect(told).toHaveLength(1)
})

test.each<[string, (path: string) => void]>([
  ['deleted', (path) => rmSync(path)],
  ['emptied', (path) => truncateSync(path)],
  ['longer than any', (path) => writeFileSync(path, '!'.repeat(9_999))],
  ['no JSON', (path) => writeFileSync(path, '!'.repeat(512))],
])(
  'STO-04 where the revision is %s, who runs believes no version of a file that he did not write',
  async (_, spoil) => {
    const file = freshFile()
    const [lagging, other] = [openStore(file), openStore(file)]
    const version = await move(lagging, 'open')
    copyFileSync(file, `${file}.copy`)
    await move(other, 'won')
    spoil(`${file}.revision`)
    restore(`${file}.copy`, file)
    expect(await lagging.commit([{ key: KEY, version }], [put(KEY, 'again')])).toBe(false)
    const told: string[] = []
    const next = openStore(file, { logger: { warn: (line) => void told.push(line) } })
    expect(await valueOf(next, KEY)).toBe('open')
    await move(lagging, 'next')
    expect(await valueOf(next, KEY)).toBe('next')
    expect(told).toEqual([])
  },
)

test('STO-04 who undoes a commit in the moment of its renaming brings no version back', async () => {
  const file = freshFile()
  let old: string | null = null
  const disk = diskWith(async (step, real) => {
    const result = await real()
    if (step === 'rename temp' && old !== null) {
      writeFileSync(file, old)
      old = null
    }
    return result
  })
  const store = openOn(disk, file)
  const heard: string[] = []
  store.watch!([], { changed: (keys) => void heard.push(JSON.stringify(keys)), live() {} })
  const version = await move(store, 'open')
  old = readFileSync(file, 'utf8')
  heard.length = 0
  const check = [{ key: KEY, version }]
  expect(await store.commit(check, [put(KEY, 'won')])).toBe(true)
  expect(heard).toEqual([JSON.stringify([KEY])])
  // who knows how far it was needs no trail of it
  rmSync(`${file}.revision`)
  expect(await store.commit(check, [put(KEY, 'won again')])).toBe(false)
  expect(await valueOf(store, KEY)).toBe('open')
})

test('STO-04 a file that was made anew is further than the one that it replaced', async () => {
  const file = freshFile()
  let now = T0
  const clock = (): number => now
  const first = openStore(file, { clock })
  let old = ''
  for (let n = 0; n < 5; n++) old = await move(first, `old ${n}`)
  copyFileSync(file, `${file}.copy`)
  await first.close()
  rmSync(file)
  now += 1_000
  const [second, lagging] = [openStore(file, { clock }), openStore(file, { clock })]
  const version = await move(second, 'new')
  await lagging.read(KEY)
  restore(`${file}.copy`, file)
  expect(await valueOf(lagging, KEY)).toBe('old 4')
  expect((await lagging.read(KEY))!.version).not.toBe(old)
  await move(lagging, 'newer')
  expect(await second.commit([{ key: KEY, version }], [put(KEY)])).toBe(false)
})

test('STO-04 an old copy is not believed either where writing it anew failed', async () => {
  const file = freshFile()
  const faults = new Set<string>()
  const [lagging, other] = [openStore(file), openStore(file)]
  const healer = openOn(diskFailing(faults, 'EIO'), file)
  const version = await move(lagging, 'open')
  await healer.read(KEY)
  copyFileSync(file, `${file}.copy`)
  await move(other, 'won')
  restore(`${file}.copy`, file)
  faults.add('rename temp')
  await expect(healer.read(KEY)).rejects.toThrow('EIO')
  expect(await lagging.commit([{ key: KEY, version }], [put(KEY, 'again')])).toBe(false)
})

test('STO-04 who reads while the next writing is begun reads what stands there', async () => {
  const file = freshFile()
  let reading: Promise<unknown> | undefined
  const disk = diskWith(async (step, real) => {
    if (step === 'rename temp' && reading)
      await (reading = openStore(file, { busyMs: 50 }).read(KEY))
    return await real()
  })
  const store = openOn(disk, file)
  await move(store, 'one')
  const seen = await store.read(KEY)
  reading = Promise.resolve()
  await move(store, 'two')
  expect(await reading).toEqual(seen)
})

test('STO-04 who is overtaken by two writings while he reads hears of these alone', async () => {
  const file = freshFile()
  const other = openStore(file)
  let overtake = false
  const disk = diskWith(async (step, real) => {
    const result = await real()
    if (step === 'readFile file' && overtake) {
      overtake = false
      await move(other, 'three')
      await move(other, 'four')
    }
    return result
  })
  const store = openOn(disk, file)
  await other.commit([], [put(['still'])])
  await move(other, 'one')
  await store.read(KEY)
  const heard = new Set<string>()
  store.watch!([], {
    changed: (keys) => keys?.forEach((key) => heard.add(key.join(' '))),
    live() {},
  })
  await move(other, 'two')
  overtake = true
  expect(await valueOf(store, KEY)).toBe('four')
  expect([...heard].toSorted()).toEqual(['code', 's'])
})
