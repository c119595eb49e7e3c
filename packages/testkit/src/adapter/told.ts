import type { Answer } from './send.ts'

/** What an answer told, without what no two answers share. */
export interface Told {
  status: number
  headers: Readonly<Record<string, string | string[]>>
  /** Parsed JSON, or text. */
  body: unknown
}

/** Of the connection and of the framework's make, not of the answer. */
const TRANSPORT = new Set([
  'connection',
  'content-length',
  'date',
  'etag',
  'keep-alive',
  'transfer-encoding',
  'x-powered-by',
])

/** What is drawn or measured anew each time. */
const VOLATILE: readonly [RegExp, string][] = [
  [/127\.0\.0\.1:\d+/g, '<host>'],
  [/\b(agk|apr|cod|dev|key|ses)_[\w-]{22}/g, '$1_…'],
  [/\bpair_[\w-]{8}(?=(?:_claim)?=)/g, 'pair_…'],
  [/\b\d{3} \d{3}\b/g, '<match>'],
  [/("version":)"[\w-]{12}"/g, '$1"<version>"'],
  [/\b(?=[a-z]*\d)[\da-z]{9}-[\da-z]{9}\b/g, '<cursor>'],
  [/\b((?:apr|ses)_…)\.(?:\d+\.)?[\w-]{22,}/g, '$1.<secret>'],
  [/\d{4}-\d\d-\d\dT[\d:.]+Z/g, '<time>'],
  [/(?<![\w-])[\w-]{10,}\.[\w-]{10,}\.[\w-]{10,}/g, '<token>'],
  [/\b[2-9A-HJKMNP-Z]{3}(?:-[2-9A-HJKMNP-Z]{3}){2}\b/g, '<typed>'],
  // the longest of our words are in small letters
  [/(?<![\w-])(?=[\w-]*[\dA-Z])[\w-]{22,}/g, '<secret>'],
]

function settle(text: string): string {
  return VOLATILE.reduce((settled, [volatile, sign]) => settled.replace(volatile, sign), text)
}

export function toTold({ status, headers, text, body }: Answer): Told {
  const told: Record<string, string | string[]> = {}
  for (const [name, value] of Object.entries(headers).sort(([a], [b]) => (a < b ? -1 : 1)))
    if (!TRANSPORT.has(name)) told[name] = Array.isArray(value) ? value.map(settle) : settle(value)
  return {
    status,
    headers: told,
    body: body === undefined ? settle(text) : JSON.parse(settle(JSON.stringify(body))),
  }
}
