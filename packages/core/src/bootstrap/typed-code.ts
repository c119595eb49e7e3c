import type { RandomSource } from '../ports/runtime.ts'

/** 31 symbols: digits and capitals without 0, O, 1, I and L, which people mistake for one another. */
export const TYPED_ALPHABET = '23456789ABCDEFGHJKMNPQRSTUVWXYZ'

const LENGTH = 9

/** What a typed code is worth: nine symbols of 31 are 44.59 bits. */
export const TYPED_CODE_BITS: number = LENGTH * Math.log2(TYPED_ALPHABET.length)

/** The largest multiple of 31 that a byte can hold; what lies above would favour the first symbols. */
const FAIR = 256 - (256 % TYPED_ALPHABET.length)

/** A fresh typed code as `XXX-XXX-XXX`, every symbol equally likely. */
export function drawTypedCode(random: RandomSource): string {
  let symbols = ''
  while (symbols.length < LENGTH) {
    for (const byte of random(LENGTH)) {
      if (byte < FAIR && symbols.length < LENGTH)
        symbols += TYPED_ALPHABET[byte % TYPED_ALPHABET.length]
    }
  }
  return formatTypedCode(symbols)
}

export function formatTypedCode(symbols: string): string {
  return `${symbols.slice(0, 3)}-${symbols.slice(3, 6)}-${symbols.slice(6)}`
}

export type ParsedCode =
  | { form: 'link'; secret: string }
  | { form: 'typed'; secret: string }
  /** Not a code at all; nothing was guessed by it. */
  | { form: 'none' }

const LINK = /^[A-Za-z0-9_-]{22}$/
/** Blanks and dashes of any keyboard, the Japanese long sound mark among them, and what copying brings along unseen. */
const SEPARATOR = /[\s\p{Pd}\u00AD\u2043\u2212\u30FC\uFF70\u200B-\u200D\u2060]/u

/**
 * The one canonical form of what somebody handed in: the secret of a link as it is, a typed code whatever its case,
 * spaces, dashes or full-width forms.
 *
 * Only ASCII comes out. Nothing is folded by Unicode rules or by a locale: `ſ`, `ı` and the Kelvin sign are no letters here.
 */
export function parseCode(text: string): ParsedCode {
  if (text.length > 128) return { form: 'none' }
  const trimmed = text.trim()
  if (LINK.test(trimmed)) return { form: 'link', secret: trimmed }
  let symbols = ''
  for (const character of trimmed) {
    const point = character.codePointAt(0) ?? 0
    const ascii =
      point >= 0xff01 && point <= 0xff5e ? String.fromCharCode(point - 0xfee0) : character
    if (SEPARATOR.test(ascii)) continue
    const symbol =
      ascii >= 'a' && ascii <= 'z' ? String.fromCharCode(ascii.charCodeAt(0) - 32) : ascii
    if (symbol.length !== 1 || !TYPED_ALPHABET.includes(symbol)) return { form: 'none' }
    symbols += symbol
  }
  return symbols.length === LENGTH ? { form: 'typed', secret: symbols } : { form: 'none' }
}
