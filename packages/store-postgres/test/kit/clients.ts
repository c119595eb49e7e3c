import { Pool, type PoolConfig } from 'pg'
import postgres from 'postgres'
import type { PostgresClient } from '../../src/index.ts'

/** A client, and what ends it. */
export interface Opened {
  client: PostgresClient
  end(): Promise<unknown>
}

/** How a client of a driver is opened. Settings are those of the server, for each of its lines. */
export type Open = (url: string, settings?: Record<string, string>) => Opened

export const openPg: Open = (connectionString, settings = {}) => {
  const pool = newPool({
    connectionString,
    max: 5,
    connectionTimeoutMillis: 2_000, // without it a pool keeps lines that never open
    options: Object.entries(settings)
      .map(([name, value]) => `-c ${name}=${value.replaceAll(/[\\ ]/g, '\\$&')}`)
      .join(' '),
  })
  return { client: pool, end: () => pool.end() }
}

export const openPostgresJs: Open = (url, settings = {}) => {
  const sql = postgres(url, {
    max: 5,
    backoff: () => 0.05,
    /* by itself it waits up to 20 seconds */ onnotice: () => {},
    connection: settings,
  })
  return { client: sql as unknown as PostgresClient, end: () => sql.end({ timeout: 2 }) }
}

/** A pool whose lines may break. */
export function newPool(config: PoolConfig): Pool {
  const pool = new Pool(config)
  pool.on('error', () => {})
  return pool
}
