import { Cluster, Redis } from 'ioredis'
import { createClient, createCluster } from 'redis'
import type { EvalClient, RedisClient } from '../../src/index.ts'

/** A client, and what ends it. */
export interface Opened {
  client: RedisClient
  end(): void
}

/** How a client of a driver is opened. */
export type Open = (url: string) => Promise<Opened>

/** A client that is soon back after a broken line. */
export function newRedis(url: string): Redis {
  const redis = new Redis(url, { retryStrategy: () => 50 })
  redis.on('error', () => {})
  return redis
}

export const openIoredis: Open = async (url) => {
  const client = newRedis(url)
  return { client, end: () => client.disconnect() }
}

export const openNodeRedis: Open = async (url) => {
  const client = createClient({ url, socket: { reconnectStrategy: 50 } })
  client.on('error', () => {})
  await client.connect()
  return { client, end: () => client.destroy() }
}

/** As a client over HTTP is: it knows scripts alone, and takes what looks like JSON for JSON. */
export const openEval: Open = async (url) => {
  const redis = newRedis(url)
  const client: EvalClient = {
    eval: async (script, keys, args) =>
      guess(await redis.eval(script, keys.length, ...keys, ...args)),
    evalsha: async (sha, keys, args) =>
      guess(await redis.evalsha(sha, keys.length, ...keys, ...args)),
  }
  return { client, end: () => redis.disconnect() }
}

function guess(answer: unknown): unknown {
  if (Array.isArray(answer)) return answer.map(guess)
  try {
    return typeof answer === 'string' ? JSON.parse(answer) : answer
  } catch {
    return answer
  }
}

export const openIoredisCluster: Open = async (url) => {
  const { hostname, port } = new URL(url)
  const client = new Cluster([{ host: hostname, port: Number(port) }])
  client.on('error', () => {})
  return { client, end: () => client.disconnect() }
}

export const openNodeRedisCluster: Open = async (url) => {
  const client = createCluster({ rootNodes: [{ url }] })
  client.on('error', () => {})
  await client.connect()
  return { client, end: () => client.destroy() }
}
