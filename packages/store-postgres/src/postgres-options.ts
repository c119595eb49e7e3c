import { PairError } from '@pair/core'
import { toDriver, type Driver, type PostgresClient } from './driver.ts'
import { toPlace, type Place } from './place.ts'

/** Where the tables are and how they are used. */
export interface PostgresOptions {
  /** The schema of the tables; it is made where there is none. Default `public`. */
  schema?: string
  /** What their names begin with. Default `pair_`. */
  prefix?: string
  /** `false`: the tables are there already, and it is refused to start where they are not up to date. Default `true`. */
  migrate?: boolean
  /**
   * Where changes of other processes are heard. One connection is kept for it while somebody watches. Behind a pooler that hands
   * out connections by transaction give a client here that reaches the server itself. `false`: they are looked for instead,
   * several times a second. Default: the same client.
   */
  listen?: PostgresClient | false
  /**
   * How long a call takes at most, its wait for a connection and for locks each counted for itself; what it was to do may
   * still happen. Milliseconds, default 4,000.
   */
  timeoutMs?: number
  /**
   * How many statements write at a time; what comes meanwhile is sent together. Each uses a connection. Default 2, and 1 where
   * the client has no more.
   */
  writers?: number
  /** How many keys one statement writes or checks at most, if it carries more than one commit. Default 256. */
  batchKeys?: number
  /** What `time()` answers, for tests whose clock stands still. Default: the clock of the server. */
  clock?: () => number
}

/** Checked, with what is left out. */
export interface PostgresSettings {
  driver: Driver
  listener: Driver | null
  place: Place
  migrate: boolean
  timeoutMs: number
  writers: number
  batchKeys: number
}

/** @throws PairError `config_invalid` that names the option. */
export function toSettings(client: PostgresClient, options: PostgresOptions): PostgresSettings {
  const driver = toDriver(client)
  const { listen = client, schema = 'public', prefix = 'pair_', migrate = true } = options
  const listener = listen === false ? null : listen === client ? driver : toDriver(listen)
  if (listener === driver && driver.listensOnOne && driver.lines < 2)
    throw new PairError('config_invalid', {
      message: 'postgresStore: the one connection of this client can not be listened on and used.',
      hint: 'new Pool({ max: 10 }), or postgresStore(pool, { listen: false }): changes are then looked for several times a second.',
    })
  return {
    driver,
    listener,
    place: toPlace(schema, prefix),
    migrate,
    timeoutMs: toCount('timeoutMs', options.timeoutMs ?? 4_000),
    writers: Math.min(toCount('writers', options.writers ?? 2), driver.lines),
    batchKeys: toCount('batchKeys', options.batchKeys ?? 256),
  }
}

function toCount(name: string, count: number): number {
  if (Number.isSafeInteger(count) && count > 0 && count < 2 ** 31) return count
  throw new PairError('config_invalid', {
    message: `postgresStore: \`${name}\` is a whole number from 1.`,
    hint: `postgresStore(pool, { ${name}: ${name === 'timeoutMs' ? '4_000' : '2'} })`,
  })
}
