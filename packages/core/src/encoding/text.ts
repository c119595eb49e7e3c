// controls, lone surrogates, line and paragraph separators, and all that changes the direction of text
const FORBIDDEN = /[\p{Cc}\p{Cs}\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/u

/** A name to show to people: NFC, single blanks, at most `max` code points. `null` where it holds what could mislead. */
export function cleanLabel(text: unknown, max = 80): string | null {
  // bounded before it is normalised: that is not linear for long runs of accents
  if (typeof text !== 'string' || text.length > max * 16 || FORBIDDEN.test(text)) return null
  const label = text.normalize('NFC').replace(/\s+/gu, ' ').trim()
  // something to see: an invisible name could stand beside another's
  return /[^\p{Cf}\p{Z}]/u.test(label) && Array.from(label).length <= max ? label : null
}

/** May this be a part of a key? 1 to 512 printable ASCII characters, no blanks. */
export function isAsciiToken(text: unknown): text is string {
  return typeof text === 'string' && /^[!-~]{1,512}$/.test(text)
}
