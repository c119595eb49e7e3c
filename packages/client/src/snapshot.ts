import type { PendingWire, ServerWire, SessionWire } from '@pair/core'
import type { PairClientError } from './client-error.ts'

interface Common {
  /** Whether a code from a pairing link waits for the person's click. */
  readonly linkCode: boolean
  /** Whether the first owner's secret from a link waits for the person's click. */
  readonly linkOwner: boolean
  /** While `pending`: the request that waits, and the match code to compare with the other screen. */
  readonly approval?: PendingWire['approval']
  /** What the server last told of itself. */
  readonly server?: ServerWire
}

/** The server was not asked yet. */
export interface UnknownSnapshot extends Common {
  readonly status: 'unknown'
  readonly session?: never
  readonly problem?: never
}

/** This device has no session. `problem`: why the last try failed, or why an earlier session ended. */
export interface UnpairedSnapshot extends Common {
  readonly status: 'unpaired'
  readonly session?: never
  readonly problem?: PairClientError
}

/**
 * A person has yet to decide whether this device is let in. `problem`: why that can't be heard now, or why another try
 * failed meanwhile; it goes on waiting.
 */
export interface PendingSnapshot extends Common {
  readonly status: 'pending'
  readonly approval: PendingWire['approval']
  readonly session?: never
  readonly problem?: PairClientError
}

/** What lets this device in is on its way to the server. */
export interface PairingSnapshot extends Common {
  readonly status: 'pairing'
  readonly session?: SessionWire
  readonly problem?: never
}

/** This device has a session. `problem`: why a try to pair anew failed. */
export interface PairedSnapshot extends Common {
  readonly status: 'paired'
  readonly session: SessionWire
  readonly problem?: PairClientError
}

/** It is no use to try again as things are: revoked, turned away, key lost, host refused. A fresh code may help. */
export interface BlockedSnapshot extends Common {
  readonly status: 'blocked'
  readonly session?: never
  readonly problem: PairClientError
}

/** The server can't be reached or can't tell now. `session`: the last that was known. */
export interface OfflineSnapshot extends Common {
  readonly status: 'offline'
  readonly session?: SessionWire
  readonly problem: PairClientError
}

/** How this device stands with the server. The same object until something changes. */
export type PairSnapshot =
  | UnknownSnapshot
  | UnpairedSnapshot
  | PairingSnapshot
  | PendingSnapshot
  | PairedSnapshot
  | BlockedSnapshot
  | OfflineSnapshot

export interface SnapshotStore {
  get(): PairSnapshot
  set(next: PairSnapshot): void
  subscribe(listener: () => void): () => void
  /** Changes nothing and tells nobody any more. */
  close(): void
}

export function createSnapshotStore(): SnapshotStore {
  const listeners = new Set<() => void>()
  let current: PairSnapshot = Object.freeze({
    status: 'unknown',
    linkCode: false,
    linkOwner: false,
  })
  let closed = false

  return {
    get: () => current,
    set(next) {
      if (closed || essence(next) === essence(current)) return
      current = Object.freeze(next)
      for (const listener of listeners) safely(listener)
    },
    subscribe(listener) {
      // a function of our own: the same listener may be given twice
      const entry = (): void => listener()
      listeners.add(entry)
      return () => void listeners.delete(entry)
    },
    close() {
      closed = true
      listeners.clear()
    },
  }
}

/** What a listener could tell apart: `server.time` moves with each answer and is no change. */
function essence(snapshot: PairSnapshot): string {
  const { version, admission } = snapshot.server ?? {}
  return JSON.stringify({ ...snapshot, server: [version, admission] })
}

/** Calls what the app gave us; what it throws is its own, as with any event listener. */
export function safely(call: () => void): void {
  try {
    call()
  } catch (error) {
    queueMicrotask(() => {
      throw error
    })
  }
}
