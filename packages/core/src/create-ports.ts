import { JOURNAL } from './audit/audit-records.ts'
import { sturdyLogger } from './audit/sturdy-logger.ts'
import { toBase64Url } from './encoding/base64url.ts'
import { isPairError, PairError } from './errors.ts'
import { toMaster } from './options.ts'
import type { PairOptions } from './pair-options.ts'
import { consoleLogger, systemClock, systemRandom, timers } from './platform.ts'
import type { Logger, SecretSource, Timers } from './ports/runtime.ts'
import { createPolicyService } from './policy/policy-service.ts'
import { createRecords } from './records.ts'
import type { ServicePorts } from './service-ports.ts'
import type { Settings } from './settings.ts'
import { createChangeFeed } from './storage/change-feed.ts'
import { createClockCheck, type ClockCheck } from './storage/clock-check.ts'
import { createFreshCache, type FreshCache } from './storage/fresh-cache.ts'
import { createSpace } from './storage/space.ts'
import type { VerifiedToken } from './session/verify-service.ts'
import { createKeyDeriver, deriveKeys } from './token/keys-crypto.ts'
import { createKeysService } from './token/keys-service.ts'

/** How long a store call may take. */
const STORE_DEADLINE_MS = 2_000

/** How many verified tokens are remembered. */
const VERIFIED = 10_000

/** What every service is given, and what some need beside it. */
export interface AllPorts extends ServicePorts {
  timers: Timers
  logger: Logger
  clocks: ClockCheck
  /** Where the secrets are kept; `null`: the one secret was given. */
  secrets: SecretSource | null
  verified: FreshCache<VerifiedToken>
}

/** The ports of one instance, from its options. */
export function createPorts(options: PairOptions, settings: Settings): AllPorts {
  const { store, secret } = options
  const clock = options.clock ?? systemClock
  const random = options.random ?? systemRandom
  const logger = sturdyLogger(options.logger ?? consoleLogger)
  const { namespace } = settings
  const deadlineMs = STORE_DEADLINE_MS
  const feed = createChangeFeed({ store, namespace, stream: JOURNAL, timers, deadlineMs })
  const space = createSpace({
    store,
    namespace,
    feed,
    clock,
    timers,
    logger,
    newAttempt: () => toBase64Url(random(9)),
    chance: () => (random(1)[0] ?? 0) / 256,
    deadlineMs,
  })
  const secrets = typeof secret === 'object' && 'getOrCreate' in secret ? secret : null
  const given = secrets ? null : toMaster(secret)
  const master = once(async () => given ?? toMaster(await secrets?.getOrCreate('master')))
  const deriver = once(async () => createKeyDeriver(await master(), namespace, settings.signing))
  const clocks = createClockCheck({ store, clock, timers, logger, deadlineMs })
  const records = createRecords(space, settings)
  return {
    space,
    records,
    clock,
    random,
    keys: createKeysService({
      deriver,
      ring: records.keyRing,
      cache: createFreshCache(feed, 1),
      clock,
    }),
    settings,
    requireSteadyClock: clocks.requireSteady,
    askPolicy: createPolicyService(settings.policy, timers),
    timers,
    logger,
    clocks,
    secrets,
    instance: once(async () => deriveKeys(await master(), namespace).instance),
    verified: createFreshCache(feed, VERIFIED),
  }
}

/** Asks once and keeps the answer; a failure is not kept. */
function once<T>(ask: () => Promise<T>): () => Promise<T> {
  let asked: Promise<T> | undefined
  return () => {
    asked ??= ask().catch((error: unknown) => {
      asked = undefined
      throw isPairError(error)
        ? error
        : new PairError('store_unavailable', { reason: 'the secret can not be read', cause: error })
    })
    return asked
  }
}
