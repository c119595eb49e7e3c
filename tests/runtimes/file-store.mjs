// Two stores on one plain file: rivals, a count, a change that is heard, an edit by hand, a restart.
import assert from 'node:assert/strict'
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import process from 'node:process'
import { fileStore } from '@pair/node'

const root = mkdtempSync(join(tmpdir(), 'pair-file-'))
const file = join(root, '.data', 'pair.json')
const told = []
const open = () => fileStore(file, { busyMs: 10_000, logger: { warn: (line) => told.push(line) } })
const stores = [open(), open()]
const key = ['pair', 'code', '1', 'record']
const alive = setInterval(() => {}, 1_000) // a watch alone keeps no process alive
const put = (value) => ({ key, value, purgeAt: null })
try {
  const wins = await Promise.all(
    Array.from({ length: 40 }, (_, n) =>
      stores[n % 2].commit([{ key, version: null }], [put(`{"by":${n}}`)]),
    ),
  )
  assert.deepEqual(wins.filter(Boolean), [true])
  assert.equal((await stores[1].read(key)).value, `{"by":${wins.indexOf(true)}}`)
  const totals = await Promise.all(
    Array.from({ length: 20 }, (_, n) => stores[n % 2].increment(['c'], 1, 1)),
  )
  assert.deepEqual(
    totals.toSorted((a, b) => a - b),
    totals.map((_, n) => n + 1),
  )
  const heard = new Promise((resolve) => {
    stores[1].watch(['pair'], { changed: resolve, live: (isLive) => void (isLive && move()) })
  })
  const move = () => stores[0].commit([], [put('"moved"')])
  assert.deepEqual(await heard, [key])
  writeFileSync(file, readFileSync(file, 'utf8').replace('moved', 'by hand'))
  for (const store of stores) assert.equal((await store.read(key)).value, '"by hand"')
  assert.equal(told.length, 1)
  await Promise.all(stores.map((store) => store.close()))
  const again = open()
  assert.equal((await again.read(key)).value, '"by hand"')
  assert.equal(await again.increment(['c'], 1, 1), 21)
  await again.close()
  assert.deepEqual(
    readdirSync(dirname(file)).filter((name) => name.endsWith('.tmp')),
    [],
  )
  console.log('ok, two stores on one file')
} catch (error) {
  console.error(error.message, error.hint ?? '')
  process.exitCode = 1
} finally {
  clearInterval(alive)
  for (const store of stores) await store.close()
  rmSync(root, { recursive: true, force: true })
}
