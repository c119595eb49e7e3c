import type { ServerWire, SessionWire } from '@pair/core'
import type { PairClientError } from './client-error.ts'

interface Common {
  /** Whether a code from a pairing link waits for the person's click. */
  readonly linkCode: boolean
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

/** A code is on its way to the server. */
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

/** It is no use to try again as things are: revoked, key lost, host refused. A fresh code may help. */
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
  let current: PairSnapshot = Object.freeze({ status: 'unknown', linkCode: false })
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
function essence({ status, linkCode, session, problem, server }: PairSnapshot): string {
  return JSON.stringify([status, linkCode, session, problem, server?.version, server?.admission])
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
