import { randomBytes } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import type { TorturedPlace, TorturedStore } from '@pair/testkit/torture'
import { newPool } from '../../packages/store-postgres/test/kit/clients.ts'
import { newServer as newPostgres } from '../../packages/store-postgres/test/kit/own-server.ts'
import { newServer as newRedisServer } from '../../packages/store-redis/test/kit/own-server.ts'
import { forget, type MemoryPlace } from './places/memory.ts'
import type { PostgresPlace } from './places/postgres.ts'
import type { RedisPlace } from './places/redis.ts'
import type { FilePlace } from './places/sqlite.ts'

/** A store with places of its own, and what it started for them. */
export interface StartedStore extends TorturedStore {
  /** Ends the server that was started for it. */
  end(): Promise<void>
}

interface Server {
  url: string
  kill(): Promise<void>
  start(): Promise<void>
  remove(): Promise<void>
}

/** What is written there has to outlive a killed server. */
const KEPT = { appendonly: 'yes', appendfsync: 'always' }
/** Where lines hang. Milliseconds. */
const TIMEOUT_MS = 1_000

const moduleOf = (kind: string): string => new URL(`places/${kind}.ts`, import.meta.url).href

export function inMemory(): TorturedStore {
  return {
    module: moduleOf('memory'),
    oneProcess: true,
    async fresh() {
      const place: MemoryPlace = { name: newName() }
      return { setting: place, remove: () => forget(place) }
    },
  }
}

export function inFolders(kind: 'sqlite' | 'file'): TorturedStore {
  return {
    module: moduleOf(kind),
    async fresh() {
      const folder = mkdtempSync(join(tmpdir(), 'pair-torture-'))
      const place: FilePlace = { file: join(folder, kind === 'file' ? 'pair.json' : 'pair.db') }
      return { setting: place, remove: () => rmSync(folder, { recursive: true, force: true }) }
    },
  }
}

/** In schemas of a server that is there. */
export function inSchemas(url: string): TorturedStore {
  return { module: moduleOf('postgres'), fresh: async () => schemaOf({ url }) }
}

/** On a server of its own, which may be killed. */
export function onPostgres(): StartedStore {
  return onServer('postgres', newPostgres, schemaOf)
}

/** On a server of its own, which may be killed. */
export function onRedis(): StartedStore {
  return onServer('redis', () => newRedisServer(KEPT), prefixOf)
}

/** One server for all places, from the first on. */
function onServer<S extends Server>(
  kind: string,
  make: () => Promise<S>,
  placeOn: (server: S) => TorturedPlace,
): StartedStore {
  let running: Promise<S> | undefined
  const started = async (): Promise<S> => {
    const server = await make()
    await server.start()
    return server
  }
  return {
    module: moduleOf(kind),
    fresh: async () => placeOn(await (running ??= started())),
    async end() {
      await (await running)?.remove()
      running = undefined
    },
  }
}

function prefixOf(server: Server): TorturedPlace {
  const place: RedisPlace = { url: server.url, prefix: newName() }
  return {
    setting: place,
    server,
    network: {
      ...addressOf(server.url),
      through: (port): RedisPlace => ({
        ...place,
        url: `redis://127.0.0.1:${port}`,
        timeoutMs: TIMEOUT_MS,
      }),
      isCommit: (request) => request.includes('EVALSHA'),
    },
  }
}

function schemaOf({ url, ...server }: { url: string } & Partial<Server>): TorturedPlace {
  const { kill, start } = server
  const schema = newName()
  const place: PostgresPlace = { url, schema, name: schema }
  return {
    setting: place,
    ...(kill && start && { server: { kill, start: () => persistently(start) } }),
    network: {
      ...addressOf(url),
      through(port): PostgresPlace {
        const through = new URL(url)
        through.host = `127.0.0.1:${port}`
        return { ...place, url: through.href, timeoutMs: TIMEOUT_MS }
      },
      isCommit: (request) => request.includes('pair_commit_'),
    },
    async remove() {
      const pool = newPool({ connectionString: url, max: 1 })
      await pool.query(`DROP SCHEMA IF EXISTS "${schema}" CASCADE`)
      await pool.end()
    },
  }
}

/** A server starts as soon as those that it had started have noticed its end and are gone. */
async function persistently(start: () => Promise<void>): Promise<void> {
  for (let tries = 0; ; tries++)
    try {
      return await start()
    } catch (error) {
      if (tries > 200) throw error
      await pause(50)
    }
}

/** That nobody else uses. */
function newName(): string {
  return `t_${randomBytes(6).toString('hex')}`
}

function addressOf(url: string): { host: string; port: number } {
  const { hostname, port } = new URL(url)
  return { host: hostname, port: Number(port) }
}
