/** What everything of a store is called in Redis. */
export interface Names {
  /** Birth of the data and number of its latest commit. */
  meta: string
  /** The texts of all record keys, for lists. */
  index: string
  /** What is to be forgotten, by its `purgeAt`. */
  due: string
  /** The newest position that was purged from each stream. */
  purged: string
  /** These two begin the name of each record and of each stream. */
  records: string
  streams: string
  attempt(id: string): string
  /** A counter, and what was born of its tag, which nobody tells who has not the salt; by an attempt also its mark. */
  counter(salt: string, text: string, attempt?: string): string[]
  /** Where it is told which keys were written. */
  channel: string
}

/** Over so many slots counters are spread, each of which counts how many were born. */
export const COUNTER_TAGS = 1_024

/** In a cluster all that one script touches lies in one slot: the braces see to it. Counters are spread. */
export function toNames(prefix: string): Names {
  const tag = `{${prefix}}`
  return {
    meta: `${tag}:meta`,
    index: `${tag}:index`,
    due: `${tag}:due`,
    purged: `${tag}:purged`,
    records: `${tag}:record:`,
    streams: `${tag}:stream:`,
    attempt: (id) => `${tag}:attempt:${id}`,
    counter(salt, text, attempt) {
      // its last bits follow those of what is hashed
      const own = `{${(hash(salt + text) >>> 8) % COUNTER_TAGS}}`
      const names = [`${prefix}:counter:${own}:${text}`, `${prefix}:counters:${own}`]
      if (attempt !== undefined) names.push(`${prefix}:counted:${own}:${attempt}`)
      return names
    },
    channel: `${tag}:changes`,
  }
}

/** FNV-1a. */
function hash(text: string): number {
  let state = 0x811c9dc5
  for (let at = 0; at < text.length; at++)
    state = Math.imul(state ^ text.charCodeAt(at), 0x01000193)
  return state >>> 0
}
