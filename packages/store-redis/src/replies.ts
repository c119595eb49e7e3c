import type { Entry, Key, Tail } from '@pair/core'
import { fromKeyText } from '@pair/core/store'
import { toPosition } from './positions.ts'

/** A record begins with its version and a blank. */
export function toRecord(key: Key, record: unknown): Entry | null {
  if (typeof record !== 'string') return null
  const blank = record.indexOf(' ')
  return { key, value: record.slice(blank + 1), version: record.slice(0, blank) }
}

/** Keys and records in turn. */
export function toEntries(answer: unknown): Entry[] {
  const texts = toTexts(answer)
  const entries: Entry[] = []
  for (let at = 0; at < texts.length; at += 2)
    entries.push(toRecord(fromKeyText(texts[at]!.slice(1)), texts[at + 1])!)
  return entries
}

/** Birth, latest and oldest, then id, value and keys of each item; nothing where there is no stream. */
export function toTail(answer: unknown): Tail {
  const [birth = '', latest = '', oldest = '', ...texts] = toTexts(answer).map((text) =>
    text.slice(1),
  )
  const at = (id: string): string | null => (id === '' ? null : toPosition(birth, id))
  const items: Tail['items'] = []
  for (let n = 0; n < texts.length; n += 3)
    items.push({
      position: toPosition(birth, texts[n]!),
      value: texts[n + 1]!,
      keys: (JSON.parse(texts[n + 2]!) as string[]).map(fromKeyText),
    })
  // one script at a time: what has a position can be read
  return { items, oldest: at(oldest), latest: at(latest), settled: true }
}

/** A number behind a letter. */
export function toTotal(answer: unknown): number {
  return Number(String(answer).slice(1))
}

function toTexts(answer: unknown): string[] {
  return Array.isArray(answer) ? answer.map(String) : []
}
