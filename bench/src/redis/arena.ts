import { redisStore, type RedisStore } from '@pair/store-redis'
import { Redis } from 'ioredis'
import { another, codeKeyOf, codeOf, textOf, type Shape } from '../stores/shape.ts'
import { codeByHand, withScripts } from './by-hand.ts'

const URL = process.env['PAIR_REDIS_URL'] ?? 'redis://127.0.0.1:6379'
const PREFIX = 'pair-bench'
/** So many codes are made by one commit, and have one version. */
const AT_ONCE = 500

/** The server of a run: our keys, and those by hand. */
export interface Arena {
  redis: ReturnType<typeof withScripts>
  store: RedisStore
  /** Sees to it that so many codes wait to be redeemed, here and by hand: the next is taken from them. */
  stock(count: number): Promise<void>
  next(): Promise<{ shape: Shape; codeKey: readonly string[] }>
  close(): Promise<void>
}

export async function openArena(shape: Shape): Promise<Arena> {
  const redis = withScripts(new Redis(URL))
  await clear(redis)
  const store = redisStore(redis, { prefix: PREFIX, unsafe: 'allow' })
  const code = codeOf(shape)
  let made = 0
  let taken = 0
  const versions: string[] = []

  async function stock(wanted: number): Promise<void> {
    const missing = wanted - (made - taken)
    const count = Math.ceil(missing / AT_ONCE) * AT_ONCE
    if (count <= 0) return
    const keys = Array.from({ length: count }, (_, n) => codeKeyOf(shape, made + n))
    for (let at = 0; at < count; at += AT_ONCE) {
      const some = keys.slice(at, at + AT_ONCE)
      const pipeline = redis.pipeline()
      for (const key of some) pipeline.hset(...(codeByHand(textOf(key), code.value) as [string]))
      await pipeline.exec()
      // all of one commit have one version
      await store.commit(
        [],
        some.map((key) => ({ key, value: code.value, purgeAt: 4e12 })),
      )
      const [first] = some
      versions.push((await store.read(first!))!.version)
    }
    made += count
  }

  return {
    redis,
    store,
    stock,
    async next() {
      if (taken >= made) throw new Error('more codes have to be made before')
      const n = taken++
      const version = versions[Math.floor(n / AT_ONCE)]!
      const one = another(shape, n, version)
      // each at its own time, as it is where people pair
      const writes = one.writes.map((write) =>
        'purgeAt' in write && write.purgeAt !== null
          ? { ...write, purgeAt: write.purgeAt + n }
          : write,
      )
      return { shape: { ...one, writes }, codeKey: codeKeyOf(shape, n) }
    },
    async close() {
      await store.close()
      await clear(redis)
      redis.disconnect()
    },
  }
}

/** Also what a run left that was cut off. */
async function clear(redis: Redis): Promise<void> {
  for (const pattern of [`*${PREFIX}*`, 'hand:*'])
    for await (const keys of redis.scanStream({ match: pattern, count: 10_000 }))
      if ((keys as string[]).length > 0) await redis.unlink(...(keys as string[]))
}
