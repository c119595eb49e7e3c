import { createAdmissionService } from './admission/admission-service.ts'
import { createApprovalsService } from './approval/approvals-service.ts'
import { createCollectService } from './approval/collect-service.ts'
import { createDecideService } from './approval/decide-service.ts'
import { createLapseService } from './approval/lapse-service.ts'
import { createRequestService } from './approval/request-service.ts'
import { createWaitService } from './approval/wait-service.ts'
import { createJournalService } from './audit/journal-service.ts'
import { sturdyLogger } from './audit/sturdy-logger.ts'
import type { EventMap, Refusal } from './audit/event.ts'
import { createCodesService, type IssuedCode } from './bootstrap/codes-service.ts'
import { createExpiryService } from './bootstrap/expiry-service.ts'
import { createOwnerService } from './bootstrap/owner-service.ts'
import { toLinkBase } from './bootstrap/code-request.ts'
import { createRedeemService } from './bootstrap/redeem-service.ts'
import { createDevicesService } from './device/devices-service.ts'
import { toBase64Url } from './encoding/base64url.ts'
import { isPairError, PairError, requireTime } from './errors.ts'
import { createAppLimit } from './http/app-limit.ts'
import { createGuards } from './http/guard.ts'
import { createHandler } from './http/handler.ts'
import { toRefusal } from './http/refusal.ts'
import type { HttpParts } from './http/route.ts'
import { createVisits } from './http/visit.ts'
import { checkOptions, toMaster } from './options.ts'
import type { Pair, PairOptions, StartupCode } from './pair.ts'
import type { Logger, Timers } from './ports/runtime.ts'
import { createLimitService } from './limit/limit-service.ts'
import { createProofService } from './proof/proof-service.ts'
import { createRecords } from './records.ts'
import { createLiveService } from './session/live-service.ts'
import { createPresenceService } from './session/presence-service.ts'
import { createRetentionService } from './session/retention-service.ts'
import { createRenewService } from './session/renew-service.ts'
import { createSessionsService } from './session/sessions-service.ts'
import { createVerifyService } from './session/verify-service.ts'
import type { ServicePorts } from './service-ports.ts'
import { createChangeFeed } from './storage/change-feed.ts'
import { createClockJump } from './storage/clock-jump.ts'
import { createSpace } from './storage/space.ts'
import { createTicketService } from './ticket/ticket-service.ts'
import { deriveKeys, type Keys } from './token/token-crypto.ts'

/** How long a store call may take. */
const STORE_DEADLINE_MS = 2_000

/**
 * One instance of @pair: the handler for its routes, guards for yours, and the same services in process.
 *
 * @throws PairError `config_invalid`, which names the option and the mend
 * @example
 * ```ts
 * import { createPair, memoryStore } from '@pair/core'
 * const pair = createPair({ secret: process.env.PAIR_SECRET ?? '', store: memoryStore(), scopes: ['notes:read'] })
 * ```
 */
