import {
  asCount,
  asDate,
  asInstant,
  asKey,
  asList,
  asObject,
  asTable,
  asText,
  asValue,
  misfit,
  parseDocument,
  type Fields,
  type Parsed,
} from './fields.ts'
import { isUntouched } from './record-version.ts'
import { FORMAT, FORMAT_VERSION } from './render.ts'
import { createSortedTable } from './sorted-table.ts'
import {
  BIRTH_BOUND,
  changedKeys,
  sumOfState,
  toPosition,
  type Item,
  type Row,
  type State,
  type Stream,
} from './state.ts'

/**
 * Reads the whole file or nothing. Rows that are `known` already are answered as they are. `isEdited`: another hand than ours put
 * it there; what must not come back then has no version yet.
 */
export function parseFile(bytes: Uint8Array, known: State | null): Parsed<State> {
  return parseDocument(bytes, FORMAT, FORMAT_VERSION, (file) => {
    const state = toState(file, known)
    if (known !== null && state.revision <= known.revision) return judgeOld(state, known)
    return { state, isEdited: file['sum'] !== sumOfState(state) }
  })
}

/**
 * Each of our writings raises the revision. One that is no higher than known was put there by another hand, and what was
 * undone must not come back under the versions and places that it had.
 */
function judgeOld(state: State, known: State): { state: State; isEdited: boolean } {
  if (isSameState(known, state)) return { state, isEdited: false }
  const { records } = state
  for (const [id, row] of records.rows())
    if (state.revision < known.revision || row !== known.records.get(id))
      records.put(id, { ...row, version: '' })
  const birth = Math.max(state.birth, known.birth)
  return { state: { ...state, birth, revision: known.revision }, isEdited: true }
}

function toState(file: Fields, known: State | null): State {
  const records = asTable(file, 'records', (row, where, id) =>
    toRow(row, where, id, known?.records.get(id)),
  )
  const heads = asTable(file, 'streams', (row, where) => ({
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
      throw misfit(`${where}.position is out of order`)
    before.push(item)
    items.set(stream, before)
  }
  const streams = heads
    .rows()
    .map(([id, head]): [string, Stream] => [id, { ...head, items: items.get(id) ?? [] }])
  const birth = asDate(file['birth'], 'birth')
  // places are in the order of their texts only below it
  if (birth >= BIRTH_BOUND) throw misfit('birth is not an instant')
  const appended = asCount(file['appended'], 'appended')
  // or places that were given out would be given out again
  if (streams.some(([, { latest }]) => latest > toPosition({ birth, appended })))
    throw misfit('appended is below what was appended')
  const revision = asCount(file['revision'], 'revision')
  return { birth, appended, revision, records, streams: createSortedTable(streams) }
}

function toRow(row: Fields, where: string, id: string, known: Row | undefined): Row {
  const value = asValue(row['value'], `${where}.value`)
  const purgeAt = asInstant(row['purgeAt'], `${where}.purgeAt`)
  // whoever adds a row by hand gives it none
  const version = row['version'] === undefined ? '' : asText(row['version'], `${where}.version`)
  const isMark = row['mark'] === true
  const found = { value, purgeAt, version, isMark }
  if (known && isSameRow(known, found)) return known
  return isUntouched(id, found) ? found : { ...found, version: '' }
}

function toItem(row: Fields, where: string): Item {
  return {
    position: asText(row['position'], `${where}.position`),
    value: asValue(row['value'], `${where}.value`),
    keys: asList(row['keys'], `${where}.keys`).map((key) => asKey(key, `${where}.keys`)),
    purgeAt: asInstant(row['purgeAt'], `${where}.purgeAt`),
  }
}

function isSameState(a: State, b: State): boolean {
  return (
    a.revision === b.revision &&
    toPosition(a) === toPosition(b) &&
    changedKeys(a, b).size === 0 &&
    a.streams.rows().every(([id, stream]) => isSameStream(stream, b.streams.get(id)))
  )
}

/** Items that are known are the same objects. */
function isSameStream(a: Stream, b: Stream | undefined): boolean {
  return (
    a.purged === b?.purged &&
    a.items.length === b.items.length &&
    a.items.every((item, at) => item === b.items[at])
  )
}

function isSameRow(a: Row, b: Row): boolean {
  return (
    a.version === b.version &&
    a.value === b.value &&
    a.purgeAt === b.purgeAt &&
    a.isMark === b.isMark
  )
}

function isSameItem(a: Item, b: Item): boolean {
  return a.value === b.value && a.purgeAt === b.purgeAt && a.keys.join('\n') === b.keys.join('\n')
}
