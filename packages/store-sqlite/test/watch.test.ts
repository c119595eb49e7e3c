import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import type { Key, Store } from '@pair/core'
import { expect, it, vi } from 'vitest'
import { freshFile } from './kit/files.ts'
import { openRaw, openRemote, openStore } from './kit/open.ts'
import { append, put } from './kit/writes.ts'

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

it('who watches hears exactly the keys below the prefix that other processes wrote', async () => {
  const file = freshFile()
  const store = openStore(file)
  const remote = openRemote(file)
  await remote.commit([], [put(['p', 'before'])])
  const { heard } = listen(store, ['p'])
  const expected: (string | boolean)[] = [true, 'p']
  for (let n = 0; n < 10; n++) {
    await remote.commit([], [put(['p', `a${n}`]), put(['q']), append(['p', `s${n}`])])
    await remote.commit([], [{ key: ['p', `b${n}`], value: null }, put(['p']), put(['p!', 'a'])])
    expected.push(`p/a${n}`, `p/s${n}`, `p/b${n}`)
  }
  await vi.waitFor(() => expect(new Set(heard)).toEqual(new Set(expected)), PATIENT)
}, 30_000)

it('own commits are told before they are answered, and are not told again', async () => {
  const store = openStore(freshFile())
  const { heard } = listen(store, [])
  await store.commit([], [put(['a']), put(['a']), append(['s'])])
  expect(heard).toEqual([true, 'a', 's'])
  await store.commit([], [put(['b'])])
  expect(heard).toEqual([true, 'a', 's', 'b'])
})

it('a watch that fell behind what is kept says that any key may have changed', async () => {
  const file = freshFile()
  const store = openStore(file)
  await store.commit([], [put(['a'])])
  const { heard } = listen(store, ['p'])
  const raw = openRaw(file)
  // as so many commits of another process do between two looks
  raw.exec(`BEGIN IMMEDIATE;
    WITH RECURSIVE n(n) AS (SELECT 2 UNION ALL SELECT n + 1 FROM n WHERE n < 5000)
      INSERT INTO pair_change (seq, keys) SELECT n, '["q"]' FROM n;
    DELETE FROM pair_change WHERE seq < 5000 - 4096; COMMIT`)
  await vi.waitFor(() => expect(heard).toEqual([true, '*']), PATIENT)
  await store.commit([], [put(['p', 'next'])])
  expect(heard).toEqual([true, '*', 'p/next'])
})

it('of the commits that were made, 4,096 are kept for those who watch', async () => {
  const file = freshFile()
  const store = openStore(file)
  for (let n = 0; n < 5000; n += 50)
    await Promise.all(Array.from({ length: 50 }, () => store.commit([], [put(['a'])])))
  const raw = openRaw(file)
  expect(raw.prepare('SELECT count(*) AS kept, max(seq) AS last FROM pair_change').get()).toEqual({
    kept: 4096,
    last: 5000,
  })
})

it('each who watches is told that the watch is over when the store is closed, and nothing is watched after', async () => {
  const store = openStore(freshFile())
  const ears = [listen(store, []), listen(store, ['p'])]
  ears.push(listen(store, ['q']))
  ears[2]!.stop()
  store.close()
  expect(ears.map(({ heard }) => heard)).toEqual([[true, false], [true, false], [true]])
  expect(listen(store, []).heard).toEqual([false])
})

it('an open watch keeps no process alive', async () => {
  const program = fileURLToPath(new URL('kit/watch-process.ts', import.meta.url))
  const child = spawn(process.execPath, ['--conditions=@pair/source', program, freshFile()], {
    stdio: 'inherit',
  })
  expect(await once(child, 'exit')).toEqual([0, null])
}, 30_000)
