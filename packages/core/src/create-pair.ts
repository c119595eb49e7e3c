import { createAdmissionService } from './admission/admission-service.ts'
import { createApprovalsService } from './approval/approvals-service.ts'
import { createCollectService } from './approval/collect-service.ts'
import { createDecideService } from './approval/decide-service.ts'
import { createLapseService } from './approval/lapse-service.ts'
import { createRequestService } from './approval/request-service.ts'
import { createWaitService } from './approval/wait-service.ts'
import { createJournalService } from './audit/journal-service.ts'
import { createRefusalService } from './audit/refusal-service.ts'
import { createSealService } from './audit/seal-service.ts'
import { behindAnswer } from './audit/behind-answer.ts'
import { EVENT_TYPES, type AuditEvent, type Refusal } from './audit/event.ts'
import { tellSturdily } from './audit/sturdy-listener.ts'
import { createCodesService, type IssuedCode } from './bootstrap/codes-service.ts'
import { createExpiryService } from './bootstrap/expiry-service.ts'
import { createOwnerService } from './bootstrap/owner-service.ts'
import { toLinkBase } from './bootstrap/code-request.ts'
import { createSeedService } from './bootstrap/seed-service.ts'
import { createRedeemService } from './bootstrap/redeem-service.ts'
import { createTryService } from './bootstrap/try-service.ts'
import { createDevicesService } from './device/devices-service.ts'
import { PairError, requireTime } from './errors.ts'
import { createAppLimit } from './http/app-limit.ts'
import { createGuards } from './http/guard.ts'
import { createHandler, createOwns } from './http/handler.ts'
import { openExtensions } from './open-extensions.ts'
import { toRefusal } from './http/refusal.ts'
import type { HttpParts } from './http/route.ts'
import { createVisits } from './http/visit.ts'
import { createPorts } from './create-ports.ts'
import { checkOptions } from './options.ts'
import type { Pair, StartupCode } from './pair.ts'
import type { PairOptions } from './pair-options.ts'
import { createLimitService } from './limit/limit-service.ts'
import { createProofService } from './proof/proof-service.ts'
import type { ModeScope, Resources } from './resource/resource-options.ts'
import { createResourceService } from './resource/resource-service.ts'
import { createLiveService } from './session/live-service.ts'
import { createPresenceService } from './session/presence-service.ts'
import { createRetentionService } from './session/retention-service.ts'
import { createRenewService } from './session/renew-service.ts'
import { createSessionsService } from './session/sessions-service.ts'
import { createVerifyService } from './session/verify-service.ts'
import { createClockJump } from './storage/clock-jump.ts'
import { createTicketService } from './ticket/ticket-service.ts'
import { createSigningKeysService } from './token/signing-keys-service.ts'

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
export function createPair<
  const S extends string = never,
  const R extends Resources = Record<never, never>,
>(options: PairOptions<S, R>): Pair<S | ModeScope<R>> {
  const settings = checkOptions(options)
  const ports = createPorts(options, settings)
  const { space, clock, timers, logger } = ports
  const presence = createPresenceService(ports)
  const codes = createCodesService(ports)
  const expiry = createExpiryService(ports)
  const retention = createRetentionService(ports)
  const lapse = createLapseService(ports)
  const journal = createJournalService(ports)
  const seals = createSealService(ports)
  const refusalCounts = createRefusalService(ports)
  const live = createLiveService({
    ...ports,
    timers,
    seen: (session) => void presence.seen(session)?.catch(() => {}),
  })
  const refusals = new Set<(refusal: Refusal) => void>()
  const followers = new Set<() => void>()

  const parts: HttpParts = {
    agents: null,
    admission: createAdmissionService(ports),
    approvals: createApprovalsService(ports),
    codes,
    collector: createCollectService(ports),
    decider: createDecideService(ports),
    devices: createDevicesService(ports),
    journal,
    limiter: createLimitService(ports),
    live,
    owner: createOwnerService(ports),
    presence,
    proofs: createProofService(ports),
    redeemer: {
      ...createTryService(ports),
      ...createRedeemService({ ...ports, behindAnswer: behindAnswer(timers, logger) }),
    },
    refusalCounts,
    renewer: createRenewService(ports),
    requester: createRequestService(ports),
    resources: createResourceService(ports),
    sessions: createSessionsService(ports),
    tickets: createTicketService(ports),
    verifier: createVerifyService({ ...ports, cache: ports.verified }),
    clock,
    instance: ports.instance,
    signingKeys: createSigningKeysService(ports),
    logger,
    settings,
    timers,
    waiter: createWaitService({ space, timers }),
    refused: (error, facts) => {
      const refusal = toRefusal(error, facts, clock())
      logger.info('refused', { ...refusal })
      refusalCounts.note(refusal)
      // The refused one gets his answer whatever they do.
      for (const listener of refusals) tellSturdily(listener, refusal, logger, 'refusals')
    },
  }
  const added = openExtensions(options.extensions, { ports, parts })
  parts.agents = added.agents
  const owns = createOwns(settings.basePath, added.routes)
  const visits = createVisits(parts)
  const guards = createGuards(parts, visits, owns)
  let startup: Promise<StartupCode> | undefined
  const hasJumped = createClockJump(clock, logger)

  const pair: Pair = {
    handler: createHandler(parts, visits, owns, added.routes),
    owns,
    ...(guards as Pick<Pair, keyof typeof guards>),
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
    codes: { ...codes, ...createSeedService(ports) },
    sessions: parts.sessions,
    devices: parts.devices,
    agentKeys: added.agentKeys,
    signingKeys: parts.signingKeys,
    audit: { ...journal, verify: seals.verify, refusals: refusalCounts.refusals },
    on(event, listener) {
      if (event === 'refused') {
        const hear = listener as (refusal: Refusal) => void
        refusals.add(hear)
        return () => refusals.delete(hear)
      }
      if (event !== 'change' && !(EVENT_TYPES as readonly string[]).includes(event))
        throw new PairError('invalid_request', { message: `There is no event \`${event}\`.` })
      const hear = listener as (change: AuditEvent) => void
      const stop = journal.listen((change) => {
        return event === 'change' || change.type === event ? hear(change) : undefined
      })
      followers.add(stop)
      return () => {
        followers.delete(stop)
        stop()
      }
    },
    async sweep() {
      requireTime(clock())
      if (hasJumped() || (await ports.clocks.isSkewed())) return { purged: 0 }
      // Requests first: what they held is free when codes are looked at.
      await lapse.announceLapsed()
      await expiry.announceExpired()
      await retention.letGo()
      await added.tidy()
      await refusalCounts.flush()
      // Before anything is forgotten.
      await seals.seal()
      return { purged: await space.purge(clock()) }
    },
    async close() {
      live.close()
      parts.waiter.close()
      for (const stop of followers) stop()
      followers.clear()
      refusals.clear()
      space.feed.close()
      await refusalCounts.close()
    },
  }
  // The services are of strings; which strings there are, the options said.
  return pair as unknown as Pair<S | ModeScope<R>>
}
