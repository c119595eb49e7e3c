import type { RandomSource } from '../ports/runtime.ts'

/** 31 symbols: digits and capitals without 0, O, 1, I and L, which people mistake for one another. */
export const TYPED_ALPHABET = '23456789ABCDEFGHJKMNPQRSTUVWXYZ'

/** How many symbols a typed code has, shortest first: groups of three, as the risk budget of a server needs. */
export const TYPED_LENGTHS = [9, 12, 15] as const
export type TypedLength = (typeof TYPED_LENGTHS)[number]

/** What a typed code of so many symbols is worth, in bits. */
export function typedCodeBits(symbols: TypedLength): number {
  return symbols * Math.log2(TYPED_ALPHABET.length)
}

/** What a typed code is worth: nine symbols of 31 are 44.59 bits. */
export const TYPED_CODE_BITS: number = typedCodeBits(9)

/** The largest multiple of 31 that a byte can hold; what lies above would favour the first symbols. */
const FAIR = 256 - (256 % TYPED_ALPHABET.length)

/** A fresh typed code as `XXX-XXX-XXX`, every symbol equally likely. */
export function drawTypedCode(random: RandomSource, symbols: TypedLength = 9): string {
  let drawn = ''
  while (drawn.length < symbols) {
    for (const byte of random(symbols)) {
      if (byte < FAIR && drawn.length < symbols)
        drawn += TYPED_ALPHABET[byte % TYPED_ALPHABET.length]
    }
  }
  return formatTypedCode(drawn)
}

/** A typed code as people read it: groups of three. */
export function formatTypedCode(symbols: string): string {
  return symbols.replace(/...(?=.)/g, '$&-')
}

export type ParsedCode =
  | { form: 'link'; secret: string }
  | { form: 'typed'; secret: string }
  /** Not a code at all; nothing was guessed by it. */
  | { form: 'none' }

/** 128 bits that we drew, or the 256 of a seed that a launcher drew. */
const LINK = /^[A-Za-z0-9_-]{22}(?:[A-Za-z0-9_-]{21})?$/
/** Blanks and dashes of any keyboard, the Japanese long sound mark among them, and what copying brings along unseen. */
const SEPARATOR = /[\s\p{Pd}\u00AD\u2043\u2212\u30FC\uFF70\u200B-\u200D\u2060]/u

/**
 * The one canonical form of what somebody handed in: the secret of a link as it is, a typed code whatever its case,
 * spaces, dashes or full-width forms.
 *
 * Only ASCII comes out. Nothing is folded by Unicode rules or by a locale: `ſ`, `ı` and the Kelvin sign are no letters here.
 */
export function parseCode(text: string, symbols: TypedLength = 9): ParsedCode {
  if (text.length > 128) return { form: 'none' }
  const trimmed = text.trim()
  if (LINK.test(trimmed)) return { form: 'link', secret: trimmed }
  let read = ''
  for (const character of trimmed) {
    const point = character.codePointAt(0) ?? 0
    const ascii =
      point >= 0xff01 && point <= 0xff5e ? String.fromCharCode(point - 0xfee0) : character
    if (SEPARATOR.test(ascii)) continue
    const symbol =
      ascii >= 'a' && ascii <= 'z' ? String.fromCharCode(ascii.charCodeAt(0) - 32) : ascii
    if (symbol.length !== 1 || !TYPED_ALPHABET.includes(symbol)) return { form: 'none' }
    read += symbol
  }
  return read.length === symbols ? { form: 'typed', secret: read } : { form: 'none' }
}
