import { expect, it } from 'vitest'
import type { RedisStore } from '../src/index.ts'
import { openNodeRedis } from './kit/clients.ts'
import { becomes, listen } from './kit/ears.ts'
import { openServer, openStore } from './kit/open.ts'
import { append, put, T0 } from './kit/writes.ts'

const KEPT = { appendonly: 'yes', appendfsync: 'always' }

it('STO-01 after power cuts all that was acknowledged is there, and neither versions nor positions come back', async () => {
  const server = await openServer(KEPT)
  const store = await openStore(server.url, { timeoutMs: 2_000 })
  const versions = new Set<string>()
  const positions: string[] = []
  for (let round = 0; round < 5; round++) {
    const value = String(round)
    expect(await store.commit([], [put(['a'], value, T0), append(['s'], value)])).toBe(true)
    expect(await store.increment(['c'], 1, T0)).toBe(round + 1)
    for (const version of versions)
      expect(await store.commit([{ key: ['a'], version }], [put(['a'], 'stale')])).toBe(false)
    const before = await store.read(['a'])
    versions.add(before!.version)
    await server.kill()
    await server.start()
    await expect.poll(() => store.read(['a']).catch(() => null)).toEqual(before)
    await store.commit([], [{ key: ['a'], value: null }])
    const { items, latest } = await store.tail(['s'], null, 50)
    expect(items.map((item) => item.value)).toEqual(
      Array.from({ length: round + 1 }, (_, n) => String(n)),
    )
    positions.push(latest!)
  }
  expect(versions.size).toBe(5)
  expect(positions).toEqual([...new Set(positions)].toSorted())
}, 40_000)

it('SEC-13 what a server acknowledged before SIGTERM under load is there after, and all else is refused', async () => {
  const server = await openServer(KEPT)
  // this driver sends nothing twice: what it rejects is over
  const store = await openStore(server.url, {
    open: openNodeRedis,
    timeoutMs: 2_000,
    listen: false,
  })
  await store.read(['a'])
  const acknowledged: string[] = []
  const refused: unknown[] = []
  let asked = 0
  let stopping: Promise<void> | undefined
  const worker = async (which: number): Promise<void> => {
    for (let n = 0; !stopping; n++) {
      const name = `${which}.${n}`
      asked++
      try {
        await store.commit([], [put(['k', name]), append(['s'], name)])
        acknowledged.push(name)
      } catch (error) {
        refused.push(error)
      }
      if (acknowledged.length >= 300) stopping ??= server.stop()
    }
  }
  await Promise.all(Array.from({ length: 20 }, (_, which) => worker(which)))
  await stopping
  await server.start()
  const kept = await (await openStore(server.url)).list(['k'], { limit: 5_000 })
  const names = new Set(kept.map(({ key }) => key[1]))
  expect(acknowledged.filter((name) => !names.has(name))).toEqual([])
  expect(acknowledged.length + refused.length).toBe(asked)
  for (const error of refused) expect(error).toMatchObject({ code: 'store_unavailable' })
}, 40_000)

it('SEC-18 a cursor of data that was lost shows as old, and who watches is told that any key may have changed', async () => {
  const server = await openServer()
  const store = await openStore(server.url)
  const ear = listen(store)
  await becomes(ear, true)
  const write = (to: RedisStore, value: string): Promise<boolean> =>
    to.commit([], [append(['s'], value), put(['a'], value)])
  for (const value of ['1', '2', '3']) await write(store, value)
  const { version } = (await store.read(['a']))!
  const { latest: cursor } = await store.tail(['s'], null, 9)
  ear.heard.length = 0
  await server.ask('FLUSHALL')
  await expect.poll(() => ear.heard).toContain('*')
  expect(await store.tail(['s'], cursor, 9)).toMatchObject({
    items: [],
    oldest: null,
    latest: null,
  })
  await write(store, 'new')
  const tail = await store.tail(['s'], cursor, 9)
  // what comes behind the cursor begins anew: whoever held it sees that it missed something
  expect(tail.items.map(({ value }) => value)).toEqual(['new'])
  expect(tail.oldest! > cursor!).toBe(true)
  expect(await store.commit([{ key: ['a'], version }], [put(['a'], 'stale')])).toBe(false)
  // a cursor that is none, or of data that is yet to come
  expect((await store.tail(['s'], 'none', 9)).items).toHaveLength(1)
  expect((await store.tail(['s'], `9${tail.latest!.slice(1)}`, 9)).items).toEqual([])
})
