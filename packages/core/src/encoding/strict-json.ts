export type JsonFault = 'syntax' | 'duplicate_key' | 'too_deep' | 'forbidden_key' | 'bad_text'

export type StrictJson = { ok: true; value: unknown } | { ok: false; fault: JsonFault }

/**
 * Parses JSON that means one thing to every reader, or tells the fault. Never throws.
 *
 * Refused beside bad syntax: a name twice in one object in any spelling, names that reach prototypes, NUL and lone
 * surrogates in strings, numbers beyond a double, and nesting beyond `maxDepth` (default 16), which is checked before anything recurses.
 */
export function parseStrictJson(text: string, limits: { maxDepth?: number } = {}): StrictJson {
  try {
    const fault = scan(text, limits.maxDepth ?? 16)
    if (fault === 'too_deep') return { ok: false, fault }
    const value: unknown = JSON.parse(text)
    if (fault !== null) return { ok: false, fault }
    return isFinite(value) ? { ok: true, value } : { ok: false, fault: 'syntax' }
  } catch {
    return { ok: false, fault: 'syntax' }
  }
}

/** Names that reach prototypes, as they are written. */
const FORBIDDEN_NAME = /"(?:__proto__|constructor|prototype)":/

/**
 * The value of JSON that is spelled as `JSON.stringify` spells it, so that no name stands in it twice and every reader takes it
 * alike; `null` for any other text. Much quicker than to scan it, and for what we wrote ourselves as strict.
 */
export function parseWrittenJson(text: string): unknown {
  try {
    const value: unknown = JSON.parse(text)
    return JSON.stringify(value) === text && !FORBIDDEN_NAME.test(text) ? value : null
  } catch {
    return null
  }
}

/** Has every number in it a value? `1e400` is a number in JSON, and none to any reader of doubles. */
function isFinite(value: unknown): boolean {
  if (typeof value === 'number') return Number.isFinite(value)
  return typeof value !== 'object' || value === null || Object.values(value).every(isFinite)
}

/** Exact for well-formed JSON; of anything else it need only notice the depth, JSON.parse refuses it. */
function scan(text: string, maxDepth: number): JsonFault | null {
  let fault: JsonFault | null = null
  const open: (Set<string> | null)[] = [] // the names in each open object; null for an array
  for (let at = 0; at < text.length; at++) {
    const char = text[at]
    if (char === '}' || char === ']') open.pop()
    else if (char === '{' || char === '[') {
      if (open.push(char === '{' ? new Set() : null) > maxDepth) return 'too_deep'
    } else if (char === '"') {
      const start = at++
      while (at < text.length && text[at] !== '"') at += text[at] === '\\' ? 2 : 1
      fault ??= faultOfString(
        text.slice(start, at + 1),
        nextMark(text, at) === ':' ? open.at(-1) : null,
      )
    }
  }
  return fault
}

function faultOfString(token: string, names: Set<string> | null | undefined): JsonFault | null {
  const string = token.includes('\\') ? String(JSON.parse(token)) : token.slice(1, -1)
  if (/[\0\p{Cs}]/u.test(string)) return 'bad_text'
  if (!names) return null
  if (/^(?:__proto__|constructor|prototype)$/.test(string)) return 'forbidden_key'
  return names.size === names.add(string).size ? 'duplicate_key' : null
}

function nextMark(text: string, at: number): string | undefined {
  do at++
  while (text[at] === ' ' || text[at] === '\n' || text[at] === '\r' || text[at] === '\t')
  return text[at]
}
