import { spawnSync } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { freshFile } from './files.ts'
import { openRemote, openStore } from './open.ts'
import { put, T0, valueOf } from './writes.ts'

// A mount namespace of its own, so that nobody else sees the disk and it ends with the child.
const ownMounts = ['unshare', process.geteuid?.() === 0 ? '-m' : '-rm']
const mounted = spawnSync([...ownMounts, 'mount -t tmpfs none', tmpdir()].join(' '), {
  shell: true,
})
// Where no disk can be mounted these are left out: the same faults, one by one, are in the tests of faults.
const canMount = mounted.status === 0

let root = ''
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'pair-file-store-'))
})
afterEach(() => rmSync(root, { recursive: true }))

test('SEC-12 a file that may not grow as the next state needs keeps the old one, and takes what fits', async () => {
  // blocks of 512 or 1,024 bytes; the signal beside it would end the process
  const before = "trap '' XFSZ; ulimit -f 40"
  const store = openRemote(join(root, 'data', 'pair.json'), { before })
  await store.commit([], [put(['kept'], 'old')])
  expect(await store.increment(['c'], 1, T0)).toBe(1)
  const large = put(['large'], 'x'.repeat(100_000))
  for (let n = 0; n < 3; n++)
    await expect(store.commit([], [put(['kept'], 'new'), large])).rejects.toThrow('EFBIG')
  expect(await valueOf(store, ['kept'])).toBe('old')
  expect(readdirSync(join(root, 'data')).filter((name) => name.endsWith('.tmp'))).toEqual([])
  expect(await store.commit([], [put(['kept'], 'new')])).toBe(true)
  expect(await store.increment(['c'], 1, T0)).toBe(2)
  expect(await valueOf(openStore(join(root, 'data', 'pair.json')), ['kept'])).toBe('new')
})

test.each(canMount ? ['full'] : [])(
  'a disk that is %s keeps the old state, and takes on when there is room',
  async () => {
    const store = openRemote(join(root, 'data', 'pair.json'), {
      through: ownMounts,
      before: `mount -t tmpfs -o size=256k none '${root}'; head -c 100000 /dev/zero > '${root}/filler'`,
    })
    await store.commit([], [put(['kept'], 'old')])
    const value = 'x'.repeat(20_000)
    const done: number[] = []
    let failed: unknown
    for (let n = 0; failed === undefined; n++)
      await store.commit([], [put(['kept'], 'new'), put(['fill', String(n)], value)]).then(
        () => done.push(n),
        (error: unknown) => (failed = error),
      )
    expect((failed as Error).message).toContain('ENOSPC')
    expect(done.length).toBeGreaterThan(0)
    // the file is written beside the old one: now there is no room for any commit
    for (let n = 0; n < 3; n++)
      await expect(store.commit([], [put(['kept'], 'newer')])).rejects.toThrow('ENOSPC')
    expect(await valueOf(store, ['kept'])).toBe('new')
    expect(await store.list(['fill'], { limit: 99 })).toHaveLength(done.length)
    // nobody but that process sees its disk
    rmSync(join('/proc', String(store.process.pid), 'root', root, 'filler'))
    expect(await store.commit([], [put(['fill', 'more'], value)])).toBe(true)
    expect(await store.increment(['c'], 1, T0)).toBe(1)
  },
)

test.each(canMount ? ['read-only'] : [])(
  'a disk that is %s is read, and takes nothing',
  async () => {
    const good = freshFile()
    await openStore(good).commit([], [put(['a'])])
    const script = `mount -t tmpfs none '${root}'; mkdir -m 700 '${root}/data'`
    const file = join(root, 'data', 'pair.json')
    const store = openRemote(file, {
      through: ownMounts,
      before: `${script}; printf '%s' "$GOOD" > '${file}'; chmod 600 '${file}'; mount -o remount,bind,ro '${root}'`,
      env: {
        GOOD: readFileSync(good, 'utf8'),
      },
    })
    expect(await valueOf(store, ['a'])).toBe('x')
    expect(await store.increment(['c'], 0, T0)).toBe(0)
    await expect(store.commit([], [put(['a'])])).rejects.toThrow('can not be taken')
    await expect(store.increment(['c'], 1, T0)).rejects.toThrow('can not be taken')
    expect(await valueOf(store, ['a'])).toBe('x')
  },
)
