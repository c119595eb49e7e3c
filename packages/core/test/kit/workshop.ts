import type { FixedClock } from '@pair/testkit/app'
import { createPresenceService } from '../../src/session/presence-service.ts'
import { createLiveService, type LiveService } from '../../src/session/live-service.ts'
import { createRefusalService, type RefusalCounter } from '../../src/audit/refusal-service.ts'
import { createProofService, type ProofService } from '../../src/proof/proof-service.ts'
import { createVerifyService, type VerifyService } from '../../src/session/verify-service.ts'
import {
  createSessionsService,
  type LogoutService,
  type SessionsService,
} from '../../src/session/sessions-service.ts'
import { createRecords } from '../../src/records.ts'
import { checkOptions } from '../../src/options.ts'
import { createFreshCache } from '../../src/storage/fresh-cache.ts'
import { JOURNAL } from '../../src/audit/audit-records.ts'
import { keysFrom } from './keys.ts'
import { createChangeFeed } from '../../src/storage/change-feed.ts'
import { createSpace } from '../../src/storage/space.ts'
import { toBase64Url } from '../../src/encoding/base64url.ts'
import type { PairOptions } from '../../src/pair-options.ts'
import type { ServicePorts } from '../../src/service-ports.ts'
import type { Settings } from '../../src/settings.ts'
import type { Logger, Timers } from '../../src/ports/runtime.ts'
import { SECRET, type Server } from './server.ts'

const SILENT: Logger = { debug() {}, info() {}, warn() {}, error() {} }

/** Timers that ring when the clock is moved by hand, in order of their time. */
export interface HandTimers extends Timers {
  /** Moves the clock, rings what is due, and lets all that follows from it happen. */
  pass(ms: number): Promise<void>
  /** How many are set. */
  waiting(): number
}

export function handTimers(clock: FixedClock): HandTimers {
  const set = new Set<{ at: number; ring: () => void }>()
  let elapsed = 0
  const moveTo = (at: number): void => {
    elapsed += Math.max(0, at - clock())
    clock.set(Math.max(clock(), at))
  }
  const after = (ms: number, ring: () => void): (() => void) => {
    const timer = { at: clock() + ms, ring }
    set.add(timer)
    return () => void set.delete(timer)
  }
  return {
    elapsed: () => elapsed,
    after,
    hold: after,
    waiting: () => set.size,
    async pass(ms) {
      const end = clock() + ms
      for (;;) {
        const [next] = [...set].filter(({ at }) => at <= end).sort((a, b) => a.at - b.at)
        if (!next) break
        set.delete(next)
        moveTo(next.at)
        next.ring()
        await settled()
      }
      moveTo(end)
      await settled()
    },
  }
}

/** All promises that wait for nothing outside have run. */
export async function settled(): Promise<void> {
  for (let turn = 0; turn < 5; turn++) await new Promise((resolve) => setImmediate(resolve))
}

/** The services of one instance by themselves, on the store of a server, with timers in the hand of the test. */
export interface Workshop {
  clock: FixedClock
  settings: Settings
  timers: HandTimers
  live: LiveService
  proofs: ProofService
  refusals: RefusalCounter
  verifier: VerifyService
  sessions: SessionsService & LogoutService
}

export function openWorkshop(
  { store, clock }: Pick<Server, 'store' | 'clock'>,
  options: Partial<PairOptions> = {},
): Workshop {
  const timers = handTimers(clock)
  const feed = createChangeFeed({
    store,
    namespace: 'pair',
    stream: JOURNAL,
    timers,
    deadlineMs: 2_000,
  })
  const random = (length: number): Uint8Array => crypto.getRandomValues(new Uint8Array(length))
  const space = createSpace({
    store,
    namespace: 'pair',
    feed,
    clock,
    timers,
    logger: SILENT,
    newAttempt: () => toBase64Url(random(9)),
    chance: () => 0,
    deadlineMs: 2_000,
  })
  const keys = keysFrom(SECRET)
  const scopes = ['notes:read', 'notes:write']
  const settings = checkOptions({ secret: SECRET, store, scopes, ...options })
  const ports: ServicePorts = {
    space,
    records: createRecords(space, settings),
    clock,
    random,
    keys: async () => keys,
    instance: async () => keys.instance,
    settings,
    requireSteadyClock: async () => {},
    askPolicy: async () => {},
  }
  const presence = createPresenceService(ports)
  return {
    clock,
    settings,
    timers,
    live: createLiveService({
      ...ports,
      timers,
      seen: (session) => void presence.seen(session)?.catch(() => {}),
    }),
    proofs: createProofService(ports),
    refusals: createRefusalService({ ...ports, timers, logger: SILENT }),
    verifier: createVerifyService({ ...ports, cache: createFreshCache(feed, 100) }),
    sessions: createSessionsService(ports),
  }
}
