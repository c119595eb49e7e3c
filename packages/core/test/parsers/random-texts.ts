/** A whole number from 0 below that. */
export type Draw = (below: number) => number

/** The same numbers for the same seed (xorshift32). */
export function createDraw(seed: number): Draw {
  let state = seed | 0 || 1
  return (below) => {
    state ^= state << 13
    state ^= state >>> 17
    state ^= state << 5
    return (state >>> 0) % below
  }
}

/** What parsers stumble over: ends, quotes, other blanks and digits, halves of characters, names of prototypes. */
const NASTY = [
  ...'\0\t\n\r "\\/=;,.:[]{}%-_+*?#@&<>\'`|~^$()0Aa\u007f\u0080\u00a0\u00ad\u0130\u0131\u017f\u0301\u0660',
  ...'\u200b\u200d\u2028\u202e\u212a\u3000\u30fc\ufeff\uff0d\uff11\uff21\ufffd',
  '\ud800',
  '\udc00',
  '\u{1f600}',
  '__proto__',
  'constructor',
  '\\u0000',
  '\\ud800',
  '1e400',
  '-0',
]

/** What a parser's texts are made of. */
export interface Shape {
  valid: readonly string[]
  /** Parts that are put together in any order. */
  words: readonly string[]
}

/** Texts without end: some right, most almost right, some of its own words in disorder, some mere noise. */
export function createTexts(seed: number, { valid, words }: Shape): () => string {
  const draw = createDraw(seed)
  const one = <T>(list: readonly T[]): T => list[draw(list.length)]!

  function noise(): string {
    let text = ''
    for (let left = draw(24); left > 0; left--) {
      const kind = draw(4)
      text +=
        kind === 0
          ? one(NASTY)
          : String.fromCharCode(kind === 1 ? 32 + draw(95) : draw(kind === 2 ? 256 : 65_536))
    }
    return text
  }

  function disorder(): string {
    let text = ''
    for (let left = 1 + draw(8); left > 0; left--) text += one(words)
    return text
  }

  function edit(text: string): string {
    const at = draw(text.length + 1)
    const until = at + draw(4)
    switch (draw(8)) {
      case 0:
        return text.slice(0, at)
      case 1:
        return text.slice(0, at) + text.slice(until)
      case 2:
        return text.slice(0, at) + one(NASTY) + text.slice(at)
      case 3:
        return text.slice(0, at) + one(NASTY) + text.slice(at + 1)
      case 4:
        return text.slice(0, at) + one(words) + text.slice(until)
      case 5:
        return text.slice(0, until) + text.slice(at)
      case 6:
        return text.slice(0, at) + one(valid).slice(at)
      default:
        return (
          text.slice(0, at) +
          String.fromCharCode((text.charCodeAt(at) || 0) ^ (1 << draw(7))) +
          text.slice(at + 1)
        )
    }
  }

  return () => {
    const kind = draw(16)
    if (kind === 0) return one(valid)
    if (kind <= 2) return noise()
    if (kind <= 5) return disorder()
    let text = one(valid)
    for (let left = 1 + draw(3); left > 0; left--) text = edit(text)
    return text
  }
}

/** Values that are none of what a member should be. */
const MISFITS: readonly unknown[] = [
  null,
  true,
  false,
  0,
  -0,
  -1,
  0.5,
  NaN,
  Infinity,
  Infinity,
  2 ** 53,
  864e13 + 1,
  '',
  '\0',
  ' ',
  '\ud800',
  '0',
  '__proto__',
  'x'.repeat(80),
  [],
  [null],
  ['a', 1],
  {},
  { length: 1 },
  { toString: 1 },
  { jkt: 1 },
  { jkt: 'x' },
  [[[[]]]],
  { d: 'x' },
]

/** Values without end: a right one with members taken away, exchanged, added, or something else altogether. */
export function createValues(seed: number, valid: readonly object[]): () => unknown {
  const draw = createDraw(seed)
  const one = <T>(list: readonly T[]): T => list[draw(list.length)]!
  const names = [...new Set(valid.flatMap(namesIn)), 'd', 'toString', 'hasOwnProperty']

  function change(value: unknown, depth: number): unknown {
    if (typeof value !== 'object' || value === null || Array.isArray(value) || draw(8) === 0)
      return one(MISFITS)
    const changed: Record<string, unknown> = { ...value }
    const name = one(names)
    if (draw(4) === 0) delete changed[name]
    else if (depth > 0 && draw(2) === 0) changed[name] = change(changed[name], depth - 1)
    else changed[name] = one(MISFITS)
    return changed
  }

  return () => {
    let value: unknown = one(valid)
    for (let left = draw(4); left > 0; left--) value = change(value, 2)
    return value
  }
}

function namesIn(value: unknown): string[] {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return []
  return Object.entries(value).flatMap(([name, inner]) => [name, ...namesIn(inner)])
}
