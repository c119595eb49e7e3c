// The Redis store beside scripts by hand and rate-limiter-flexible, in one run. Run with `pnpm run redis`.
import { RateLimiterRedis } from 'rate-limiter-flexible'
import { openArena, type Arena } from './redis/arena.ts'
import { countByHand, redeemByHand } from './redis/by-hand.ts'
import { grow } from './redis/growth.ts'
import { compare } from './stores/compare.ts'
import { shapeOfRedeem } from './stores/shape.ts'

const arena = await openArena(await shapeOfRedeem())
try {
  await redemptions(arena)
  await counters(arena)
  await lookups(arena)
  await grow(arena)
} finally {
  await arena.close()
}

/** Each is right: a code is taken, or the run ends. */
async function redemptions({ redis, store, next, stock }: Arena): Promise<void> {
  let spent = 0
  await compare(
    'redeem',
    {
      'by hand, of its shape': async () => {
        const { shape, codeKey } = await next()
        if (!(await redeemByHand(redis, 'redeemByHand', shape, codeKey))) throw new Error('lost')
      },
      'by hand, and can be listed': async () => {
        const { shape, codeKey } = await next()
        if (!(await redeemByHand(redis, 'redeemListed', shape, codeKey))) throw new Error('lost')
      },
      ours: async () => {
        const { shape } = await next()
        if (!(await store.commit(shape.checks, shape.writes))) throw new Error('lost')
      },
      'SET NX, one key': async () => {
        if ((await redis.set(`hand:spent:${spent++}`, '1', 'PX', 60_000, 'NX')) !== 'OK')
          throw new Error('lost')
      },
    },
    [1, 50, 500],
    () => stock(120_000),
  )
}

async function counters({ redis, store }: Arena): Promise<void> {
  const limiter = new RateLimiterRedis({
    storeClient: redis,
    keyPrefix: 'hand:flexible',
    points: 1e9,
    duration: 3_600,
  })
  const name = (): string => `limit${Math.floor(Math.random() * 1_000)}`
  const until = Date.now() + 3_600_000
  await compare(
    'count',
    {
      'rate-limiter-flexible': () => limiter.consume(name()),
      'by hand, a window': () => countByHand(redis, name(), 3_600_000),
      ours: () => store.increment([name()], 1, until),
    },
    [1, 50, 500],
  )
}

async function lookups({ redis, store }: Arena): Promise<void> {
  await store.commit([], [{ key: ['pair', 'session', 'ses_1'], value: '{}', purgeAt: null }])
  await redis.set('hand:session', '{}')
  await compare(
    'look up',
    {
      'a bare GET': () => redis.get('hand:session'),
      ours: () => store.read(['pair', 'session', 'ses_1']),
    },
    [1, 50, 500],
  )
}
