import { fixedClock, type FixedClock } from '@pair/testkit/app'
import { createPair } from '../../src/create-pair.ts'
import type { Refusal } from '../../src/audit/event.ts'
import type { Pair } from '../../src/pair.ts'
import type { PairOptions } from '../../src/pair-options.ts'
import type { Clock, Logger } from '../../src/ports/runtime.ts'
import type { Store } from '../../src/ports/store.ts'
import { memoryStore } from '../../src/storage/memory/memory-store.ts'
import { ROOMY } from './roomy.ts'
import { NOON } from './clock.ts'

export type Scope = 'notes:read' | 'notes:write'
export const SECRET = 'kit-secret-0123456789-abcdefghijklmnopqrstuvwxyz'
export const ORIGIN = 'http://localhost:3000'

/** One instance under test with a fixed clock, and all that it refused. */
export interface Server {
  pair: Pair<Scope>
  clock: FixedClock
  store: Store
  /** The origin at which visitors reach it. */
  origin: string
  refusals: Refusal[]
}

const quiet: Logger = { debug() {}, info() {}, warn() {}, error() {} }

export interface ServerOptions extends Partial<Omit<PairOptions<Scope>, 'clock'>> {
  clock?: FixedClock
  /** The time that the store tells. Default: that of the instance's own clock. */
  storeClock?: Clock
  origin?: string
}

export function startServer({
  origin = ORIGIN,
  clock = fixedClock(NOON),
  store = memoryStore({ clock }),
  storeClock = clock,
  ...options
}: ServerOptions = {}): Server {
  const pair = createPair<Scope>({
    secret: SECRET,
    scopes: ['notes:read', 'notes:write'],
    logger: quiet,
    limits: ROOMY,
    ...options,
    clock,
    store: { ...store, time: async () => storeClock() },
  })
  const refusals: Refusal[] = []
  pair.on('refused', (refusal) => void refusals.push(refusal))
  return { pair, clock, store, origin, refusals }
}
