import { isAsciiToken } from '../encoding/text.ts'
import type { Key } from '../ports/store.ts'

/** Joins parts; below every character of a part, so that texts sort as their keys do. */
const JOINT = ' '

/** A key as one text, whose byte order is the order of keys. @throws TypeError for a part that isn't 1 to 512 printable ASCII characters, or no part at all. */
export function toKeyText(key: Key): string {
  if (key.length === 0 || !key.every(isAsciiToken)) throw new TypeError('Not a key for a store')
  return key.join(JOINT)
}

/** What the texts of all keys below a prefix begin with; empty below the empty one. @throws TypeError as `toKeyText`. */
export function toBelowText(prefix: Key): string {
  return prefix.length === 0 ? '' : toKeyText(prefix) + JOINT
}

/** Comes behind every text that begins with this one, and before all that come behind those. */
export function toEndText(below: string): string {
  if (below === '') return '\x7f' // keys are ASCII
  return below.slice(0, -1) + String.fromCharCode(below.charCodeAt(below.length - 1) + 1)
}

/** The key that became this text. */
export function fromKeyText(text: string): Key {
  return text.split(JOINT)
}

/** Is this the text of a key below a prefix, or of the prefix itself? `below` is what `toBelowText` made of it. */
export function isWatchedText(text: string, below: string): boolean {
  return (text + JOINT).startsWith(below)
}
