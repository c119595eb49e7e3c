import { createHash } from 'node:crypto'
import type { Millis } from '@pair/core'

/** The text of a file that a person can read: its head, then lists of rows. */
export function toDocument(
  head: Readonly<Record<string, string | number | null>>,
  lists: Readonly<Record<string, readonly string[]>>,
): string {
  const lines = [
    ...Object.entries(head).map(([name, value]) => `  "${name}": ${JSON.stringify(value)}`),
    ...Object.entries(lists).map(([name, rows]) => `  "${name}": ${toList(rows)}`),
  ]
  return `{\n${lines.join(',\n')}\n}\n`
}

/**
 * What a file says of itself, so that another hand shows that changed it. No proof: whoever may write the file can make one.
 */
export function sumOf(parts: readonly (string | number)[]): string {
  return createHash('sha256').update(parts.join('\n')).digest('base64url').slice(0, 22)
}

/** Lays each row out once: rows are replaced, never changed. */
export function createRowTexts(): <T extends object>(row: T, make: () => unknown) => string {
  const texts = new WeakMap<object, string>()
  return (row, make) => {
    const known = texts.get(row)
    if (known !== undefined) return known
    const text = toRowText(make())
    texts.set(row, text)
    return text
  }
}

export function toRowText(row: unknown): string {
  return JSON.stringify(row, null, 2).replaceAll('\n', '\n    ')
}

/** As people read it, where it is a date at all. */
export function toInstant(at: Millis | null): string | number | null {
  return at === null || at > 8.64e15 ? at : new Date(at).toISOString()
}

function toList(rows: readonly string[]): string {
  return rows.length === 0 ? '[]' : `[\n    ${rows.join(',\n    ')}\n  ]`
}
