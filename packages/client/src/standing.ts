import type { PendingWire, ServerWire, SessionWire } from '@pair/core'
import type { PairClientError } from './client-error.ts'
import type { LinkSecrets } from './link-code.ts'
import type { PairSnapshot, SnapshotStore } from './snapshot.ts'

/** The part of a snapshot that depends on its status. */
export type Facts =
  | { status: 'unpaired'; problem?: PairClientError; session?: never }
  | { status: 'pairing'; session?: SessionWire; problem?: never }
  | { status: 'paired'; session: SessionWire; problem?: PairClientError }
  | { status: 'unpaired' | 'blocked' | 'offline'; problem: PairClientError; session?: never }

/** How this device stands, and what a snapshot tells beside it. */
export interface Standing {
  /** Moves with each sign-in and sign-out, so that the answer to an older question is not believed. */
  turn: number
  /** What a link held, until it is spent or not needed. */
  link: LinkSecrets
  /** The request that waits. */
  approval: PendingWire['approval'] | undefined
  server: ServerWire | undefined
  get(): PairSnapshot
  /** While a request waits, what would be without a session is `pending`. */
  show(facts: Facts): void
  /** What the failure of a question about this device means for it. */
  fail(problem: PairClientError): void
  /** Tells what is new beside the status. */
  refresh(): void
}

/** Refusals that hold whatever this device tries, until someone acts on the server or pairs it anew. */
const BLOCKING = [
  'session_revoked',
  'approval_rejected',
  'admission_refused',
  'admission_unknown',
  'key_lost',
  'cookie_refused',
  'host_refused',
  'origin_refused',
  'insecure_transport',
]

/** What this refusal leaves a device without a session. */
export function statusOf(problem?: PairClientError): 'blocked' | 'unpaired' {
  return problem && BLOCKING.includes(problem.code) ? 'blocked' : 'unpaired'
}

export function createStanding(state: SnapshotStore): Standing {
  const beside = (): object => ({
    linkCode: standing.link.code !== undefined,
    linkOwner: standing.link.owner !== undefined,
    ...(standing.server && { server: standing.server }),
  })

  function show(facts: Facts): void {
    const { status, problem } = facts
    const { approval } = standing
    // what can't be told now doesn't take away what was known
    const session = status === 'offline' ? state.get().session : facts.session
    // who is in needs no link
    if (status === 'paired' && !problem) standing.link = {}
    const waits = approval && !session && status !== 'pairing'
    state.set({
      ...(waits ? { status: 'pending', approval } : { status }),
      ...(session && { session }),
      // nothing that a waiting device heard is final, but of its request
      ...(problem && (!waits || problem.transient) && { problem }),
      ...beside(),
    } as PairSnapshot)
  }

  const standing: Standing = {
    turn: 0,
    link: {},
    approval: undefined,
    server: undefined,
    get: state.get,
    show,
    fail(problem) {
      show({ status: problem.transient ? 'offline' : statusOf(problem), problem })
    },
    refresh: () => state.set({ ...state.get(), ...beside() }),
  }
  return standing
}
