/**
 * The one spelling of this JSON value. Members that are `undefined` are left out; nesting is the caller's to bound.
 *
 * @throws TypeError for what is not JSON: lone surrogates, numbers that aren't finite, holes, instances of classes.
 * @see https://www.rfc-editor.org/rfc/rfc8785
 */
export function canonicalJson(value: unknown): string {
  if (value === null || typeof value === 'boolean') return String(value)
  if (typeof value === 'number' && Number.isFinite(value)) return JSON.stringify(value)
  if (typeof value === 'string' && !/\p{Cs}/u.test(value)) return JSON.stringify(value)
  if (Array.isArray(value)) return `[${Array.from(value, (item) => canonicalJson(item)).join(',')}]`
  if (isPlain(value)) {
    // sort() compares UTF-16 code units, as the RFC wants
    const names = Object.keys(value)
      .filter((name) => value[name] !== undefined)
      .sort()
    return `{${names.map((name) => `${canonicalJson(name)}:${canonicalJson(value[name])}`).join(',')}}`
  }
  throw new TypeError('Not a JSON value')
}

function isPlain(value: unknown): value is Record<string, unknown> {
  if (typeof value !== 'object' || value === null) return false
  const parent: unknown = Object.getPrototypeOf(value)
  return parent === null || Object.getPrototypeOf(parent) === null
}
