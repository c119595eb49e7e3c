import type { Millis } from '../../src/time.ts'
import { NAMESPACE, thumbprintOf } from './instance.ts'
import type { Holdings, StoreModel } from './store-model.ts'

/** A record as it lies there; its fields are what the laws know of them, whatever the product makes of it. */
export interface Fact {
  id: string
  fields: Readonly<Record<string, unknown>>
}

export interface Told {
  type: string
  at: Millis
  actor: Readonly<Record<string, unknown>>
  codeId?: string
  sessionId?: string
  deviceId?: string
  approvalId?: string
  agentKeyId?: string
  detail?: Readonly<Record<string, unknown>>
}

/** What a store says at one moment. */
export interface Facts {
  /** Of a word, by id: `record('session', 'ses_…')`; of a word without ids: `record('epoch')`. */
  record(word: string, id?: string, part?: string): Fact | null
  all(word: string, part?: string): Fact[]
  marked(word: string, id: string): boolean
  /** Also where a commit was fenced off, and nothing else is said. */
  fenced(word: string, id: string): boolean
  /** The journal as a bag. */
  told: readonly Told[]
}

/** Reads a moment of the store by itself: no schema and no rule of the product has a say in it. */
export function createFactReader(model: StoreModel): (holdings: Holdings) => Facts {
  const known = new Map<Holdings, Facts>()
  return (holdings) => {
    const old = known.get(holdings)
    if (old) return old
    const facts = readFacts(model, holdings)
    known.set(holdings, facts)
    return facts
  }
}

function readFacts(model: StoreModel, holdings: Holdings): Facts {
  const byPlace = new Map<string, Map<string, Fact>>()
  for (const [key, value] of holdings.values) {
    const [, word = '', id = '', part = 'record'] = key.split(' ')
    const { record } = model.parsed(value) as { record: Record<string, unknown> | null }
    if (record === null) continue
    const place = `${word} ${part}`
    const facts = byPlace.get(place) ?? new Map<string, Fact>()
    byPlace.set(place, facts.set(id, { id, fields: record }))
  }
  const record: Facts['record'] = (word, id = '', part = 'record') =>
    byPlace.get(`${word} ${part}`)?.get(id) ?? null
  return {
    record,
    fenced: (word, id) => holdings.values.has(`${NAMESPACE} ${word} ${id} revoked`),
    all: (word, part = 'record') => [...(byPlace.get(`${word} ${part}`)?.values() ?? [])],
    marked: (word, id) => record(word, id, 'revoked') !== null,
    told: holdings.journal.map((value) => model.parsed(value) as Told),
  }
}

/** By which way a session came in. */
export function wayOf({ entry }: Fact['fields']): string {
  return textOf(entry)
}

/** A field as text, whatever stands there. */
export function textOf(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value ?? null)
}

/** The age that sessions which come in by that way have to be of; without one, that of codes and approvals. */
export function epochOf(facts: Facts, way?: string): unknown {
  const epoch = facts.record('epoch')?.fields
  const own = (epoch?.entries as { entry: string; id: string }[] | undefined) ?? []
  return own.find(({ entry }) => entry === way)?.id ?? epoch?.id ?? 'epo_first'
}

/** Is whoever has this session let in? */
export function stands(facts: Facts, id: unknown, now: Millis): boolean {
  const session = facts.record('session', textOf(id))?.fields
  if (!session || session.epoch !== epochOf(facts, wayOf(session))) return false
  const deviceId = textOf(session.deviceId)
  if (facts.marked('session', textOf(id)) || facts.marked('device', deviceId)) return false
  if (!facts.record('grant', textOf(session.grantId)) || !facts.record('device', deviceId))
    return false
  const ends = [session.expiresAt, session.absoluteAt].filter((end) => end !== null)
  return ends.every((end) => now < Number(end))
}

/** What is on record of who got this session by a code: by his key, else by the one name that there is here. */
export function redemptionOf(
  facts: Facts,
  { codeId, thumbprint }: Fact['fields'],
): { sessionId: string; at: number } | null {
  const name = thumbprint === null ? thumbprintOf('a name') : textOf(thumbprint)
  const found = facts.record('redemption', textOf(codeId), name)?.fields
  return (found as { sessionId: string; at: number } | undefined) ?? null
}

/** What a redeemer had got before, where this new session only answers him again. */
export function repeatedBy(
  before: Facts,
  after: Facts,
  session: Fact['fields'],
): { sessionId: string; at: number } | null {
  const [was, is] = [redemptionOf(before, session), redemptionOf(after, session)]
  return was && is && was.at === is.at && is.sessionId === session.id ? was : null
}

/** Has this request time left to be approved or collected? */
export function hasTime({ fields }: Fact, now: Millis): boolean {
  if (fields.state === 'pending') return now < Number(fields.expiresAt)
  return fields.state === 'approved' && now < Number(fields.collectBy)
}

/** May it still be approved or collected: has it time, is it of this age, does who approved it stand, is its key as it was? */
export function waits(facts: Facts, approval: Fact, now: Millis): boolean {
  const isOfAge = approval.fields.epoch === epochOf(facts)
  const { sessionId } = (approval.fields.decidedBy ?? {}) as { sessionId?: string }
  const isBacked = sessionId === undefined || stands(facts, sessionId, now)
  return hasTime(approval, now) && isOfAge && isBacked && isAsThen(facts, approval)
}

/** Has the key of a request the device that it had when it asked, or none as then? */
export function isAsThen(facts: Facts, { fields }: Fact): boolean {
  const then = fields.before as { deviceId: unknown; live: unknown }
  const pointer = facts.record('key', textOf(fields.thumbprint), 'device')?.fields
  const deviceId = pointer ? textOf(pointer.deviceId) : null
  const isLive =
    deviceId !== null &&
    facts.record('device', deviceId) !== null &&
    !facts.marked('device', deviceId)
  return then.deviceId === deviceId && then.live === isLive
}

/** How newcomers may enter; of a store that never heard of it, by code. */
export function modeOf(facts: Facts): unknown {
  return facts.record('admission')?.fields.mode ?? 'code'
}

/** The facts of one moment that were not there at another. */
export function newIn(before: Facts, after: Facts, word: string, part = 'record'): Fact[] {
  return after.all(word, part).filter(({ id }) => !before.record(word, id, part))
}

/** What stands under these ids at both moments and says something else. */
export function changedIn(
  before: Facts,
  after: Facts,
  word: string,
): { id: string; was: Fact['fields']; is: Fact['fields'] }[] {
  return after.all(word).flatMap(({ id, fields }) => {
    const was = before.record(word, id)?.fields
    // the same object: nobody wrote it
    return was && was !== fields && !sameJson(was, fields) ? [{ id, was, is: fields }] : []
  })
}

export function sameJson(a: unknown, b: unknown): boolean {
  return JSON.stringify(a) === JSON.stringify(b)
}

/** Do these say the same, in whatever order? */
export function sameFields(a: Fact['fields'], b: Fact['fields']): boolean {
  return [...Object.keys(a), ...Object.keys(b)].every((name) => sameJson(a[name], b[name]))
}

export function listOf(value: unknown): string[] {
  return Array.isArray(value) ? value.map(String) : []
}

export function isWithin(inner: unknown, outer: unknown): boolean {
  return listOf(inner).every((each) => listOf(outer).includes(each))
}
