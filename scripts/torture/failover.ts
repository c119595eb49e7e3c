import { redisStore, type RedisClient, type RedisOptions, type RedisStore } from '@pair/store-redis'
import type { TortureRow } from '@pair/testkit/torture'
import { newRedis } from '../../packages/store-redis/test/kit/clients.ts'
import { newServer, type OwnServer } from '../../packages/store-redis/test/kit/own-server.ts'
import { newRelay } from '../../packages/store-redis/test/kit/relay.ts'

/** Of each failover. The primary dies when most are redeemed. */
const CODES = 100
const REDEEMED = 70
const AT_ONCE = 5
/** How far the replica is behind. Milliseconds. */
const LAG_MS = 5
const PATIENCE_MS = 20_000

type Open = (client: RedisClient, options: RedisOptions) => RedisStore

interface Outcome {
  /** How many redeems were acknowledged. */
  acknowledged: number
  /** How many of them could be repeated on the promoted server. */
  repeated: number
}

/** Kills a primary in the midst of redeeming, and promotes its replica: what was acknowledged is there where commits wait for it. */
export async function failOver(
  failovers: number,
  waits: boolean,
  openStore: Open = redisStore,
): Promise<TortureRow> {
  const began = performance.now()
  const options: RedisOptions = waits ? { durability: { waitReplicas: 1, timeoutMs: 1_000 } } : {}
  const sum: Outcome = { acknowledged: 0, repeated: 0 }
  for (let left = failovers; left > 0; left -= AT_ONCE) {
    const some = Array.from({ length: Math.min(left, AT_ONCE) }, () =>
      failOverOnce(options, openStore),
    )
    for (const { acknowledged, repeated } of await Promise.all(some)) {
      sum.acknowledged += acknowledged
      sum.repeated += repeated
    }
  }
  const faults: string[] = []
  const fewest = failovers * REDEEMED
  if (sum.acknowledged < fewest)
    faults.push(`only ${sum.acknowledged} redeems were acknowledged in place of ${fewest}`)
  const figures = `${sum.repeated} of ${sum.acknowledged} acknowledged redeems could be repeated`
  if (waits && sum.repeated > 0) faults.push(figures)
  return {
    what: waits ? 'failover with waitReplicas' : 'failover without',
    count: failovers,
    figures,
    faults,
    ms: performance.now() - began,
  }
}

async function failOverOnce(options: RedisOptions, openStore: Open): Promise<Outcome> {
  const primary = await newServer({ 'repl-diskless-sync-delay': '0' })
  await primary.start()
  const relay = await newRelay(primary.url)
  const replica = await newServer({ replicaof: `127.0.0.1 ${new URL(relay.url).port}` })
  await replica.start()
  try {
    await untilSaid(replica, ['INFO', 'replication'], 'master_link_status:up')
    await untilSaid(primary, ['INFO', 'replication'], 'state=online')
    const used = await redeemUntil(primary, replica, (url) => open(url, openStore, options), {
      behind: () => relay.delay(LAG_MS),
      async dies() {
        await primary.kill()
        await replica.ask('REPLICAOF', 'NO', 'ONE')
        await untilSaid(replica, ['INFO', 'replication'], 'role:master')
      },
    })
    return { acknowledged: used.size, repeated: await countUnused(replica, used) }
  } finally {
    await relay.close()
    await Promise.all([primary, replica].map((server) => server.remove()))
  }
}

async function redeemUntil(
  primary: OwnServer,
  replica: OwnServer,
  openStore: (url: string) => OpenedRedis,
  events: { behind(): void; dies(): Promise<void> },
): Promise<Set<number>> {
  const { store, close } = openStore(primary.url)
  const used = new Set<number>()
  await store.commit(
    [],
    Array.from({ length: CODES }, (_, n) => put(n, 'unused')),
  )
  await untilSaid(replica, ['DBSIZE'], await primary.ask('DBSIZE'))
  events.behind()
  let dying: Promise<void> | undefined
  let latest: unknown = 'commits were refused'
  const redeem = async (n: number): Promise<void> => {
    const { version } = (await store.read(keyOf(n)))!
    if (!(await store.commit([{ key: keyOf(n), version }], [put(n, 'used')]))) return
    used.add(n)
    if (used.size === REDEEMED) dying = events.dies()
  }
  const worker = async (first: number): Promise<void> => {
    for (let n = first; n < CODES && !dying; n += AT_ONCE)
      await redeem(n).catch((error: unknown) => (latest = error))
  }
  await Promise.all(Array.from({ length: AT_ONCE }, (_, first) => worker(first)))
  await dying
  await close()
  if (!dying)
    throw new Error(
      `nobody was killed: only ${used.size} redeems were acknowledged: ${String(latest)}`,
    )
  return used
}

async function countUnused(replica: OwnServer, used: ReadonlySet<number>): Promise<number> {
  const { store, close } = open(replica.url, redisStore, {})
  const found = await Promise.all([...used].map((n) => store.read(keyOf(n))))
  await close()
  return found.filter((entry) => entry?.value !== 'used').length
}

interface OpenedRedis {
  store: RedisStore
  close(): Promise<void>
}

function open(url: string, openStore: Open, options: RedisOptions): OpenedRedis {
  const client = newRedis(url)
  const store = openStore(client, { listen: false, unsafe: 'allow', timeoutMs: 1_000, ...options })
  const close = async (): Promise<void> => {
    await store.close()
    client.disconnect()
  }
  return { store, close }
}

const keyOf = (n: number): string[] => ['code', String(n)]
const put = (n: number, value: string) => ({ key: keyOf(n), value, purgeAt: null })

async function untilSaid(
  server: OwnServer,
  question: readonly string[],
  wanted: string,
): Promise<void> {
  for (const end = performance.now() + PATIENCE_MS; ;) {
    if ((await server.ask(...question)).includes(wanted)) return
    if (performance.now() > end) throw new Error(`${question.join(' ')} does not say ${wanted}`)
    await new Promise((resolve) => setTimeout(resolve, 10))
  }
}
