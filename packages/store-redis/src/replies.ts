import type { Entry, Key, Tail } from '@pair/core'
import { fromKeyText } from '@pair/core/store'
import { notUnderstood } from './outcome.ts'
import { toPosition } from './positions.ts'

/** A record begins with its version and a blank. */
export function toRecord(key: Key, record: unknown): Entry | null {
  if (record === null) return null
  if (typeof record !== 'string' || !record.includes(' ')) throw notUnderstood()
  return toEntry(key, record)
}

/** Where the list goes on, or nothing, and what there is of it: keys and records in turn. */
export function toPage(answer: unknown): { from: string; entries: Entry[] } {
  const [from, ...texts] = toTexts(answer, 'c')
  if (from === undefined || texts.length % 2 > 0) throw notUnderstood()
  const entries: Entry[] = []
  for (let at = 0; at < texts.length; at += 2) {
    if (!texts[at]!.startsWith('k')) throw notUnderstood()
    // what somebody else put there is for core to judge: it does not break the list
    entries.push(toEntry(fromKeyText(texts[at]!.slice(1)), texts[at + 1]!))
  }
  return { from: from.slice(1), entries }
}

/** Birth, latest and oldest, then id, value and keys of each item; nothing where there is no stream. */
export function toTail(answer: unknown): Tail {
  const texts = toTexts(answer, 'b')
  if (texts.length % 3 > 0) throw notUnderstood()
  const [birth = '', latest = '', oldest = '', ...rest] = texts.map((text) => text.slice(1))
  const at = (id: string): string | null => (id === '' ? null : toPosition(birth, id))
  const items: Tail['items'] = []
  for (let n = 0; n < rest.length; n += 3)
    items.push({
      position: toPosition(birth, rest[n]!),
      value: rest[n + 1]!,
      keys: (JSON.parse(rest[n + 2]!) as string[]).map(fromKeyText),
    })
  // one script at a time: what has a position can be read
  return { items, oldest: at(oldest), latest: at(latest), settled: true }
}

/** A whole number. */
export function toCount(answer: unknown): number {
  if (!/^\d{1,16}$/.test(String(answer))) throw notUnderstood()
  return Number(answer)
}

/** Seconds and microseconds, in milliseconds. */
export function toTime(answer: unknown): number {
  if (!Array.isArray(answer)) throw notUnderstood()
  return toCount(answer[0]) * 1_000 + Math.floor(toCount(answer[1]) / 1_000)
}

/** A number behind a letter. */
export function toTotal(answer: unknown): number {
  if (typeof answer !== 'string' || !/^n\d{1,16}$/.test(answer)) throw notUnderstood()
  return Number(answer.slice(1))
}

/** @throws PairError where that is not said: it may still be done. */
export function isHeld(answer: unknown): boolean {
  if (answer === 1 || answer === '1') return true
  if (answer === 0 || answer === '0') return false
  throw notUnderstood()
}

function toEntry(key: Key, record: string): Entry {
  const blank = record.indexOf(' ')
  return { key, value: record.slice(blank + 1), version: record.slice(0, Math.max(blank, 0)) }
}

/** A list of texts whose first begins so, or an empty one. */
function toTexts(answer: unknown, first: string): string[] {
  if (!Array.isArray(answer) || !answer.every((text) => typeof text === 'string'))
    throw notUnderstood()
  if (answer.length > 0 && !(answer[0] as string).startsWith(first)) throw notUnderstood()
  return answer
}
