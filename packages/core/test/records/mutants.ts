import { recordKinds } from '../../src/record-kinds.ts'

/**
 * What a changed text has to be taken for. `nothing`: it counts as absent and denied. `same`: the change is ignored.
 * `less`: it is a record like any other, and says no more than before. `legal`: one that may say more. `denied`: one
 * that contradicts others, so that no session stands on it.
 */
export type Meaning = 'nothing' | 'same' | 'less' | 'legal' | 'denied'

export interface Mutant {
  name: string
  value: string
  means: Meaning
}

/** Stands in every text that is foreign to this version; no log may hold it. */
export const FOREIGN = 'from-a-newer-version'

type Path = (string | number)[]

/** Where null is a word of this version, and says no more than any other. */
const NULLABLE = [
  'code.label',
  'code.redeemedBy.thumbprint',
  'agent-key.label',
  'agent-key.codeId',
  'agent-key.predecessor',
  'code.reusedAt',
  'device.origin',
  'seal.previous',
  'seal.previousAt',
  'seal.from',
  'session.codeId',
  'session.approvalId',
  'session.renewal.rotatedAt',
  'ticket.origin',
  'approval.thumbprint',
  'approval.origin',
  'approval.address',
  'approval.before.deviceId',
  'approval.cookieHash',
  'approval.reason',
  'approval-queue.places.thumbprint',
  'lockout.lockedAt',
]
/** Where null says "without limit" or "the operator's": nobody but core itself writes it. */
const UNLIMITED = [
  'code.uses',
  'code.boundThumbprint',
  'code.support.agent',
  'code.support.keyMs',
  'agent-key.issuer',
  'agent-key.expiresAt',
  'code.issuer',
  'code.life.slidingMs',
  'code.life.absoluteMs',
  'session.absoluteAt',
  'approval.codeId',
  'ticket.endsAt',
  'key-ring.generations.acceptUntil',
  'approval.life.slidingMs',
  'approval.life.absoluteMs',
]
/** What may be missing, and what that says. */
const OPTIONAL: Readonly<Record<string, Meaning>> = {
  'approval.decidedBy.address': 'less',
  // A request like any other has another digest.
  'approval.deviceGrant': 'less',
  // Nobody was told of; it would be told again.
  'code.reusedAt': 'less',
  // No pairing code is found by what was typed, and no support code is one without it.
  'code.support': 'less',
  // It would be renewed as whoever came in otherwise is; no version writes it and forgets it.
  'session.clientId': 'legal',
  // What was ended alone is not ended without it; no version writes it and forgets it.
  'epoch.entries': 'legal',
}
/** Closed lists of words inside lists, which the table of fields does not hold. */
const LISTED_WORDS = ['epoch.entries.entry']
/** Where null decodes, and contradicts another record. */
const CONTRADICTS = ['device.thumbprint', 'session.thumbprint', 'ticket.thumbprint']
const ID = /^(?:cod|dev|gra|ses|epo|apr|agk)_/

