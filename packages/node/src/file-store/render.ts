import type { Millis } from '@pair/core'
import type { State } from './state.ts'

/** The name of the format, in every file. */
export const FORMAT = 'pair file store'
/** Its number; a later one may mean anything. */
export const FORMAT_VERSION = 1

/** Above this a value stays a text in the file: indenting it would help nobody. */
const READABLE_LENGTH = 64 * 1024
const READABLE_DEPTH = 16

/** The whole text of a file. What did not change since the last time is not made anew. */
export type Render = (state: State) => string

export function createRender(): Render {
  // rows are replaced, never changed
  const texts = new WeakMap<object, string>()
  const once = <T extends object>(row: T, make: () => unknown): string => {
    const known = texts.get(row)
    if (known !== undefined) return known
    const text = indented(make())
    texts.set(row, text)
    return text
  }
  return ({ birth, appended, records, streams, counters }) => {
    const sections = {
      records: records.rows().map(([key, row]) =>
        once(row, () => ({
          key,
          version: row.version,
          purgeAt: toInstant(row.purgeAt),
          value: toReadable(row.value),
        })),
      ),
      streams: streams.rows().map(([key, { latest, purged }]) => indented({ key, latest, purged })),
      items: streams.rows().flatMap(([stream, { items }]) =>
        items.map((item) =>
          once(item, () => ({
            stream,
            position: item.position,
            keys: item.keys,
            purgeAt: toInstant(item.purgeAt),
            value: toReadable(item.value),
          })),
        ),
      ),
      counters: counters
        .rows()
        .map(([key, row]) =>
          once(row, () => ({ key, total: row.total, purgeAt: toInstant(row.purgeAt) })),
        ),
    }
    const head = {
      format: FORMAT,
      formatVersion: FORMAT_VERSION,
      birth: toInstant(birth),
      appended,
    }
    const lines = [
      ...Object.entries(head).map(([name, value]) => `  "${name}": ${JSON.stringify(value)}`),
      ...Object.entries(sections).map(([name, rows]) => `  "${name}": ${toList(rows)}`),
    ]
    return `{\n${lines.join(',\n')}\n}\n`
  }
}

function toList(rows: readonly string[]): string {
  return rows.length === 0 ? '[]' : `[\n    ${rows.join(',\n    ')}\n  ]`
}

function indented(row: unknown): string {
  return JSON.stringify(row, null, 2).replaceAll('\n', '\n    ')
}

/** JSON inside JSON is written as such, where reading it back gives the same text to the letter. */
function toReadable(value: string): unknown {
  if (!/^[[{]/.test(value) || value.length > READABLE_LENGTH) return value
  try {
    const parsed: unknown = JSON.parse(value)
    return isShallow(parsed, READABLE_DEPTH) && JSON.stringify(parsed) === value ? parsed : value
  } catch {
    return value
  }
}

function isShallow(value: unknown, depth: number): boolean {
  if (typeof value !== 'object' || value === null) return true
  return depth > 0 && Object.values(value).every((inner) => isShallow(inner, depth - 1))
}

/** As people read it, where it is a date at all. */
function toInstant(at: Millis | null): string | number | null {
  return at === null || at > 8.64e15 ? at : new Date(at).toISOString()
}
