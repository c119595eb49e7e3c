import { DAY } from '../../../src/time.ts'
import type { Change, Law, Part } from '../law.ts'
import {
  textOf,
  changedIn,
  hasTime,
  isAsThen,
  isWithin,
  modeOf,
  newIn,
  sameJson,
  stands,
  waits,
  type Fact,
} from '../facts.ts'
import { drawnBy } from '../instance.ts'

type Fields = Fact['fields']

/** What may become of a request. Nothing is decided twice, and nothing comes back. */
const NEXT: Readonly<Record<string, readonly string[]>> = {
  pending: ['pending', 'approved', 'rejected', 'expired', 'withdrawn'],
  approved: ['approved', 'collected', 'expired', 'withdrawn'],
  collected: [],
  rejected: [],
  expired: [],
  withdrawn: [],
}

/** What a verdict is about. */
const SEALED = [
  'label kind thumbprint origin address transport subject scopes data',
  'life codeId nonce matchCode deviceGrant',
].flatMap((line) => line.split(' '))

export const verdictLaw: Law = {
  name: 'a request is decided once, and what is over stays over',
  change({ before, after, now, by, parts }: Change): string | null {
    for (const { id, fields } of newIn(before, after, 'approval'))
      if (fields.state !== 'pending') return `${id} began as ${textOf(fields.state)}`
    const mode = modeOf(before)
    for (const { id, was, is } of changedIn(before, after, 'approval')) {
      const way = is.codeId === null ? 'approval' : 'code+approval'
      if (was.state === 'pending' && is.state === 'approved' && mode !== way)
        return `${id} was approved while the mode was ${textOf(mode)}`
      const [old, next] = [textOf(was.state), textOf(is.state)]
      if (!NEXT[old]?.includes(next)) return `${id} was ${old} and became ${next}`
      const isEnd = next === 'expired' || next === 'withdrawn'
      if (old !== next && !isEnd && !waits(before, { id, fields: was }, now))
        return `${id} was over and became ${next}`
      if (next === 'expired' && hasTime({ id, fields: was }, now) && !isTakenBack(parts[by]!, was))
        return `${id} was to run out later and became expired`
      if (old === 'approved' && next === 'approved' && !sameJson(was.granted, is.granted))
        return `${id} was approved for something else`
      const isOther = SEALED.some((field) => !sameJson(was[field], is[field]))
      if (old !== 'pending' && isOther) return `${id} was ${old} and is another request now`
    }
    for (const { id, fields } of before.all('approval')) {
      const isDecided = ['approved', 'rejected', 'collected'].includes(textOf(fields.state))
      if (!after.record('approval', id) && !isDecided)
        return `${id} was ${textOf(fields.state)} and was forgotten`
    }
    return null
  },
}

/** Whoever could not be told that he approved takes it back. */
function isTakenBack({ node }: Part, was: Fields): boolean {
  const { who, deed } = node.notes as { who?: Fields; deed?: { type: string } }
  const by = was.decidedBy as Fields | undefined
  const isHis = deed?.type === 'approval.approved' && by?.address === who?.address
  return was.state === 'approved' && isHis && node.outcome?.ok === false
}

const TERMS = [
  'id label kind thumbprint origin address transport subject scopes',
  'data life codeId nonce matchCode network before epoch claimHash',
  'cookieHash requestedAt changes expiresAt state',
].flatMap((line) => line.split(' '))
/** Of requests of the device grant alone. */
const SOMETIMES = ['deviceGrant']
const DECISION = ['decisionId', 'decidedAt', 'decidedBy', 'reason']
const STAMPS: Readonly<Record<string, readonly string[]>> = {
  pending: [],
  approved: [...DECISION, 'granted', 'collectBy'],
  collected: [...DECISION, 'granted', 'collectedAt', 'deviceId', 'sessionId'],
  rejected: DECISION,
  expired: ['expiredAt'],
  withdrawn: ['withdrawnAt', 'withdrawnBy'],
}

export const stampsLaw: Law = {
  name: 'a record has the stamps of one state',
  change({ before, after }: Change): string | null {
    for (const { id, fields } of after.all('approval')) {
      if (before.record('approval', id)?.fields === fields) continue
      const allowed = [...TERMS, ...(STAMPS[textOf(fields.state)] ?? [])]
      const extra = Object.keys(fields).find((name) => ![...allowed, ...SOMETIMES].includes(name))
      if (extra) return `${id} is ${textOf(fields.state)} and has ${extra}`
      const missing = allowed.find((name) => !(name in fields))
      if (missing) return `${id} is ${textOf(fields.state)} and has no ${missing}`
    }
    return null
  },
}

/** What a list shows of a request and the record says too. */
const SHOWN = [
  'label kind thumbprint origin address transport subject scopes data',
  'life codeId matchCode requestedAt',
].flatMap((line) => line.split(' '))

