import { redisStore } from '@pair/store-redis'
import type { OpenedStore } from '@pair/testkit/torture'
import { newRedis } from '../../../packages/store-redis/test/kit/clients.ts'

export interface RedisPlace {
  url: string
  prefix: string
  timeoutMs?: number
}

export function openStore({ url, prefix, timeoutMs }: RedisPlace): OpenedStore {
  const client = newRedis(url)
  const store = redisStore(client, {
    prefix,
    unsafe: 'allow',
    ...(timeoutMs !== undefined && { timeoutMs }),
  })
  return {
    store,
    async close() {
      await store.close()
      client.disconnect()
    },
  }
}
