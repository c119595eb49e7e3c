import { PairError, type Logger } from '@pair/core'
import { toDriver, type Driver, type RedisClient, type Wait } from './driver.ts'
import { toNames, type Names } from './names.ts'

/** What things are called and how they are used. */
export interface RedisOptions {
  /** What all names in Redis begin with. Each instance has its own. Default `pair`. */
  prefix?: string
  /**
   * Where changes of other processes are heard: another client, or `false` for looking instead, several times a second. A
   * connection of its own is opened for it while somebody watches. Default: the same client, unless it runs scripts alone.
   */
  listen?: RedisClient | false
  /** How long a call takes at most; what it was to do may still happen. Milliseconds, default 4,000. */
  timeoutMs?: number
  /**
   * So many replicas must have what a commit or a counter wrote before it is answered; a call for which that took longer than
   * `timeoutMs` is rejected, and nobody knows whether it holds. Default: none is waited for.
   */
  durability?: { waitReplicas: number; timeoutMs: number }
  /**
   * How many counters may begin in an hour: they are kept for an hour after their end, and there is no end to addresses that somebody may have. What is
   * more is answered as far above any limit. Default 2,000,000, about 500 MB.
   */
  maxCounters?: number
  /**
   * What to do where the server may lose what it acknowledged, because it evicts keys or keeps nothing on disk. `warn`: say so
   * once, `refuse`: every call says so, `allow`: nothing. Default `warn`.
   */
  unsafe?: 'warn' | 'refuse' | 'allow'
  /** Where it is said. Default: the console. */
  logger?: Pick<Logger, 'warn'>
  /** What `time()` answers, for tests whose clock stands still. Default: the clock of the server. */
  clock?: () => number
}

/** Checked, with what is left out. */
export interface RedisSettings {
  driver: Driver
  listener: Driver | null
  names: Names
  timeoutMs: number
  wait: Wait | null
  maxCounters: number
  unsafe: 'warn' | 'refuse' | 'allow'
  logger: Pick<Logger, 'warn'>
}

/** @throws PairError `config_invalid` that names the option. */
export function toSettings(client: RedisClient, options: RedisOptions): RedisSettings {
  const driver = toDriver(client)
  const { listen = client, prefix = 'pair', unsafe = 'warn', durability } = options
  const listener = listen === false ? null : listen === client ? driver : toDriver(listen)
  if (options.listen && !listener?.listen)
    throw invalid('`listen` is a client that can not listen', 'listen: new Redis(url)')
  if (typeof prefix !== 'string' || !/^[A-Za-z0-9_.:-]{1,40}$/.test(prefix))
    throw invalid(
      '`prefix` is 1 to 40 letters, digits, underscores, dots, colons and hyphens',
      "prefix: 'pair'",
    )
  if (!['warn', 'refuse', 'allow'].includes(unsafe))
    throw invalid("`unsafe` is 'warn', 'refuse' or 'allow'", "unsafe: 'refuse'")
  if (durability && !driver.hasLines)
    throw invalid('`durability` needs a client with lines of its own', 'durability: undefined')
  return {
    driver,
    listener: listener?.listen ? listener : null,
    names: toNames(prefix),
    timeoutMs: toCount('timeoutMs', options.timeoutMs ?? 4_000, 'timeoutMs: 4_000'),
    wait: durability ? toWait(durability) : null,
    maxCounters: toCount('maxCounters', options.maxCounters ?? 2_000_000, 'maxCounters: 2_000_000'),
    unsafe,
    logger: options.logger ?? toConsole,
  }
}

function toWait({ waitReplicas, timeoutMs }: NonNullable<RedisOptions['durability']>): Wait {
  const hint = 'durability: { waitReplicas: 1, timeoutMs: 500 }'
  return {
    replicas: toCount('durability.waitReplicas', waitReplicas, hint),
    // 0 would be for ever
    timeoutMs: toCount('durability.timeoutMs', timeoutMs, hint),
  }
}

const toConsole: Pick<Logger, 'warn'> = {
  warn: (message) => console.warn(`[pair] ${message}`),
}

function toCount(name: string, count: number, hint: string): number {
  if (Number.isSafeInteger(count) && count > 0 && count < 2 ** 31) return count
  throw invalid(`\`${name}\` is a whole number from 1`, hint)
}

function invalid(what: string, hint: string): PairError {
  return new PairError('config_invalid', {
    message: `redisStore: ${what}.`,
    hint: `redisStore(client, { ${hint} })`,
  })
}
