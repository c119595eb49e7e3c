import { readdirSync, statSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { toKeyText, toStep, type Step } from '@pair/core/store'
import { expect, test } from 'vitest'
import { fileStore } from '../../src/index.ts'
import { createDraft } from '../../src/file-store/draft.ts'
import { createRowMaker } from '../../src/file-store/record-version.ts'
import { emptyState } from '../../src/file-store/state.ts'
import { diskWith } from './disk.ts'
import { freshFile, newFolder } from './files.ts'
import { openOn, openStore } from './open.ts'
import { append, put, T0, valueOf } from './writes.ts'

const modeOf = (path: string): number => statSync(path).mode & 0o777

test.each(['', 7, undefined])('SEC-07 the file %j is no path', (file) => {
  expect(() => fileStore(file as string)).toThrow('fileStore: the file is a path.')
})

test.each([0, -1, Number.NaN, Infinity, '1h'])('SEC-07 `busyMs` %j is refused', (busyMs) => {
  const make = (): unknown => fileStore('any.json', { busyMs: busyMs as number })
  expect(make).toThrow('`busyMs` is a number of milliseconds')
})

test('STO-03 file and folder are made at the first call, for their owner alone', async () => {
  const file = join(dirname(freshFile()), 'a', 'b', 'pair.json')
  const store = openStore(file)
  expect(readdirSync(dirname(dirname(dirname(file))))).toEqual([])
  await store.read(['a'])
  expect([modeOf(dirname(dirname(file))), modeOf(dirname(file))]).toEqual([0o700, 0o700])
  expect([modeOf(file), modeOf(`${file}.lock`)]).toEqual([0o600, 0o600])
})

test('a path is as seen when the store was made', async () => {
  const { folder, remove } = newFolder()
  const before = process.cwd
  process.cwd = () => folder
  const store = fileStore('pair.json')
  process.cwd = before
  await store.commit([], [put(['a'])])
  expect(readdirSync(folder)).toContain('pair.json')
  await store.close()
  remove()
})

test('SEC-20 the store tells the time of its clock', async () => {
  const store = openStore(freshFile(), { clock: () => T0 })
  expect(await store.time!()).toBe(T0)
})

test('SEC-13 closing waits for what is being written, and rejects what waits and what comes later', async () => {
  const file = freshFile()
  let goOn = (): void => {}
  let reached = (): void => {}
  const writing = new Promise<void>((resolve) => (reached = resolve))
  const gate = new Promise<void>((resolve) => (goOn = resolve))
  const disk = diskWith(async (step, real) => {
    if (step === 'rename temp' && armed) {
      reached()
      await gate
    }
    return await real()
  })
  let armed = false
  const store = openOn(disk, file)
  await store.read(['ready'])
  armed = true
  const first = store.commit([], [put(['first'])])
  await writing
  const second = store.commit([], [put(['second'])]).catch((error: unknown) => error)
  await new Promise((resolve) => setImmediate(resolve))
  const closing = store.close()
  goOn()
  expect(await first).toBe(true)
  expect(await second).toMatchObject({ code: 'store_unavailable' })
  await closing
  const calls = [
    () => store.read(['a']),
    () => store.list([], { limit: 1 }),
    () => store.commit([], []),
    () => store.increment(['c'], 1, T0),
    () => store.tail(['s'], null, 1),
    () => store.purge(T0, 1),
  ]
  for (const call of calls)
    await expect(call()).rejects.toMatchObject({ message: 'The store was closed.' })
  await store.close()
  const again = openStore(file)
  expect([await valueOf(again, ['first']), await valueOf(again, ['second'])]).toEqual(['x', null])
})

test('STO-05 items that are appended, forgotten and appended in one writing are there once, or gone', () => {
  const draft = createDraft({ state: emptyState(T0), isNew: true, reborn: null }, createRowMaker())
  const one = (value: string, purgeAt: number | null): Step => toStep(append(['s'], value, purgeAt))
  draft.commit([], [one('first', T0), one('kept', null), one('second', T0)])
  expect(draft.purge(T0 + 1, 9)).toBe(2)
  draft.commit([], [one('last', null)])
  const items = draft.state.streams.get(toKeyText(['s']))!.items
  expect(items.map(({ value }) => value)).toEqual(['kept', 'last'])
})

test('STO-04 what a dead process left half made is taken away, and other files are not', async () => {
  const file = freshFile()
  const uuid = '01234567-89ab-4def-8123-456789abcdef'
  const others = [
    'notes.txt',
    'pair.json.mine.tmp',
    `other.json.${uuid}.tmp`,
    'pair.json.damaged-x',
  ]
  for (const name of [...others, `pair.json.${uuid}.tmp`])
    writeFileSync(join(dirname(file), name), 'half of')
  await openStore(file).commit([], [put(['a'])])
  expect(readdirSync(dirname(file)).toSorted()).toEqual(
    [...others, 'pair.json', 'pair.json.lock', 'pair.json.revision'].toSorted(),
  )
})
