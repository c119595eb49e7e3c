import type { ServerWire, SessionWire } from '@pair/core'
import type { PairClientError } from './client-error.ts'
import type { PairSnapshot, SnapshotStore } from './snapshot.ts'

/** The part of a snapshot that depends on its status. */
export type Facts =
  | { status: 'unpaired'; problem?: PairClientError }
  | { status: 'pairing'; session?: SessionWire }
  | { status: 'paired'; session: SessionWire; problem?: PairClientError }
  | { status: 'blocked' | 'offline'; problem: PairClientError; session?: never }

/** How this device stands, and what a snapshot tells beside it. */
export interface Standing {
  get(): PairSnapshot
  show(facts: Facts): void
  /** What the failure of a question about this device means for it. */
  fail(problem: PairClientError): void
  /** The code of a link, until it is spent or not needed. */
  linkCode(): string | undefined
  keepCode(code: string | undefined): void
  /** Tells that a code is waiting. */
  showCode(): void
  keepServer(server: ServerWire | undefined): void
}

/** Refusals that hold whatever this device tries, until someone acts on the server or pairs it anew. */
const BLOCKING = [
  'session_revoked',
  'key_lost',
  'cookie_refused',
  'host_refused',
  'origin_refused',
  'insecure_transport',
]

export function isBlocking(problem: PairClientError): boolean {
  return BLOCKING.includes(problem.code)
}

export function createStanding(state: SnapshotStore): Standing {
  let code: string | undefined
  let server: ServerWire | undefined

  function show(facts: Facts): void {
    const { session } = state.get()
    // what can't be told now doesn't take away what was known
    const known = facts.status === 'offline' && session ? { session } : {}
    const common = { linkCode: code !== undefined, ...(server && { server }) }
    state.set({ ...facts, ...known, ...common } as PairSnapshot)
  }

  return {
    get: state.get,
    show,
    fail(problem) {
      if (problem.transient) show({ status: 'offline', problem })
      else show({ status: isBlocking(problem) ? 'blocked' : 'unpaired', problem })
    },
    linkCode: () => code,
    keepCode(next) {
      code = next
    },
    showCode: () => state.set({ ...state.get(), linkCode: code !== undefined }),
    keepServer(next) {
      server = next
    },
  }
}
