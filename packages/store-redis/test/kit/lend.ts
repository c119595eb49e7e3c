import { afterAll, beforeAll, onTestFinished, TestRunner } from 'vitest'
import { redisStore, type RedisOptions, type RedisStore } from '../../src/index.ts'
import { newRedis } from './clients.ts'
import { newPrefix } from './open.ts'
import { newServer, programs, type OwnServer } from './own-server.ts'

const MEND =
  'there is no Redis: apt-get install redis-server, or name a redis-server or valkey-server by REDIS_SERVER_PATH'

// one for all tests of a file, who have prefixes of their own; whoever only lists the tests starts none
let server: OwnServer | null = null
beforeAll(async () => {
  if (programs().length === 0) return
  server = await newServer()
  await server.start()
})
afterAll(() => server?.remove())

/** Empty stores on one prefix, each on a line of its own, and what ends them. */
export interface Borrowed {
  open(): RedisStore
  giveBack(): Promise<void>
}

/** Where there is no server the test that asks is skipped by name. */
export function borrowRedis(options: Omit<RedisOptions, 'prefix'> = {}): Borrowed {
  if (!server) return TestRunner.getCurrentTest()!.context.skip(MEND)
  const { url } = server
  const prefix = newPrefix()
  const ends: (() => Promise<void>)[] = []
  return {
    open() {
      const client = newRedis(url)
      const store = redisStore(client, { unsafe: 'allow', ...options, prefix })
      ends.push(async () => {
        await store.close()
        client.disconnect()
      })
      return store
    },
    async giveBack() {
      for (const end of ends) await end()
    },
  }
}

/** So many stores on one prefix until the test is over. */
export function lendRedis(count: number, options?: Omit<RedisOptions, 'prefix'>): RedisStore[] {
  const { open, giveBack } = borrowRedis(options)
  onTestFinished(giveBack)
  return Array.from({ length: count }, open)
}
