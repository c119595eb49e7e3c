import type { Store } from '@pair/core'

/** A store as its module opens it. */
export interface OpenedStore {
  store: Store
  /** Lets what is under way end. Afterwards somebody else may open it. */
  close(): Promise<void> | void
}

/** What the module of a tortured store exports under the name `openStore`. */
export type OpenStore = (setting: never) => OpenedStore | Promise<OpenedStore>

/** How runners get at a store of yours, in this process and in those that they start and kill. */
export interface TorturedStore {
  /** The URL of a module that exports `openStore(setting)`: each process opens its own store with it. */
  module: string
  /** A place that is empty and that nobody else uses. */
  fresh(): Promise<TorturedPlace>
  /** `true`: no other process can open it, so everybody is in this one. Then `openStore` answers one store for one place. */
  oneProcess?: boolean
}

export interface TorturedPlace {
  /** What `openStore` is given. Plain JSON: other processes are told it. */
  setting: unknown
  /** Frees the place, when all that opened it have ended. */
  remove?(): Promise<void> | void
  /** The server of this place, where it has one that may be killed. */
  server?: {
    /** As a power cut ends it. */
    kill(): Promise<void>
    /** Starts it again on what it left, and waits until it answers. */
    start(): Promise<void>
  }
  /** The way to its server, where that can lead through a `faultProxy`. */
  network?: {
    host: string
    port: number
    /** The same place, by that port of `127.0.0.1`. */
    through(port: number): unknown
    /** Whether a request asks for a commit. Default: each is taken for one. */
    isCommit?(request: Buffer): boolean
  }
}

/** What a runner answers: a line of a table. */
export interface TortureRow {
  /** What was done, in a few words. */
  what: string
  /** How often. */
  count: number
  /** What was seen meanwhile, for people. */
  figures: string
  /** All that was wrong, each with its names. Empty: the store kept its word. */
  faults: readonly string[]
  /** How long it took. Milliseconds. */
  ms: number
}
