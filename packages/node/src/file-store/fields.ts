import type { Millis } from '@pair/core'
import { fromKeyText, toKeyText, toStep } from '@pair/core/store'
import { createSortedTable, type SortedTable } from './sorted-table.ts'

/** A part of a file, by names. */
export type Fields = Record<string, unknown>

/** What is not as we write it, by where it is. */
class Misfit extends Error {}

/** What bytes of a file say: all of it or nothing. */
export type Parsed<S> =
  | { as: 'state'; state: S; isEdited: boolean }
  | { as: 'later'; formatVersion: number }
  | { as: 'damaged'; why: string }

/** Reads a whole file of that format, or nothing: of what is damaged, no part is believed. */
export function parseDocument<S>(
  bytes: Uint8Array,
  format: string,
  version: number,
  toState: (file: Fields) => { state: S; isEdited: boolean },
): Parsed<S> {
  try {
    const file = asObject(toJson(bytes), 'the file')
    if (file['format'] !== format) throw misfit('it does not say that it is ours')
    const formatVersion = asCount(file['formatVersion'], 'formatVersion')
    if (formatVersion > version) return { as: 'later', formatVersion }
    return { as: 'state', ...toState(file) }
  } catch (error) {
    if (error instanceof Misfit) return { as: 'damaged', why: error.message }
    if (error instanceof RangeError) return { as: 'damaged', why: 'it is nested too deep' }
    throw error
  }
}

export function misfit(why: string): Error {
  return new Misfit(why)
}

function toJson(bytes: Uint8Array): unknown {
  let text: string
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch {
    throw misfit('it is not text in UTF-8')
  }
  try {
    return JSON.parse(text)
  } catch (error) {
    // the message itself would quote what stands there
    const at = /line \d+ column \d+/.exec(error instanceof Error ? error.message : '')
    throw misfit(text.trim() === '' ? 'it is empty' : `it is not JSON${at ? ` (${at[0]})` : ''}`)
  }
}

/** The rows of a list, each under a key of its own. */
export function asTable<T>(
  file: Fields,
  name: string,
  toOne: (row: Fields, where: string, id: string) => T,
): SortedTable<T> {
  const rows = new Map<string, T>()
  for (const [at, entry] of asList(file[name], name).entries()) {
    const where = `${name}[${at}]`
    const row = asObject(entry, where)
    const id = asKey(row['key'], `${where}.key`)
    if (rows.has(id)) throw misfit(`${where}.key is there twice`)
    rows.set(id, toOne(row, where, id))
  }
  return createSortedTable(rows)
}

export function asObject(value: unknown, where: string): Fields {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Fields
  throw misfit(`${where} is not an object`)
}

export function asList(value: unknown, where: string): unknown[] {
  if (Array.isArray(value)) return value
  throw misfit(`${where} is not a list`)
}

export function asText(value: unknown, where: string): string {
  if (typeof value === 'string') return value
  throw misfit(`${where} is not a text`)
}

export function asCount(value: unknown, where: string): number {
  if (Number.isSafeInteger(value) && (value as number) >= 0) return value as number
  throw misfit(`${where} is not a whole number`)
}

export function asKey(value: unknown, where: string): string {
  try {
    return toKeyText(fromKeyText(asText(value, where)))
  } catch {
    throw misfit(`${where} is not a key`)
  }
}

/** A text, or JSON that stands for its text. */
export function asValue(value: unknown, where: string): string {
  const text = typeof value === 'object' && value !== null ? JSON.stringify(value) : value
  try {
    toStep({ key: ['any'], value: asText(text, where), purgeAt: null })
  } catch {
    throw misfit(`${where} is not a value`)
  }
  return text as string
}

export function asInstant(value: unknown, where: string): Millis | null {
  const at = typeof value === 'string' ? Date.parse(value) : value
  if (at === null || (Number.isSafeInteger(at) && (at as number) >= 0)) return at as number | null
  throw misfit(`${where} is not an instant`)
}

export function asDate(value: unknown, where: string): Millis {
  const at = asInstant(value, where)
  if (at === null) throw misfit(`${where} is missing`)
  return at
}