export function createPair<const S extends string = never>(options: PairOptions<S>): Pair<S> {
  const settings = checkOptions(options)
  const { store, secret } = options
  const clock = options.clock ?? (() => Date.now())
  const random = options.random ?? ((length) => crypto.getRandomValues(new Uint8Array(length)))
  const logger = sturdyLogger(options.logger ?? consoleLogger)
  const feed = createChangeFeed(store, settings.namespace)
  const space = createSpace({
    store,
    namespace: settings.namespace,
    feed,
    clock,
    timers,
    logger,
    newAttempt: () => toBase64Url(random(9)),
    chance: () => (random(1)[0] ?? 0) / 256,
    deadlineMs: STORE_DEADLINE_MS,
  })
  const secrets = typeof secret === 'object' && 'getOrCreate' in secret ? secret : null
  const given = secrets ? null : toMaster(secret)
  const keys = once(async (): Promise<Keys> => {
    const master = given ?? toMaster(await secrets?.getOrCreate('master'))
    return deriveKeys(master, settings.namespace)
  })
  const ports: ServicePorts = {
    space,
    records: createRecords(space, settings),
    clock,
    random,
    keys,
    settings,
  }
  const presence = createPresenceService(ports)
  const codes = createCodesService(ports)
  const expiry = createExpiryService(ports)
  const retention = createRetentionService(ports)
  const lapse = createLapseService(ports)
  const journal = createJournalService({ ...ports, timers, logger })
  const live = createLiveService({
    ...ports,
    timers,
    seen: ({ id, expiresAt }) => void presence.seen(id, expiresAt),
  })
  const refusals = new Set<(refusal: Refusal) => void>()
  const followers = new Set<() => void>()

  const parts: HttpParts = {
    admission: createAdmissionService(ports),
    approvals: createApprovalsService(ports),
    codes,
    collector: createCollectService(ports),
    decider: createDecideService(ports),
    devices: createDevicesService(ports),
    journal,
    limiter: createLimitService(ports),
    live,
    owner: createOwnerService({ ...ports, secrets }),
    presence,
    proofs: createProofService(ports),
    redeemer: createRedeemService(ports),
    renewer: createRenewService(ports),
    requester: createRequestService(ports),
    sessions: createSessionsService(ports),
    tickets: createTicketService(ports),
    verifier: createVerifyService(ports),
    clock,
    instance: async () => (await keys()).instance,
    logger,
    settings,
    timers,
    waiter: createWaitService({ space, timers }),
    refused: (error, facts) => {
      const refusal = toRefusal(error, facts, clock())
      logger.info('refused', { ...refusal })
      for (const listener of refusals) {
        try {
          listener(refusal)
        } catch (fault) {
          // The refused one gets his answer all the same.
          logger.error('a listener for refusals threw', { error: String(fault) })
        }
      }
    },
  }
  const visits = createVisits(parts)
  const guards = createGuards(parts, visits)
  let startup: Promise<StartupCode> | undefined
  const hasJumped = createClockJump(clock, logger)

  const pair: Pair = {
    handler: createHandler(parts, visits),
    ...guards,
    startupCode({ origin }) {
      startup ??= codes
        .issue({
          label: 'Start-up code',
          scopes: settings.scopes,
          origin: settings.publicUrl ?? origin,
        })
        .then(({ code, link, typed }: IssuedCode) => ({ link, typed, expiresAt: code.expiresAt }))
        .catch((error: unknown) => {
          startup = undefined
          throw error
        })
      return startup
    },
    async ownerSecret({ origin }) {
      const text = await parts.owner.secret()
      const base = toLinkBase(settings.publicUrl ?? origin)
      if (text === null) return null
      if (base === null)
        throw new PairError('invalid_request', {
          message: '`origin` must be an http or https URL.',
        })
      return { secret: text, link: `${base}/pair#owner=${text}` }
    },
    limit: createAppLimit(parts),
    risk: settings.risk,
    admission: parts.admission,
    approvals: { ...parts.approvals, ...parts.decider },
    codes,
    sessions: parts.sessions,
    devices: parts.devices,
    audit: journal,
    on(event, listener) {
      if (event === 'refused') {
        const hear = listener as (refusal: Refusal) => void
        refusals.add(hear)
        return () => refusals.delete(hear)
      }
      const stop = journal.listen(listener as (change: EventMap['change']) => void)
      followers.add(stop)
      return () => {
        followers.delete(stop)
        stop()
      }
    },
    async sweep() {
      requireTime(clock())
      if (hasJumped()) return { purged: 0 }
      // Requests first: what they held is free when codes are looked at.
      await lapse.announceLapsed()
      await expiry.announceExpired()
      await retention.letGo()
      return { purged: await space.purge(clock()) }
    },
    async close() {
      live.close()
      parts.waiter.close()
      for (const stop of followers) stop()
      followers.clear()
      refusals.clear()
      feed.close()
    },
  }
  // The services are of strings; which strings there are, the options said.
  return pair as unknown as Pair<S>
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

const timers: Timers = {
  hold(ms, callback) {
    const handle = setTimeout(callback, ms)
    return () => clearTimeout(handle)
  },
  after(ms, callback) {
    const handle: unknown = setTimeout(callback, ms)
    // A timer of ours keeps no process alive. In browsers it is a number.
    ;(handle as { unref?(): void }).unref?.()
    return () => clearTimeout(handle as Parameters<typeof clearTimeout>[0])
  },
}

const consoleLogger: Logger = {
  debug() {},
  info() {},
  warn: (message, fields) => console.warn(`[pair] ${message}`, fields ?? ''),
  error: (message, fields) => console.error(`[pair] ${message}`, fields ?? ''),
}