/** The stored text of a record as a newer, an older or a broken version could have written it. */
export function mutantsOf(text: string): Mutant[] {
  const envelope = JSON.parse(text) as { kind: string; record: Record<string, unknown> }
  const { kind, record } = envelope
  const words = new Map(
    recordKinds()
      .find((entry) => entry.kind === kind)!
      .fields.map(({ path, values }) => [path, values]),
  )
  const mutants: Mutant[] = []
  const add = (name: string, changed: unknown, means: Meaning): void => {
    const value = typeof changed === 'string' ? changed : JSON.stringify(changed)
    mutants.push({ name: `${kind} ${name}`, value, means })
  }
  const change = (path: Path, what: string, to: unknown, means: Meaning): void =>
    add(`${path.join('.')} ${what}`, { ...envelope, record: withValue(record, path, to) }, means)

  for (const [path, value] of pathsIn(record)) {
    const field = path.filter((part) => typeof part === 'string').join('.')
    const isFree = field === 'data'
    if (typeof path.at(-1) === 'string')
      change(path, 'missing', undefined, OPTIONAL[`${kind}.${field}`] ?? 'nothing')
    if (value !== null)
      change(path, 'null', null, isFree ? 'less' : meaningOfNull(`${kind}.${field}`))
    // A place that may be empty says by no type what else may stand there: what is foreign to all is tried.
    const others = value === null ? [true, []] : [typeof value === 'string' ? 7 : 'soon', {}, []]
    for (const other of others.filter((one) => typeOf(one) !== typeOf(value)))
      change(path, `as ${JSON.stringify(other)}`, other, isFree ? 'less' : 'nothing')
    if (words.get(field) || LISTED_WORDS.includes(`${kind}.${field}`))
      change(path, 'an unknown word', FOREIGN, 'nothing')
    if (typeof value === 'string' && ID.test(value))
      change(path, 'no part of a key', `${value.slice(0, 4)}${FOREIGN}\n`, 'nothing')
    if (typeof value === 'number' && /(?:At|at|Ms|By|since|until)$/.test(field))
      for (const beyond of [-1, 1e300]) change(path, `${beyond}`, beyond, 'nothing')
    if (typeOf(value) === 'object' && !isFree)
      change([...path, 'extra'], 'beside it', { note: FOREIGN }, 'same')
  }
  change(['extra'], 'beside it', { note: FOREIGN }, 'same')
  add('an envelope with a member more', { ...envelope, extra: FOREIGN }, 'same')
  add('a kind of another name', { ...envelope, kind: FOREIGN }, 'nothing')
  for (const part of ['kind', 'attempt', 'purgeAt', 'record'])
    add(`an envelope without ${part}`, { ...envelope, [part]: undefined }, 'nothing')
  for (const other of [7, FOREIGN, true, []])
    add(`a record that is ${JSON.stringify(other)}`, { ...envelope, record: other }, 'nothing')
  add('a text that breaks off', text.slice(0, -1), 'nothing')
  for (const other of ['', 'null', '[]', '7', `"${FOREIGN}"`])
    add(`the text ${other || 'of nothing'}`, other, 'nothing')
  return mutants
}

function meaningOfNull(field: string): Meaning {
  if (UNLIMITED.includes(field)) return 'legal'
  if (CONTRADICTS.includes(field)) return 'denied'
  return NULLABLE.includes(field) ? 'less' : 'nothing'
}

/** Which places a record has, and of what type or word each is. */
export function shapeOf(text: string): string {
  const { record } = JSON.parse(text) as { record: unknown }
  const isWord = (value: unknown): boolean => typeof value === 'string' && /^[a-z]+$/.test(value)
  return pathsIn(record)
    .map(([path, value]) => `${path.join('.')}:${isWord(value) ? String(value) : typeOf(value)}`)
    .join()
}

/** Every place in a record and what stands there; what the app attached is one place. */
function pathsIn(value: unknown, at: Path = []): [Path, unknown][] {
  if (typeof value !== 'object' || value === null || at.at(-1) === 'data') return []
  const entries = Object.entries(value)
  // of a list one item stands for all
  const some = Array.isArray(value) ? entries.slice(0, 1) : entries
  return some.flatMap(([name, inner]): [Path, unknown][] => {
    const path = [...at, Array.isArray(value) ? Number(name) : name]
    return [[path, inner], ...pathsIn(inner, path)]
  })
}

/** The same with another value at one place. `undefined` takes it away. */
function withValue(record: unknown, path: Path, to: unknown): unknown {
  const copy = structuredClone(record) as Record<string | number, unknown>
  let at = copy
  for (const part of path.slice(0, -1)) at = at[part] as typeof copy
  at[path.at(-1)!] = to
  return copy
}

function typeOf(value: unknown): string {
  if (value === null) return 'null'
  return Array.isArray(value) ? 'list' : typeof value
}
