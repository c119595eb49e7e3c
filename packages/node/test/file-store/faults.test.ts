import { readdirSync, readFileSync, utimesSync } from 'node:fs'
import { dirname } from 'node:path'
import { isPairError, type PairError } from '@pair/core'
import { describe, expect, test } from 'vitest'
import { diskFailing, diskWith } from './disk.ts'
import { freshFile } from './files.ts'
import { openOn, openStore } from './open.ts'
import { allOf, append, put, T0, valueOf } from './writes.ts'

const CODES = ['EIO', 'ENOSPC', 'EROFS', 'EMFILE']

/** Every call of the system that a commit makes before its file is in place. */
const BEFORE = [
  'lstat lock',
  'lstat file',
  'open temp',
  'writeFile temp',
  'sync temp',
  'close temp',
  'lstat temp',
  'open revision',
  'writeFile revision',
  'close revision',
  'rename temp',
]
/** Those of a counter. */
const BEFORE_COUNT = BEFORE.filter((step) => !step.endsWith('revision')).map((step) =>
  step.replace(/^(\w+) (file|lock|temp)$/, '$1 counters $2').replace(' file', ''),
)
/** And those behind that. */
const BEHIND = ['open folder', 'sync folder', 'close folder']

/** Those of a read of what another process wrote. */
const READ = ['lstat', 'open', 'stat', 'readFile', 'close']
  .map((call) => `${call} file`)
  .concat(['open', 'stat', 'read'].map((call) => `${call} revision`))

const names = (file: string): string[] => readdirSync(dirname(file))

describe.each(CODES)('SEC-12 %s', (code) => {
  test.each(BEFORE)(
    'at `%s` of a commit is told, the old state stays, and the next commit is good',
    async (step) => {
      const file = freshFile()
      const faults = new Set<string>()
      const store = openOn(diskFailing(faults, code), file)
      await store.commit([], [put(['kept'], 'old', T0), append(['s'], 'first')])
      const bytes = readFileSync(file, 'utf8')
      const version = (await store.read(['kept']))?.version
      faults.add(step)
      const error: unknown = await store
        .commit([], [put(['kept'], 'new'), append(['s'])])
        .catch((e) => e)
      expect(String(error)).toContain(`${code}: a fault at ${step}`)
      // who can't say how a renaming ended is not certain
      expect((error as PairError).undone).toBe(step === 'rename temp' ? undefined : true)
      await expect(store.purge(T0 + 1, 9)).rejects.toThrow(code)
      expect(readFileSync(file, 'utf8')).toBe(bytes)
      expect(names(file).filter((name) => name.endsWith('.tmp'))).toEqual([])
      faults.clear()
      // begun and not done is no older copy
      for (const one of [store, openStore(file)])
        expect(await one.read(['kept'])).toMatchObject({ value: 'old', version })
      expect(await store.commit([], [put(['kept'], 'new')])).toBe(true)
      expect(await allOf(openStore(file))).toEqual(await allOf(store))
    },
  )

  test('at `utimes temp` of a commit, where times are coarse, is told, and the old state stays', async () => {
    const file = freshFile()
    const faults = new Set<string>()
    const store = openOn(diskFailing(faults, code), file)
    await store.commit([], [put(['kept'], 'old')])
    utimesSync(file, 2_000_000_000, 2_000_000_000)
    faults.add('utimes temp')
    const error: unknown = await store.commit([], [put(['kept'], 'new')]).catch((e) => e)
    expect(error).toMatchObject({ code, undone: true })
    faults.clear()
    expect(await valueOf(store, ['kept'])).toBe('old')
    expect(await store.commit([], [put(['kept'], 'new')])).toBe(true)
  })

  test.each(BEFORE_COUNT)(
    'at `%s` of a counter is told, no total is lost or comes twice, and records go on',
    async (step) => {
      const file = freshFile()
      const faults = new Set<string>()
      const store = openOn(diskFailing(faults, code), file)
      await store.increment(['c'], 3, T0)
      const bytes = readFileSync(`${file}.counters`, 'utf8')
      faults.add(step)
      await expect(store.increment(['c'], 1, T0)).rejects.toThrow(`${code}: a fault at ${step}`)
      await expect(store.purge(T0 + 1, 9)).rejects.toThrow(code)
      expect(readFileSync(`${file}.counters`, 'utf8')).toBe(bytes)
      expect(names(file).filter((name) => name.endsWith('.tmp'))).toEqual([])
      expect(await store.commit([], [put(['a'])])).toBe(true)
      faults.clear()
      expect(await store.increment(['c'], 1, T0)).toBe(4)
      expect(await openStore(file).increment(['c'], 0, T0)).toBe(4)
    },
  )

  test.each(BEHIND)('at `%s`, behind the rename, is told, and all see one state', async (step) => {
    const file = freshFile()
    const faults = new Set<string>()
    const store = openOn(diskFailing(faults, code), file)
    await store.commit([], [put(['kept'], 'old')])
    faults.add(step)
    const error: unknown = await store.commit([], [put(['kept'], 'new')]).catch((e) => e)
    expect(error).toMatchObject({ code })
    expect((error as PairError).undone).toBe(undefined)
    // a power cut could bring the old state back: until that is over nobody is told of the new one
    const other = openOn(diskFailing(faults, code), file)
    for (const one of [store, other])
      for (const call of [
        () => one.read(['kept']),
        () => one.tail(['s'], null, 1),
        () => one.commit([], [put(['kept'], 'newer')]),
      ])
        await expect(call()).rejects.toThrow(code)
    faults.clear()
    // what was not confirmed may be there: the same for everybody
    expect(await allOf(store)).toEqual(await allOf(openStore(file)))
    expect(await store.commit([], [put(['kept'], 'newer')])).toBe(true)
    expect(await valueOf(openStore(file), ['kept'])).toBe('newer')
  })

  test.each(READ)('at `%s` of a read is told, and nothing old is answered', async (step) => {
    const file = freshFile()
    const faults = new Set<string>()
    const store = openOn(diskFailing(faults, code), file)
    await store.commit([], [put(['kept'], 'old')])
    await openStore(file).commit([], [put(['kept'], 'new')])
    faults.add(step)
    await expect(store.read(['kept'])).rejects.toThrow(code)
    await expect(store.list([], { limit: 1 })).rejects.toThrow(code)
    faults.clear()
    expect(await valueOf(store, ['kept'])).toBe('new')
  })

  test.each(['mkdir folder', 'stat folder', 'readdir folder', 'chmod lock', ...BEFORE, ...BEHIND])(
    'at `%s` of the first call is told, and the next begins well',
    async (step) => {
      const file = `${freshFile()}/inner/pair.json`
      const faults = new Set([step])
      const store = openOn(diskFailing(faults, code), file)
      await expect(store.commit([], [put(['a'])])).rejects.toThrow(code)
      faults.clear()
      await store.commit([], [put(['b'])])
      expect(await valueOf(store, ['b'])).toBe('x')
      expect(names(file).toSorted().join(' ')).toBe('pair.json pair.json.lock pair.json.revision')
    },
  )
})

