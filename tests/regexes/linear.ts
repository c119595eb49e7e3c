import { checkSync } from 'recheck/lib/browser.js'

/** `null`: proven to take time in proportion to the text. Else why not. */
export function faultOf(source: string, flags: string): string | null {
  const plain = withoutLooks(source)
  const found = checkSync(plain, flags, {
    // The other checker only tries texts; a proof needs the automaton.
    checker: 'automaton',
    timeout: 15_000,
  })
  if (found.status === 'unknown') return `not proven: ${found.error.kind}`
  return found.status === 'safe' ? null : found.complexity.summary
}

/**
 * The same without looks ahead and behind that see a bounded number of characters: each costs a constant, and without
 * one at least as many ways to match are left. The checker has no automaton for them.
 */
export function withoutLooks(source: string): string {
  const open = findLook(source)
  if (open < 0) return source
  const close = endOfGroup(source, open)
  const inside = source.slice(open, close)
  if (/[*+]|\{\d+,\}|\\[1-9k]/.test(inside)) return source
  return withoutLooks(source.slice(0, open) + source.slice(close))
}

function findLook(source: string): number {
  for (const { at, inClass } of marks(source))
    if (!inClass && /^\(\?<?[=!]/.test(source.slice(at, at + 4))) return at
  return -1
}

/** Just behind the parenthesis that closes the group which opens at `from`. */
function endOfGroup(source: string, from: number): number {
  let depth = 0
  for (const { at, inClass } of marks(source)) {
    if (at < from || inClass) continue
    if (source[at] === '(') depth++
    if (source[at] === ')' && --depth === 0) return at + 1
  }
  return source.length
}

/** Where each character stands that no backslash takes the meaning of, and whether that is within a class. */
function* marks(source: string): Generator<{ at: number; inClass: boolean }> {
  let inClass = false
  for (let at = 0; at < source.length; at++) {
    if (source[at] === '\\') {
      at++
      continue
    }
    if (source[at] === '[') inClass = true
    yield { at, inClass }
    if (source[at] === ']') inClass = false
  }
}
