import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { renameSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import type { Key, Store } from '@pair/core'
import { expect, test, vi } from 'vitest'
import { diskWith } from './disk.ts'
import { freshFile } from './files.ts'
import { openOn, openRemote, openStore } from './open.ts'
import { append, put } from './writes.ts'

const PATIENT = { timeout: 20_000 }

/** All that a watch tells, in order: keys as text, `*` for any, and liveness. */
function listen(store: Store, prefix: Key): { heard: (string | boolean)[]; stop(): void } {
  const heard: (string | boolean)[] = []
  const stop = store.watch!(prefix, {
    changed: (keys) => void heard.push(...(keys?.map((key) => key.join('/')) ?? ['*'])),
    live: (isLive) => void heard.push(isLive),
  })
  return { heard, stop }
}

test('SEC-19 who watches hears exactly the keys below the prefix that other processes wrote', async () => {
  const file = freshFile()
  const store = openStore(file)
  const remote = openRemote(file)
  await remote.commit([], [put(['p', 'before'])])
  const { heard } = listen(store, ['p'])
  await vi.waitFor(() => expect(heard).toEqual([false, true]), PATIENT)
  const expected: (string | boolean)[] = [false, true]
  for (let n = 0; n < 5; n++) {
    await remote.commit([], [put(['p', `a${n}`]), put(['q']), append(['p', `s${n}`])])
    await remote.commit([], [put(['p', `b${n}`]), put(['p!', 'a'])])
    expected.push(`p/a${n}`, `p/s${n}`, `p/b${n}`)
  }
  await remote.commit([], [{ key: ['p', 'before'], value: null }])
  expected.push('p/before')
  await vi.waitFor(() => expect(new Set(heard)).toEqual(new Set(expected)), PATIENT)
}, 30_000)

test('own commits are told before they are answered, and are not told again', async () => {
  const store = openStore(freshFile())
  await store.read(['ready'])
  const { heard } = listen(store, [])
  await vi.waitFor(() => expect(heard).toEqual([false, true]), PATIENT)
  await store.commit([], [put(['a']), put(['b']), append(['s'])])
  expect(heard).toEqual([false, true, 'a', 'b', 's'])
  await store.commit([], [put(['b'])])
  expect(heard).toEqual([false, true, 'a', 'b', 's', 'b'])
})

test('SEC-19 a file that is away is not live, and before it is live again all that changed is told', async () => {
  const file = freshFile()
  const store = openStore(file)
  const { heard } = listen(store, ['p'])
  await vi.waitFor(() => expect(heard.at(-1)).toBe(true), PATIENT)
  renameSync(file, `${file}.away`)
  await vi.waitFor(() => expect(heard.at(-1)).toBe(false), PATIENT)
  await openStore(`${file}.away`).commit([], [put(['p', 'missed'])])
  heard.length = 0
  renameSync(`${file}.away`, file)
  await vi.waitFor(() => expect(heard).toEqual(['p/missed', true]), PATIENT)
})

test('SEC-19 on a disk that hangs a watch says within 300 ms that it hears nothing', async () => {
  let hang: Promise<void> | null = null
  const disk = diskWith(async (step, real) => {
    if (step === 'lstat file') await hang
    return await real()
  })
  const store = openOn(disk, freshFile())
  const { heard } = listen(store, [])
  await vi.waitFor(() => expect(heard.at(-1)).toBe(true), PATIENT)
  let goOn = (): void => {}
  hang = new Promise((resolve) => (goOn = resolve))
  const start = performance.now()
  await vi.waitFor(() => expect(heard.at(-1)).toBe(false), { ...PATIENT, interval: 5 })
  // what the machine takes for itself comes on top
  expect(performance.now() - start).toBeLessThan(1_000)
  goOn()
  hang = null
  await vi.waitFor(() => expect(heard.at(-1)).toBe(true), PATIENT)
})

test('each who watches is told that the watch is over when the store is closed, and nothing is watched after', async () => {
  const store = openStore(freshFile())
  await store.read(['ready'])
  const ears = [listen(store, []), listen(store, ['p']), listen(store, ['q'])]
  await vi.waitFor(() => expect(ears.map(({ heard }) => heard.at(-1))).toEqual([true, true, true]))
  ears[2]!.stop()
  await store.close()
  expect(ears.map(({ heard }) => heard.at(-1))).toEqual([false, false, true])
  expect(listen(store, []).heard).toEqual([false])
})

test('an open watch keeps no process alive', async () => {
  const program = fileURLToPath(new URL('watch-process.ts', import.meta.url))
  const child = spawn(process.execPath, ['--conditions=@pair/source', program, freshFile()], {
    stdio: 'inherit',
  })
  expect(await once(child, 'exit')).toEqual([0, null])
}, 30_000)
