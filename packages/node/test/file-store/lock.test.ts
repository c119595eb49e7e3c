import { spawnSync } from 'node:child_process'
import {
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { dirname } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import type { FileStoreDisk } from '../../src/file-store/disk-file.ts'
import { diskWith } from './disk.ts'
import { freshFile } from './files.ts'
import { openOn, openRemote, openStore } from './open.ts'
import { put, valueOf } from './writes.ts'

test('SEC-12 who finds the lock moved away while he wrote, writes nothing, and the next call takes the new one', async () => {
  const file = freshFile()
  let meddle: ((path: string) => void) | null = null
  const disk = diskWith(async (step, real) => {
    if (step === 'sync temp') meddle?.(`${file}.lock`)
    return await real()
  })
  const store = openOn(disk, file)
  await store.commit([], [put(['a'], 'old')])
  const bytes = readFileSync(file, 'utf8')
  for (const away of [
    (path: string) => rmSync(path),
    (path: string) => renameSync(path, `${path}.away`),
    (path: string) => (rmSync(path), writeFileSync(path, '')),
  ]) {
    meddle = away
    await expect(store.commit([], [put(['a'], 'new')])).rejects.toMatchObject({
      code: 'store_unavailable',
      message: expect.stringContaining(`${file}.lock, the lock, was moved`) as string,
    })
    expect(readFileSync(file, 'utf8')).toBe(bytes)
    meddle = null
    const rival = openStore(file)
    expect(await Promise.all([store.commit([], []), rival.commit([], [])])).toEqual([true, true])
  }
  expect(await store.commit([], [put(['a'], 'new')])).toBe(true)
})

test('STO-04 a lock that was deleted between two commits is made anew, and two stores still never write at once', async () => {
  const file = freshFile()
  let inside = 0
  let most = 0
  const disk = diskWith(async (step, real) => {
    if (step === 'open temp') most = Math.max(most, ++inside)
    const result = await real()
    if (step === 'rename temp') inside -= 1
    return result
  })
  const stores = [openOn(disk, file), openOn(disk, file), openOn(disk, file)]
  for (let round = 0; round < 8; round++) {
    const wins = await Promise.all(
      stores.map((store) =>
        store.commit([{ key: [String(round)], version: null }], [put([String(round)])]),
      ),
    )
    expect(wins.filter(Boolean)).toHaveLength(1)
    rmSync(`${file}.lock`)
  }
  expect(most).toBe(1)
})

/** A disk that stops at that step once it is armed, until it is let on. */
function gate(step: string): {
  disk: FileStoreDisk
  arm(): void
  reached: Promise<void>
  open(): void
} {
  let armed = false
  let reach = (): void => {}
  let open = (): void => {}
  const reached = new Promise<void>((resolve) => (reach = resolve))
  const opened = new Promise<void>((resolve) => (open = resolve))
  const disk = diskWith(async (name, real) => {
    if (name === step && armed) {
      reach()
      await opened
    }
    return await real()
  })
  return { disk, arm: () => (armed = true), reached, open: () => open() }
}

test('STO-04 a lock that is replaced while it is opened is not taken for the new one', async () => {
  const file = freshFile()
  const rivals = gate('rename temp')
  const rival = openOn(rivals.disk, file)
  await rival.commit([], [put(['a'], 'old')])
  let meddle = true
  const disk = diskWith(async (step, real) => {
    if (step === 'chmod lock' && meddle) {
      meddle = false
      rmSync(`${file}.lock`)
      rivals.arm()
      working = rival.commit([], [put(['a'], 'rival')])
      await rivals.reached
    }
    return await real()
  })
  let working: Promise<boolean> | undefined
  const store = openOn(disk, file, { busyMs: 50 })
  // the rival is between its file and its place, with the new lock
  await expect(store.commit([], [put(['b'])])).rejects.toMatchObject({ code: 'store_busy' })
  rivals.open()
  expect(await working).toBe(true)
  expect(await store.commit([], [put(['b'])])).toBe(true)
  expect([await valueOf(rival, ['a']), await valueOf(rival, ['b'])]).toEqual(['rival', 'x'])
})

test('STO-04 a second store of one process on one file waits for the first, and closing it lets go of nothing', async () => {
  const file = freshFile()
  const { disk, arm, reached, open } = gate('rename temp')
  const first = openOn(disk, file)
  await first.commit([], [put(['a'], 'old')])
  arm()
  const working = first.commit([], [put(['a'], 'first')])
  await reached
  const second = openStore(file, { busyMs: 30 })
  await expect(second.commit([], [put(['b'])])).rejects.toMatchObject({ code: 'store_busy' })
  await second.close()
  // a rule of POSIX: whoever closes the file drops what its process holds. SQLite closes it later.
  const remote = openRemote(file, { busyMs: 100 })
  await expect(remote.commit([], [put(['b'])])).rejects.toThrow('Too many')
  open()
  expect(await working).toBe(true)
  expect(await remote.commit([], [put(['b'])])).toBe(true)
  expect([await valueOf(first, ['a']), await valueOf(first, ['b'])]).toEqual(['first', 'x'])
})

test('STO-04 what waits too long behind a writing that hangs is rejected meanwhile, and not done later', async () => {
  const file = freshFile()
  const { disk, arm, reached, open } = gate('sync temp')
  const store = openOn(disk, file, { busyMs: 1_000 })
  await store.read(['ready'])
  arm()
  const working = store.commit([], [put(['a'])])
  await reached
  await expect(store.commit([], [put(['b'])])).rejects.toMatchObject({
    code: 'store_busy',
    undone: true,
  })
  open()
  expect(await working).toBe(true)
  expect(await store.list([], { limit: 9 })).toHaveLength(1)
})

test.each([
  ['a link', (path: string) => symlinkSync('/dev/null', path), 'config_invalid'],
  ['a folder', (path: string) => mkdirSync(path), 'config_invalid'],
  ['other text', (path: string) => writeFileSync(path, 'x'.repeat(5000)), 'store_unavailable'],
])(
  'STO-04 %s in the place of the lock is refused for writing, and reading goes on',
  async (_, make, code) => {
    const file = freshFile()
    const store = openStore(file)
    await store.commit([], [put(['a'])])
    rmSync(`${file}.lock`)
    make(`${file}.lock`)
    const refusal = { code, message: expect.stringContaining(`${file}.lock`) as string }
    await expect(store.commit([], [put(['a'], 'y')])).rejects.toMatchObject(refusal)
    await expect(openStore(file).commit([], [put(['a'], 'y')])).rejects.toMatchObject(refusal)
    expect(await valueOf(store, ['a'])).toBe('x')
    rmSync(`${file}.lock`, { recursive: true })
    expect(await store.commit([], [put(['a'], 'y')])).toBe(true)
  },
)

test('the lock is an empty file for its owner alone, with nothing beside it', async () => {
  const file = freshFile()
  await openStore(file).commit([], [put(['a'])])
  const { size, mode } = statSync(`${file}.lock`)
  expect([size, mode & 0o777]).toEqual([0, 0o600])
  expect(readdirSync(dirname(file)).toSorted()).toEqual([
    'pair.json',
    'pair.json.lock',
    'pair.json.revision',
  ])
})

test('STO-04 a runtime without a lock is refused with what mends it, and makes no file', () => {
  const file = freshFile()
  const program = fileURLToPath(new URL('without-lock-process.ts', import.meta.url))
  const flags = ['--conditions=@pair/source', '--no-experimental-sqlite']
  const { stdout } = spawnSync(process.execPath, [...flags, program, file])
  expect(JSON.parse(String(stdout))).toEqual({
    code: 'config_invalid',
    message: `fileStore: there is no lock of files in this runtime (Node ${process.versions.node}).`,
    hint: expect.stringContaining('Node 22.13') as string,
  })
  expect(readdirSync(dirname(file))).toEqual([])
})
