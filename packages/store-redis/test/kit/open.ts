import { randomBytes } from 'node:crypto'
import { onTestFinished } from 'vitest'
import {
  redisStore,
  type RedisClient,
  type RedisOptions,
  type RedisStore,
} from '../../src/index.ts'
import { openIoredis, type Open } from './clients.ts'
import { newServer, type OwnServer } from './own-server.ts'

/** A running server, until the test is over. */
export async function openServer(
  settings: Readonly<Record<string, string>> = {},
): Promise<OwnServer> {
  const server = await newServer(settings)
  onTestFinished(() => server.remove())
  await server.start()
  return server
}

/** A client, until the test is over. */
export async function openClient(url: string, open: Open = openIoredis): Promise<RedisClient> {
  const { client, end } = await open(url)
  onTestFinished(() => end())
  return client
}

/** A store, closed when the test is over. Nobody is told what its server may lose. */
export async function openStore(
  url: string,
  options: RedisOptions & { open?: Open } = {},
): Promise<RedisStore> {
  const { open, ...others } = options
  const store = redisStore(await openClient(url, open), { unsafe: 'allow', ...others })
  onTestFinished(() => store.close())
  return store
}

/** A prefix that nobody else uses. */
export function newPrefix(): string {
  return `t-${randomBytes(6).toString('hex')}`
}