test.each([
  ['writeFile temp', 'close temp'],
  ['writeFile temp', 'unlink temp'],
  ['sync temp', 'unlink temp'],
  ['rename temp', 'unlink temp'],
  ['sync folder', 'close folder'],
])('STO-02 where `%s` fails and then `%s`, the first is told', async (first, second) => {
  const faults = new Set<string>()
  const disk = diskWith(async (step, real) => {
    if (step === first && faults.has(step)) throw Object.assign(new Error('first'), { code: 'EIO' })
    if (step === second && faults.has(step)) {
      await real()
      throw Object.assign(new Error('second'), { code: 'EROFS' })
    }
    return await real()
  })
  const store = openOn(disk, freshFile())
  await store.commit([], [put(['a'])])
  faults.add(first).add(second)
  const error: unknown = await store.commit([], [put(['a'])]).catch((thrown: unknown) => thrown)
  expect(error).toMatchObject({ message: 'first', code: 'EIO' })
  expect(isPairError(error)).toBe(false)
})

test('SEC-12 these are all calls of the system that a commit and a counter make', async () => {
  const steps = new Set<string>()
  const disk = diskWith(async (step, real) => {
    steps.add(step)
    return await real()
  })
  const store = openOn(disk, freshFile())
  await store.commit([], [put(['a'])])
  await store.increment(['c'], 1, T0)
  steps.clear()
  await store.commit([], [put(['a'])])
  // coarse times of a disk are pushed on
  expect([...steps].filter((step) => step !== 'utimes temp').toSorted()).toEqual(
    [...BEFORE, ...BEHIND].toSorted(),
  )
  steps.clear()
  await store.increment(['c'], 1, T0)
  expect([...steps].filter((step) => step !== 'utimes counters temp').toSorted()).toEqual(
    // the records are looked at too
    [...BEFORE_COUNT, ...BEHIND, 'lstat file'].toSorted(),
  )
})

test('what is written is on the disk before it has its name, and its name before it is answered', async () => {
  const steps: string[] = []
  const disk = diskWith(async (step, real) => {
    const result = await real()
    steps.push(step)
    return result
  })
  const store = openOn(disk, freshFile())
  await store.commit([], [put(['a'])])
  steps.length = 0
  await store.commit([], [put(['a'])])
  steps.push('answered')
  expect(steps.filter((step) => /^(writeFile|sync|rename|answered)/.test(step))).toEqual([
    'writeFile temp',
    'sync temp',
    'writeFile revision',
    'rename temp',
    'sync folder',
    'answered',
  ])
  // the last look before the rename is at the lock and at the file
  expect(steps.slice(steps.indexOf('rename temp') - 2, steps.indexOf('rename temp'))).toEqual([
    'lstat lock',
    'lstat file',
  ])
})

test('commits that come together share one writing, each with its own verdict', async () => {
  let written = 0
  const disk = diskWith(async (step, real) => {
    if (step === 'rename temp') written += 1
    return await real()
  })
  const store = openOn(disk, freshFile())
  await store.read(['ready'])
  written = 0
  const wins = await Promise.all(
    Array.from({ length: 100 }, (_, n) =>
      store.commit([{ key: [String(n % 10)], version: null }], [put([String(n % 10)], String(n))]),
    ),
  )
  expect(wins.flatMap((won, n) => (won ? [n] : []))).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9])
  expect(written).toBe(1)
  expect(await store.commit([{ key: ['0'], version: null }], [put(['0'])])).toBe(false)
  await store.commit([], [])
  await store.purge(T0, 10)
  expect(written).toBe(1)
})
