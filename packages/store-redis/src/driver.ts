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

/** A line on which notifications are heard. */
export interface Line {
  close(): void
}

/** What a line tells. */
export interface LineListener {
  heard(channel: string, payload: string): void
  /** It is of no use any more. */
  ended(): void
}

/** What the store needs of a driver. */
export interface Driver {
  run(run: Run): Promise<unknown>
  /** The same, and `WAIT` behind it on the same line; answers how many replicas have it. `null`: it can't. */
  runAndWait: ((run: Run, wait: Wait) => Promise<{ answer: unknown; replicas: number }>) | null
  /** Whether it may send a second time what was sent and not answered. */
  resends: boolean
  /** `null`: it can't. */
  listen: ((channels: readonly string[], listener: LineListener) => Promise<Line>) | null
  /** Asks each primary the same; `null`: it can't. */
  askPrimaries: ((command: readonly string[]) => Promise<unknown[]>) | null
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
