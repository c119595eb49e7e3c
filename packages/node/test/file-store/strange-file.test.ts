import { execFileSync } from 'node:child_process'
import {
  chmodSync,
  copyFileSync,
  mkdirSync,
  renameSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import { dirname } from 'node:path'
import { beforeEach, expect, test } from 'vitest'
import { diskWith } from './disk.ts'
import { createPatient, like, type Patient } from './patient.ts'
import { openOn, openStore } from './open.ts'
import { absent, append, put, valueOf } from './writes.ts'

let file: Patient['file']
let store: Patient['store']
let good: Patient['good']
let kept: Patient['kept']
let expectDenied: Patient['expectDenied']
beforeEach(async () => {
  ;({ file, store, good, kept, expectDenied } = await createPatient())
})

test('STO-04 a later format is refused without being taken for damage', async () => {
  writeFileSync(file, good.replace('"formatVersion": 1', '"formatVersion": 2'))
  await expectDenied({ code: 'store_unavailable', hint: like('Update @pair/node') })
  expect(kept()).toEqual([])
})

test('STO-04 a file beyond all measure is not read', async () => {
  truncateSync(file, 64 * 1024 * 1024 + 1)
  await expectDenied({ code: 'store_unavailable', message: like('larger than any') })
})

test('STO-04 a file that goes away under a running server is missed, not begun anew; a restart begins anew', async () => {
  renameSync(file, `${file}.away`)
  await expect(store.read(['owner'])).rejects.toMatchObject({ message: like('moved or deleted') })
  await expect(store.commit([absent(['owner'])], [put(['owner'])])).rejects.toMatchObject({
    code: 'store_unavailable',
    hint: like('every device pairs again'),
  })
  renameSync(`${file}.away`, file)
  expect(await valueOf(store, ['owner'])).toBe('{"name":"a"}')
  rmSync(file)
  await expect(store.read(['owner'])).rejects.toMatchObject({ message: like('moved or deleted') })
  const restarted = openStore(file)
  expect(await restarted.read(['owner'])).toBe(null)
  // an old cursor shows as old: its place is before all that comes
  await restarted.commit([], [append(['s'], 'anew')])
  const { items } = JSON.parse(good) as { items: { position: string }[] }
  const tail = await restarted.tail(['s'], items.at(-1)!.position, 5)
  expect(tail.items.map(({ value }) => value)).toEqual(['anew'])
})

test('SEC-12 a file that others can reach is refused with what mends it', async () => {
  chmodSync(file, 0o644)
  await expectDenied({ code: 'config_invalid', hint: `Run: chmod 600 '${file}'` })
  chmodSync(file, 0o600)
  expect(await valueOf(store, ['owner'])).toBe('{"name":"a"}')
})

test('SEC-12 a folder that others can enter is refused with what mends it', async () => {
  chmodSync(dirname(file), 0o755)
  await expect(openStore(file).read(['owner'])).rejects.toMatchObject({
    code: 'config_invalid',
    hint: `Run: chmod 700 '${dirname(file)}'`,
  })
  chmodSync(dirname(file), 0o700)
})

test('a file of another user is refused', async () => {
  const disk = diskWith(async (step, real) => {
    const result = await real()
    return step === 'stat file' ? Object.assign(result as object, { uid: 4321 }) : result
  })
  await expect(openOn(disk, file).read(['owner'])).rejects.toMatchObject({
    code: 'config_invalid',
    message: like('belongs to the user 4321'),
  })
})

test.each([
  [
    'a link',
    (path: string) => (
      copyFileSync(path, `${path}.real`),
      rmSync(path),
      symlinkSync(`${path}.real`, path)
    ),
  ],
  ['a folder', (path: string) => (rmSync(path), mkdirSync(path, 0o700))],
  ['a pipe', (path: string) => (rmSync(path), execFileSync('mkfifo', ['-m', '600', path]))],
])('STO-04 %s in the place of the file is refused', async (_, swap) => {
  swap(file)
  await expectDenied({ code: 'config_invalid', message: like('not a plain file') })
})
