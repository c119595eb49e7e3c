import type { FixedClock } from '@pair/testkit/app'
import { createPresenceService } from '../../src/session/presence-service.ts'
import { createLiveService, type LiveService } from '../../src/session/live-service.ts'
import { createProofService, type ProofService } from '../../src/proof/proof-service.ts'
import { createVerifyService, type VerifyService } from '../../src/session/verify-service.ts'
import {
  createSessionsService,
  type LogoutService,
  type SessionsService,
} from '../../src/session/sessions-service.ts'
import { createRecords } from '../../src/records.ts'
import { checkOptions } from '../../src/options.ts'
import { deriveKeys } from '../../src/token/token-crypto.ts'
import { createChangeFeed } from '../../src/storage/change-feed.ts'
import { createSpace } from '../../src/storage/space.ts'
import { toBase64Url } from '../../src/encoding/base64url.ts'
import { utf8 } from '../../src/encoding/bytes.ts'
import type { ServicePorts } from '../../src/service-ports.ts'
import type { Timers } from '../../src/ports/runtime.ts'
import { SECRET, type Server } from './server.ts'

/** Timers that ring when the clock is moved by hand, in order of their time. */
export interface HandTimers extends Timers {
  /** Moves the clock, rings what is due, and lets all that follows from it happen. */
  pass(ms: number): Promise<void>
  /** How many are set. */
  waiting(): number
}

export function handTimers(clock: FixedClock): HandTimers {
  const set = new Set<{ at: number; ring: () => void }>()
  const after = (ms: number, ring: () => void): (() => void) => {
    const timer = { at: clock() + ms, ring }
    set.add(timer)
    return () => void set.delete(timer)
  }
  return {
    after,
    hold: after,
    waiting: () => set.size,
    async pass(ms) {
      const end = clock() + ms
      for (;;) {
        const [next] = [...set].filter(({ at }) => at <= end).sort((a, b) => a.at - b.at)
        if (!next) break
        set.delete(next)
        clock.set(Math.max(clock(), next.at))
        next.ring()
        await settled()
      }
      clock.set(end)
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
  timers: HandTimers
  live: LiveService
  proofs: ProofService
  verifier: VerifyService
  sessions: SessionsService & LogoutService
}

export function openWorkshop({ store, clock }: Pick<Server, 'store' | 'clock'>): Workshop {
  const timers = handTimers(clock)
  const feed = createChangeFeed(store, 'pair')
  const random = (length: number): Uint8Array => crypto.getRandomValues(new Uint8Array(length))
  const space = createSpace({
    store,
    namespace: 'pair',
    feed,
    clock,
    timers,
    logger: { debug() {}, info() {}, warn() {}, error() {} },
    newAttempt: () => toBase64Url(random(9)),
    chance: () => 0,
    deadlineMs: 2_000,
  })
  const keys = deriveKeys(utf8(SECRET), 'pair')
  const settings = checkOptions({ secret: SECRET, store, scopes: ['notes:read', 'notes:write'] })
  const ports: ServicePorts = {
    space,
    records: createRecords(space, settings),
    clock,
    random,
    keys: async () => keys,
    settings,
  }
  const presence = createPresenceService(ports)
  return {
    timers,
    live: createLiveService({
      ...ports,
      timers,
      seen: ({ id, expiresAt }) => void presence.seen(id, expiresAt),
    }),
    proofs: createProofService(ports),
    verifier: createVerifyService(ports),
    sessions: createSessionsService(ports),
  }
}
