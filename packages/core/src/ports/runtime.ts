import type { Millis } from '../time.ts'

/** Answers the present instant. */
export type Clock = () => Millis

/** Answers that many bytes from a cryptographically secure source. */
export type RandomSource = (length: number) => Uint8Array

/** Waiting, as the runtime offers it. */
export interface Timers {
  /** Milliseconds since some moment, by a clock that nobody sets. */
  elapsed(): Millis
  /** Calls back once after that many milliseconds; never keeps a process alive by itself. */
  after(ms: number, callback: () => void): () => void
  /** The same for what somebody waits for: the process does not end before. */
  hold(ms: number, callback: () => void): () => void
}

/** Where the operator reads what happened. Nothing secret is ever passed in. */
export interface Logger {
  debug(message: string, fields?: Readonly<Record<string, unknown>>): void
  info(message: string, fields?: Readonly<Record<string, unknown>>): void
  warn(message: string, fields?: Readonly<Record<string, unknown>>): void
  error(message: string, fields?: Readonly<Record<string, unknown>>): void
}

/** Named secrets that are made once and kept outside the store. */
export interface SecretSource {
  /** The bytes of that name; made and kept at the first call, the same for every caller ever after. */
  getOrCreate(name: string): Promise<Uint8Array>
  /** Marks a one-use secret as spent. `true`: this call was the first to do so. */
  markSpent(name: string): Promise<boolean>
  /** Was that one-use secret marked as spent? */
  isSpent(name: string): Promise<boolean>
}
