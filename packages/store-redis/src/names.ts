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
  counter(text: string): string
  /** In the slot of that counter. */
  counted(text: string, attempt: string): string
  /** Where it is told which keys were written. */
  channel: string
}

/** In a cluster all that one script touches lies in one slot: the braces see to it. Counters are alone, and spread. */
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
    counter: (text) => `${prefix}:counter:{${toTag(text)}}`,
    counted: (text, attempt) => `${prefix}:counted:{${toTag(text)}}:${attempt}`,
    channel: `${tag}:changes`,
  }
}

/** Braces within would end what decides on the slot. */
function toTag(text: string): string {
  return text.replaceAll(/[%{}]/g, (char) => `%${char.charCodeAt(0).toString(16)}`)
}
