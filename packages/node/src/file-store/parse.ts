import type { Millis } from '@pair/core'
import { fromKeyText, toKeyText, toStep } from '@pair/core/store'
import { isUntouched } from './record-version.ts'
import { FORMAT, FORMAT_VERSION } from './render.ts'
import { createSortedTable } from './sorted-table.ts'
import { toPosition, type Counter, type Item, type Row, type State, type Stream } from './state.ts'

/** What bytes of a file say. `isEdited`: a person changed rows; those have the version '' until they get one. */
export type Parsed =
  | { as: 'state'; state: State; isEdited: boolean }
  | { as: 'later'; formatVersion: number }
  | { as: 'damaged'; why: string }

/** What is not as we write it, by where it is. */
class Misfit extends Error {}

/**
 * Reads the whole file or nothing: of what is damaged, no part is believed. Rows that are `known` already are answered as
 * they are.
 */
export function parseFile(bytes: Uint8Array, known: State | null): Parsed {
  try {
    const file = asObject(toJson(bytes), 'the file')
    if (file['format'] !== FORMAT) throw new Misfit('it does not say that it is ours')
    const formatVersion = asCount(file['formatVersion'], 'formatVersion')
    if (formatVersion > FORMAT_VERSION) return { as: 'later', formatVersion }
    const state = toState(file, known)
    return { as: 'state', state, isEdited: state.records.rows().some(([, row]) => !row.version) }
  } catch (error) {
    if (error instanceof Misfit) return { as: 'damaged', why: error.message }
    if (error instanceof RangeError) return { as: 'damaged', why: 'it is nested too deep' }
    throw error
  }
}

function toJson(bytes: Uint8Array): unknown {
  let text: string
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch {
    throw new Misfit('it is not text in UTF-8')
  }
  try {
    return JSON.parse(text)
  } catch (error) {
    // the message itself would quote what stands there
    const at = /line \d+ column \d+/.exec(error instanceof Error ? error.message : '')
    throw new Misfit(
      text.trim() === '' ? 'it is empty' : `it is not JSON${at ? ` (${at[0]})` : ''}`,
    )
  }
}

function toState(file: Record<string, unknown>, known: State | null): State {
  const records = toTable(file, 'records', (row, where, id) =>
    toRow(row, where, id, known?.records.get(id)),
  )
  const counters = toTable(file, 'counters', toCounter)
  const heads = toTable(file, 'streams', (row, where) => ({
    latest: asText(row['latest'], `${where}.latest`),
    purged: asText(row['purged'], `${where}.purged`),
  }))
  const items = new Map<string, Item[]>()
  const knownItems = new Map(
    known?.streams
      .rows()
      .flatMap(([id, stream]) => stream.items.map((item) => [`${id}\n${item.position}`, item])),
  )
  for (const [at, entry] of asList(file['items'], 'items').entries()) {
    const where = `items[${at}]`
    const row = asObject(entry, where)
    const stream = asKey(row['stream'], `${where}.stream`)
    const found = toItem(row, where)
    const other = knownItems.get(`${stream}\n${found.position}`)
    const item = other && isSameItem(found, other) ? other : found
    const before = items.get(stream) ?? []
    const { latest } = heads.get(stream) ?? { latest: '' }
    if (item.position > latest || !(item.position > (before.at(-1)?.position ?? '')))
      throw new Misfit(`${where}.position is out of order`)
    before.push(item)
    items.set(stream, before)
  }
  const streams = heads
    .rows()
    .map(([id, head]): [string, Stream] => [id, { ...head, items: items.get(id) ?? [] }])
  const birth = asInstant(file['birth'], 'birth')
  if (birth === null) throw new Misfit('birth is missing')
  const appended = asCount(file['appended'], 'appended')
  // or places that were given out would be given out again
  if (streams.some(([, { latest }]) => latest > toPosition({ birth, appended })))
    throw new Misfit('appended is below what was appended')
  return { birth, appended, records, counters, streams: createSortedTable(streams) }
}

function toRow(
  row: Record<string, unknown>,
  where: string,
  id: string,
  known: Row | undefined,
): Row {
  const value = asValue(row['value'], `${where}.value`)
  const purgeAt = asInstant(row['purgeAt'], `${where}.purgeAt`)
  // whoever adds a row by hand gives it none
  const version = row['version'] === undefined ? '' : asText(row['version'], `${where}.version`)
  const found = { value, purgeAt, version }
  if (known?.version === version && known.value === value && known.purgeAt === purgeAt) return known
  return isUntouched(id, found) ? found : { ...found, version: '' }
}

function toCounter(row: Record<string, unknown>, where: string): Counter {
  const purgeAt = asInstant(row['purgeAt'], `${where}.purgeAt`)
  if (purgeAt === null) throw new Misfit(`${where}.purgeAt is missing`)
  return { total: asCount(row['total'], `${where}.total`), purgeAt }
}

function toItem(row: Record<string, unknown>, where: string): Item {
  return {
    position: asText(row['position'], `${where}.position`),
    value: asValue(row['value'], `${where}.value`),
    keys: asList(row['keys'], `${where}.keys`).map((key) => asKey(key, `${where}.keys`)),
    purgeAt: asInstant(row['purgeAt'], `${where}.purgeAt`),
  }
}

function toTable<T>(
  file: Record<string, unknown>,
  name: string,
  toOne: (row: Record<string, unknown>, where: string, id: string) => T,
): ReturnType<typeof createSortedTable<T>> {
  const rows = new Map<string, T>()
  for (const [at, entry] of asList(file[name], name).entries()) {
    const where = `${name}[${at}]`
    const row = asObject(entry, where)
    const id = asKey(row['key'], `${where}.key`)
    if (rows.has(id)) throw new Misfit(`${where}.key is there twice`)
    rows.set(id, toOne(row, where, id))
  }
  return createSortedTable(rows)
}

function asObject(value: unknown, where: string): Record<string, unknown> {
  if (typeof value === 'object' && value !== null && !Array.isArray(value))
    return value as Record<string, unknown>
  throw new Misfit(`${where} is not an object`)
}

function asList(value: unknown, where: string): unknown[] {
  if (Array.isArray(value)) return value
  throw new Misfit(`${where} is not a list`)
}

function asText(value: unknown, where: string): string {
  if (typeof value === 'string') return value
  throw new Misfit(`${where} is not a text`)
}

function asCount(value: unknown, where: string): number {
  if (Number.isSafeInteger(value) && (value as number) >= 0) return value as number
  throw new Misfit(`${where} is not a whole number`)
}

function asKey(value: unknown, where: string): string {
  try {
    return toKeyText(fromKeyText(asText(value, where)))
  } catch {
    throw new Misfit(`${where} is not a key`)
  }
}

/** A text, or JSON that stands for its text. */
function asValue(value: unknown, where: string): string {
  const text = typeof value === 'object' && value !== null ? JSON.stringify(value) : value
  try {
    toStep({ key: ['any'], value: asText(text, where), purgeAt: null })
  } catch {
    throw new Misfit(`${where} is not a value`)
  }
  return text as string
}

function asInstant(value: unknown, where: string): Millis | null {
  const at = typeof value === 'string' ? Date.parse(value) : value
  if (at === null || (Number.isSafeInteger(at) && (at as number) >= 0)) return at as number | null
  throw new Misfit(`${where} is not an instant`)
}

function isSameItem(a: Item, b: Item): boolean {
  return a.value === b.value && a.purgeAt === b.purgeAt && a.keys.join('\n') === b.keys.join('\n')
}
