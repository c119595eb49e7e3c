import { redisStore, type RedisClient, type RedisOptions } from '@pair/store-redis'
import { expect, test } from 'vitest'
import { programs } from '../../packages/store-redis/test/kit/own-server.ts'
import { failOver } from '../../scripts/torture/failover.ts'
import { PATIENCE_MS } from './extent.ts'

// what `pnpm torture` finds at failovers, where a store does not wait or does nothing

const isThere = programs().length > 0

test.skipIf(!isThere)(
  'STO-07 a store that waits for no replica is found out',
  async () => {
    const hasty = (client: RedisClient) => redisStore(client, { listen: false, unsafe: 'allow' })
    const { faults } = await failOver(2, true, hasty)
    expect(faults.join('\n')).toMatch(/^[1-9]\d* of \d+ acknowledged redeems could be repeated$/m)
  },
  PATIENCE_MS,
)

test.skipIf(!isThere)(
  'STO-07 a store that redeems nothing holds nothing: nobody was killed',
  async () => {
    const idle = (client: RedisClient, options: RedisOptions) => {
      const store = redisStore(client, options)
      const refused = async (): Promise<never> => {
        throw new Error('no replica')
      }
      const commit: typeof store.commit = (checks, writes) =>
        checks.length > 0 ? refused() : store.commit(checks, writes)
      return { ...store, commit }
    }
    await expect(failOver(1, true, idle)).rejects.toThrow(
      'nobody was killed: only 0 redeems were acknowledged: Error: no replica',
    )
  },
  PATIENCE_MS,
)
