import type { Write } from '../ports/store.ts'
import type { Millis } from '../time.ts'
import { toKeyText } from './key-text.ts'

/** A write as stores carry it out: an entry to put or remove, or an item to append. */
export type Step =
  | { do: 'put'; id: string; value: string; purgeAt: Millis | null }
  | { do: 'remove'; id: string }
  | { do: 'append'; id: string; value: string; purgeAt: Millis | null }

/** Everything that can be wrong with a write is found here, before any is carried out. @throws TypeError */
export function toStep(write: Write): Step {
  const append = 'append' in write
  const id = toKeyText(append ? write.append : write.key)
  if (write.value === null) {
    if (append) throw new TypeError('An item of a stream has a value')
    return { do: 'remove', id }
  }
  // some databases end a text at NUL, and all change half of a surrogate pair: it would not come back as it was
  if (typeof write.value !== 'string' || /[\0\p{Cs}]/u.test(write.value))
    throw new TypeError('A value is text without NUL and lone surrogates')
  const purgeAt = write.purgeAt === null ? null : toPurgeAt(write.purgeAt)
  return { do: append ? 'append' : 'put', id, value: write.value, purgeAt }
}

/** The instant, if it is one that can be stored and compared, rounded up. @throws TypeError */
export function toPurgeAt(at: Millis): Millis {
  if (!(at >= 0 && at <= Number.MAX_SAFE_INTEGER))
    throw new TypeError('purgeAt is an instant in milliseconds')
  return Math.ceil(at)
}

/** How many things a page or a batch may hold: a whole number from 0. Where there are fewer, more is no error. */
export function toLimit(limit: number): number {
  return Math.min(Math.max(0, Math.ceil(limit)), Number.MAX_SAFE_INTEGER)
}

/** What a counter may be raised by: a whole number from 0. @throws TypeError */
export function toRaise(by: number): number {
  if (!Number.isSafeInteger(by) || by < 0)
    throw new TypeError('A counter is raised by whole numbers')
  return by
}
