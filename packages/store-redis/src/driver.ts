import { PairError } from '@pair/core'
import { evalDriver, isEval, type EvalClient } from './drivers/eval.ts'
import { ioredisDriver, isIoredis, type Ioredis } from './drivers/ioredis.ts'
import { isNodeRedis, nodeRedisDriver, type NodeRedis } from './drivers/node-redis.ts'

/** One run of a script. The first key says which server of a cluster has all of them. */
export interface Run {
  /** By its name, or, where the server does not know it, by its text. */
  by: 'EVALSHA' | 'EVAL'
  body: string
  keys: readonly string[]
  args: readonly string[]
}

/** How many replicas have to say that they have it, and how long they may take. */
export interface Wait {
  replicas: number
  timeoutMs: number
}

/** What came of runs, each by itself, and how many replicas have all of them. */
export interface Waited {
  answers: readonly PromiseSettledResult<unknown>[]
  replicas: number
}

/** A line of the store's own. What was sent on it goes over no other. */
export interface Line {
  run(run: Run): Promise<unknown>
  /** One behind the other on the connection to the server of the first key, and `WAIT` behind them. */
  runAndWait(runs: readonly Run[], wait: Wait): Promise<Waited>
  /** Asks each primary the same. */
  askPrimaries(command: readonly string[]): Promise<unknown[]>
  /** Rejects what is under way. */
  close(): void
}

/** Notifications are heard until it is closed. */
export interface Subscription {
  close(): void
}

/** What a subscription tells. */
export interface Listener {
  heard(channel: string, payload: string): void
  /** It is of no use any more. */
  ended(): void
}

/** What the store needs of a driver. */
export interface Driver {
  /** Opens a line, once; `ended` tells that it is of no use any more. */
  connect(ended: () => void): Promise<Line>
  /** Whether a line leads to several servers, so that an answer of one says nothing of another. */
  isCluster: boolean
  /** Whether its lines are lines: a client over HTTP may send twice what was not answered, and each request may go another way. */
  hasLines: boolean
  /** `null`: it can't. */
  listen: ((channels: readonly string[], listener: Listener) => Promise<Subscription>) | null
}

/** A `Redis` or `Cluster` of ioredis, what `createClient()` or `createCluster()` of redis answers, or what runs scripts alone. */
export type RedisClient = Ioredis | NodeRedis | EvalClient

/** The driver of that client. @throws PairError `config_invalid` for what is none. */
export function toDriver(client: RedisClient): Driver {
  if (isIoredis(client)) return ioredisDriver(client)
  if (isNodeRedis(client)) return nodeRedisDriver(client)
  if (isEval(client)) return evalDriver(client)
  throw new PairError('config_invalid', {
    message: 'redisStore: this is no client of Redis that it knows.',
    hint: "import { Redis } from 'ioredis', then redisStore(new Redis(url)). Or createClient() of redis, or a client of Upstash.",
  })
}

/** The command that runs a script. */
export function toCommand({ by, body, keys, args }: Run): string[] {
  return [by, body, String(keys.length), ...keys, ...args]
}

/** Sends all of them at once: `WAIT` is for what its own connection wrote. */
export async function sendAndWait(
  send: (command: string[]) => Promise<unknown>,
  runs: readonly Run[],
  { replicas, timeoutMs }: Wait,
): Promise<Waited> {
  const waited = ['WAIT', String(replicas), String(timeoutMs)]
  const answers = await Promise.allSettled([...runs.map(toCommand), waited].map(send))
  const last = answers.pop()!
  if (last.status === 'rejected') throw last.reason
  return { answers, replicas: Number(last.value) }
}