/** Whoever decides wrote down what was on his screen. */
export const renderedLaw: Law = {
  name: 'what is decided is what was shown',
  change({ before, after, now, by, parts }: Change): string | null {
    for (const { id, was, is } of changedIn(before, after, 'approval')) {
      if (was.state !== 'pending' || (is.state !== 'approved' && is.state !== 'rejected')) continue
      const { name, node } = parts[by]!
      const shown = (node.notes.shown as Record<string, Fields> | undefined)?.[id]
      if (!shown) return `${id} was ${is.state} by ${name}, who never saw it`
      const other = SHOWN.find((field) => !sameJson(shown[field], was[field]))
      if (other) return `${id} was ${is.state} by ${name}, who had seen another ${other}`
      const { sessionId: decider, address } = is.decidedBy as Readonly<Record<string, unknown>>
      const self = node.notes.who as Readonly<Record<string, unknown>>
      if (decider !== self.sessionId || address !== self.address)
        return `${id} was ${is.state} by ${name}, and names somebody else`
      if (typeof decider !== 'string') continue
      if (!stands(before, decider, now))
        return `${id} was ${is.state} by ${name}, who stood no more`
      const { granted } = is
      if (granted && !isWithin(granted, was.scopes)) return `${id} was approved for more than asked`
      const grantId = textOf(before.record('session', decider)?.fields.grantId)
      const has = before.record('grant', grantId)?.fields.scopes
      if (granted && !isWithin(granted, has)) return `${name} gave more than he has`
    }
    return null
  },
}

/** A session is collected by whoever had asked, with the claim that was handed out last. */
export const collectorLaw: Law = {
  name: 'a request is collected by the key that asked',
  change({ before, after, by, parts }: Change): string | null {
    for (const { id, was, is } of changedIn(before, after, 'approval')) {
      if (was.state === is.state || is.state !== 'collected') continue
      const session = after.record('session', textOf(is.sessionId))
      if (!session || before.record('session', session.id))
        return `${id} was collected and let nobody in`
      if (session.fields.approvalId !== id || session.fields.deviceId !== is.deviceId)
        return `${id} was collected for another session`
      const { node, name } = parts[by]!
      const key = node.notes.key as string | undefined
      if (key !== undefined && key !== was.thumbprint) return `${id} was collected by ${name}`
      if (node.notes.claimHash !== undefined && node.notes.claimHash !== was.claimHash)
        return `${id} was collected by ${name} with a claim of before`
      if (drawnBy(session.id) !== by + 1) return `${id} was collected with a session of another`
    }
    return null
  },
}

const NETWORK_CAP = 2
const QUEUE_CAP = 32
const STRANGERS_CAP = 16

/** Whoever was turned away can't ask again, unless it is forgotten or his key is another's now. */
export const stickyLaw: Law = {
  name: 'a rejection holds until it is forgotten',
  change({ before, after, now }: Change): string | null {
    for (const { id, fields } of newIn(before, after, 'approval')) {
      const again = before
        .all('approval')
        .find(
          (each) =>
            each.fields.state === 'rejected' &&
            each.fields.thumbprint !== null &&
            each.fields.thumbprint === fields.thumbprint &&
            now < Number(each.fields.decidedAt) + 30 * DAY &&
            isAsThen(before, each),
        )
      if (again) return `${id} was asked, and ${again.id} of the same key was rejected`
    }
    return null
  },
}

/** Counted on the requests themselves, not on the index of them. */
export const queueLaw: Law = {
  name: 'so many requests wait and no more',
  change({ before, after, now }: Change): string | null {
    const pending = after
      .all('approval')
      .filter((each) => each.fields.state === 'pending' && waits(after, each, now))
    const strangers = pending.filter(({ fields }) => fields.codeId === null)
    if (pending.length > QUEUE_CAP) return `${pending.length} wait`
    if (strangers.length > STRANGERS_CAP) return `${strangers.length} without a code wait`
    const keys = pending.flatMap(({ fields }) => (fields.thumbprint ? [fields.thumbprint] : []))
    if (new Set(keys).size < keys.length) return 'two requests of one key wait'
    for (const kind of [strangers, pending.filter(({ fields }) => fields.codeId !== null)]) {
      const counts = new Map<unknown, number>()
      for (const { fields } of kind)
        counts.set(fields.network, (counts.get(fields.network) ?? 0) + 1)
      const over = [...counts].find(([, count]) => count > NETWORK_CAP)
      if (over) return `${over[1]} of the network ${textOf(over[0])} wait`
    }
    const places = (after.record('approval-queue')?.fields.places ?? []) as { id: string }[]
    const lost = pending.find(({ id }) => !places.some((place) => place.id === id))
    if (lost && before.record('approval', lost.id)?.fields !== lost.fields)
      return `${lost.id} waits without a place`
    return null
  },
}
