/** What no UTF-8 text has. */
export const LONE_SURROGATE: RegExp = /\p{Surrogate}/u

/**
 * The one text that stands for a plain JSON value, whatever the order of its members. Members that are `undefined` are
 * left out.
 *
 * @throws TypeError for what JSON has no form of: NaN, infinities, lone surrogates, functions, class instances
 * @see https://www.rfc-editor.org/rfc/rfc8785
 */
export function canonicalJson(value: unknown): string {
  // RFC 8785 §3.2.2: numbers and strings are written as ECMAScript writes them
  if (value === null || typeof value === 'boolean' || Number.isFinite(value))
    return JSON.stringify(value)
  if (typeof value === 'string' && !LONE_SURROGATE.test(value)) return JSON.stringify(value)
  if (Array.isArray(value)) return `[${Array.from(value, canonicalJson).join(',')}]`
  if (isPlainObject(value)) {
    // RFC 8785 §3.2.3: sorted by UTF-16 code units, which is how JavaScript compares strings
    const names = Object.keys(value).sort()
    const members = names.filter((name) => value[name] !== undefined)
    return `{${members.map((name) => `${canonicalJson(name)}:${canonicalJson(value[name])}`).join(',')}}`
  }
  throw new TypeError('This value has no JSON form.')
}

function isPlainObject(value: unknown): value is Record<string, unknown> {
  if (typeof value !== 'object') return false
  const prototype: unknown = Object.getPrototypeOf(value)
  return prototype === null || prototype === Object.prototype
}
