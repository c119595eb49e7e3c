import { spawnSync, type ChildProcess } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { ask, kill, startChild } from './file-secrets-children.ts'

// processes take their time to start on a busy machine
vi.setConfig({ testTimeout: 60_000 })

// A mount namespace of its own, so that nobody else sees the disk and it ends with the child.
const ownMounts = ['unshare', process.geteuid?.() === 0 ? '-m' : '-rm']
const mounted = spawnSync([...ownMounts, 'mount -t tmpfs none', tmpdir()].join(' '), {
  shell: true,
})
const canMount = mounted.status === 0

let root = ''
let folder = ''
let children: ChildProcess[] = []
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'pair-secrets-'))
  folder = join(root, '.data')
})
afterEach(async () => {
  await Promise.all(children.splice(0).map(kill))
  rmSync(root, { recursive: true })
})

async function start(...through: string[]): Promise<ChildProcess> {
  const child = await startChild(through)
  children.push(child)
  return child
}

test('SEC-12 a process out of descriptors hears EMFILE, and once it has some again all is as it was', async () => {
  const child = await start('sh', '-c', 'ulimit -n 64 && exec "$0" "$@"')
  await ask(child, 'exhaust')
  for (const call of ['getOrCreate', 'markSpent'] as const)
    await expect(ask(child, call, folder, 'master')).rejects.toThrow('EMFILE')
  await ask(child, 'free')
  const secret = await ask(child, 'getOrCreate', folder, 'master')
  await ask(child, 'exhaust')
  await expect(ask(child, 'getOrCreate', folder, 'master')).rejects.toThrow('EMFILE')
  await ask(child, 'free')
  expect(await ask(child, 'getOrCreate', folder, 'master')).toBe(secret)
  expect(await ask(child, 'markSpent', folder, 'master')).toBe(true)
  await ask(child, 'exhaust')
  await expect(ask(child, 'markSpent', folder, 'master')).rejects.toThrow('EMFILE')
  await ask(child, 'free')
  expect(await ask(child, 'markSpent', folder, 'master')).toBe(false)
  expect(await ask(child, 'shell', '.', `ls '${folder}'`)).toBe('master\nmaster.spent\n')
})

test('SEC-12 a file that may not grow leaves nothing behind', async () => {
  const child = await start('sh', '-c', 'ulimit -f 0 && exec "$0" "$@"')
  await expect(ask(child, 'getOrCreate', folder, 'master')).rejects.toThrow('EFBIG')
  expect(await ask(child, 'shell', '.', `ls -A '${folder}'`)).toBe('')
})

// Where no disk can be mounted these are left out: the same faults, one by one, are in the tests of faults.
const fillers = canMount
  ? [
      ['bytes', 'dd if=/dev/zero of=filler bs=1k'],
      ['names', 'i=0; while : > "filler$i"; do i=$((i+1)); done'],
    ]
  : []

test.each(fillers)('a disk out of %s makes no secret until there is room', async (_, fill) => {
  const child = await start(...ownMounts)
  const shell = (command: string): Promise<unknown> =>
    ask(child, 'shell', '.', `cd '${root}'; ${command}`)
  await shell(`mount -t tmpfs -o size=64k,nr_inodes=40 none '${root}' && mkdir -m 700 '${folder}'`)
  await shell(`(${fill}) 2>/dev/null; true`)
  await expect(ask(child, 'getOrCreate', folder, 'master')).rejects.toThrow('ENOSPC')
  expect(await shell('ls -A .data')).toBe('')
  await shell('rm filler*')
  const secret = await ask(child, 'getOrCreate', folder, 'master')
  await shell(`(${fill}) 2>/dev/null; true`)
  expect(await ask(child, 'getOrCreate', folder, 'master')).toBe(secret)
  expect(await shell('ls -A .data')).toBe('master\n')
})

test.each(canMount ? ['read-only'] : [])(
  'a disk that is %s gives the secret that it has, and makes and marks none',
  async () => {
    const child = await start(...ownMounts)
    const shell = (command: string): Promise<unknown> => ask(child, 'shell', '.', command)
    await shell(`mount -t tmpfs none '${root}'`)
    const secret = await ask(child, 'getOrCreate', folder, 'master')
    await shell(`mount -o remount,bind,ro '${root}'`)
    expect(await ask(child, 'getOrCreate', folder, 'master')).toBe(secret)
    for (const call of ['markSpent', 'remove'] as const)
      await expect(ask(child, call, folder, 'master')).rejects.toThrow('EROFS')
    await expect(ask(child, 'getOrCreate', folder, 'other')).rejects.toThrow('EROFS')
    await expect(ask(child, 'getOrCreate', join(root, 'a/b'), 'other')).rejects.toThrow('EROFS')
    await shell(`mount -o remount,bind,rw '${root}'`)
    expect(await ask(child, 'getOrCreate', folder, 'master')).toBe(secret)
    expect(await ask(child, 'markSpent', folder, 'master')).toBe(true)
    expect(await shell(`ls -A '${folder}'`)).toBe('master\nmaster.spent\n')
  },
)
