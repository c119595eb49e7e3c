import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { openEval, openIoredis, openNodeRedis } from './kit/clients.ts'
import { becomes, listen } from './kit/ears.ts'
import { openServer, openStore } from './kit/open.ts'
import type { OwnServer } from './kit/own-server.ts'
import { append, put, T0 } from './kit/writes.ts'

const drivers = { ioredis: openIoredis, 'node-redis': openNodeRedis, eval: openEval }
/** Where its file should go there is a folder. */
async function takeDisk(server: OwnServer): Promise<void> {
  const [, folder] = /(\/\S+)/.exec(await server.ask('CONFIG', 'GET', 'dir'))!
  mkdirSync(join(folder!, 'dump.rdb', 'in-the-way'), { recursive: true })
  await server.ask('CONFIG', 'SET', 'save', '3600 1')
  await server.ask('BGSAVE')
  await expect
    .poll(() => server.ask('INFO', 'persistence'), { timeout: 10_000 })
    .toContain('rdb_last_bgsave_status:err')
}

const settings = {
  disk: takeDisk,
  memory: (server: OwnServer) => server.ask('CONFIG', 'SET', 'maxmemory', '1'),
  replicas: (server: OwnServer) => server.ask('CONFIG', 'SET', 'min-replicas-to-write', '1'),
}

describe.each(Object.entries(drivers))('%s, in a process that starts', (_, open) => {
  it.each(Object.entries(settings))(
    'STO-02 while a server lacks %s: it reads, watches and refuses what would be written',
    async (lack, take) => {
      const server = await openServer({ 'maxmemory-policy': 'noeviction' })
      const before = await openStore(server.url, { open, listen: false })
      await before.commit([], [put(['a']), put(['b'], 'x', T0), append(['s'], 'first')])
      await before.increment(['c'], 1, T0)
      await before.tail(['s'], null, 9)
      // as after a failover: the data is born again, which can't be kept
      await server.ask('HSET', '{pair}:meta', 'server', '0'.repeat(40))
      await take(server)
      const store = await openStore(server.url, { open })
      expect(await store.read(['a'])).toMatchObject({ value: 'x' })
      expect(await store.list([], { limit: 9 })).toHaveLength(2)
      const told = await store.tail(['s'], null, 9)
      expect(told.items).toHaveLength(1)
      expect(await before.tail(['s'], told.latest, 9)).toMatchObject({
        items: [],
        latest: told.latest,
      })
      expect(await store.increment(['c'], 0, T0)).toBe(1)
      if (store.watch) await becomes(listen(store), true)
      const refused = { code: 'store_unavailable' }
      await expect(store.commit([], [put(['new'])])).rejects.toMatchObject(refused)
      await expect(store.increment(['c'], 1, T0)).rejects.toMatchObject(refused)
      if (lack !== 'memory') return
      expect(await store.commit([], [{ key: ['a'], value: null }])).toBe(true)
      expect(await store.purge(T0 + 1, 9)).toBe(1)
      expect(await store.list([], { limit: 9 })).toEqual([])
    },
  )
})
