import type { Millis } from '../../../src/time.ts'
import type { Change, Law } from '../law.ts'
import {
  textOf,
  changedIn,
  epochOf,
  listOf,
  newIn,
  repeatedBy,
  sameFields,
  sameJson,
  stands,
  waits,
  type Fact,
  type Facts,
} from '../facts.ts'

/** A use is used once, by a session or by a rejection, and nobody holds what is not there. */
export const usesLaw: Law = {
  name: 'a use of a code is used once',
  change({ before, after, now }: Change): string | null {
    for (const { id, fields: was } of before.all('code')) {
      const is = after.record('code', id)?.fields
      if (!is) return `${id} was deleted, and its use can't be seen any more`
      const sessions = entriesBy(before, after, id)
      const burned = changedIn(before, after, 'approval').filter(
        (each) =>
          each.is.codeId === id && each.is.state === 'rejected' && each.was.state !== 'rejected',
      )
      const bound = newIn(before, after, 'agent-key').filter(
        ({ fields }) => fields.codeId === id && fields.predecessor === null,
      )
      const spent = Number(is.used) - Number(was.used)
      if (spent !== sessions.length + burned.length + bound.length)
        return `${spent} uses of ${id} went for ${sessions.length} sessions, ${burned.length} rejections and ${bound.length} keys`
      if (was.state !== 'open' && !sameJson(was, is) && !isNoted(before, after, was, is))
        return `${id} was ${textOf(was.state)} and was changed`
    }
    for (const { id, fields } of after.all('code')) {
      const held = listOf(fields.holds).filter((holder) => {
        const approval = after.record('approval', holder)
        return approval !== null && waits(after, approval, now)
      })
      if (new Set(held).size < held.length) return `${id} is held twice by one request`
      if (fields.uses !== null && Number(fields.used) + held.length > Number(fields.uses))
        return `${id} has ${textOf(fields.uses)} uses, ${textOf(fields.used)} used and ${held.length} held`
    }
    return null
  },
}

/** Of a code that was used up is noted that it was brought again, and whom it was answered to anew. */
function isNoted(before: Facts, after: Facts, was: Fact['fields'], is: Fact['fields']): boolean {
  const by = is.redeemedBy as { sessionId: string } | undefined
  const session = after.record('session', textOf(by?.sessionId))?.fields
  const had = (was.redeemedBy as { sessionId: string } | undefined)?.sessionId
  const isMoved = session && repeatedBy(before, after, session)?.sessionId === had
  const isTold = (was.reusedAt ?? null) === null && typeof is.reusedAt === 'number'
  const follows = isMoved ? { ...was, redeemedBy: is.redeemedBy } : was
  return sameFields({ ...follows, ...(isTold ? { reusedAt: is.reusedAt } : {}) }, is)
}

/** Sessions that a code made. Who is answered again uses none, nor does a device that returns with the code of its first time. */
function entriesBy(before: Facts, after: Facts, codeId: string): Fact[] {
  const stateOf = (facts: Facts, id: unknown): unknown =>
    facts.record('approval', textOf(id))?.fields.state
  return newIn(before, after, 'session').filter(
    ({ fields, fields: { codeId: by, approvalId } }) =>
      by === codeId &&
      repeatedBy(before, after, fields) === null &&
      (approvalId === null || stateOf(before, approvalId) !== stateOf(after, approvalId)),
  )
}

/** Nobody makes codes who does not stand, or for more than he has. */
export const issueLaw: Law = {
  name: 'a code is issued only by who stands at that instant',
  change({ before, after, now }: Change): string | null {
    for (const { id, fields } of newIn(before, after, 'code')) {
      if (fields.epoch !== epochOf(before)) return `${id} was issued in an epoch that is over`
      const issuer = fields.issuer as { sessionId: string } | null
      if (!issuer) continue
      if (!stands(before, issuer.sessionId, now)) return `${id} was issued by who stood no more`
      const by = before.record('session', issuer.sessionId)?.fields
      const has = listOf(before.record('grant', textOf(by?.grantId))?.fields.scopes)
      if (listOf(fields.scopes).some((scope) => !has.includes(scope)))
        return `${id} gives more than its issuer has`
    }
    return null
  },
}

interface Issuer {
  sessionId: string
  deviceId: string
}

/** Codes that somebody could redeem. */
function liveCodes(facts: Facts, now: Millis): Fact[] {
  return facts.all('code').filter(({ id, fields }) => {
    const issuer = fields.issuer as Issuer | null
    return (
      fields.state === 'open' &&
      !facts.marked('code', id) &&
      fields.epoch === epochOf(facts) &&
      now < Number(fields.expiresAt) &&
      (!issuer || stands(facts, issuer.sessionId, now))
    )
  })
}

/** What the cap of all codes is counted by leaves none out. */
export const countedLaw: Law = {
  name: 'a live code is counted among all',
  change({ before, after, now }: Change): string | null {
    if (newIn(before, after, 'code').length === 0) return null
    const index = after.record('code-index', 'all', 'codes')?.fields.codes as { id: string }[]
    // what a relay carries is no typed code, and nobody guesses it
    const isRelayed = (id: string): boolean =>
      after.told.some(({ type, codeId }) => type === 'relay.minted' && codeId === id)
    const left = liveCodes(after, now).find(
      ({ id }) => !isRelayed(id) && !index.some((each) => each.id === id),
    )
    return left ? `${left.id} is not counted` : null
  },
}

/** One issuer has twenty codes at most that could be redeemed. */
export const capLaw: Law = {
  name: 'an issuer has at most 20 live codes',
  change({ before, after, now }: Change): string | null {
    if (newIn(before, after, 'code').length === 0) return null
    const live = new Map<string, number>()
    for (const { fields } of liveCodes(after, now)) {
      const who = (fields.issuer as Issuer | null)?.deviceId ?? 'the operator'
      live.set(who, (live.get(who) ?? 0) + 1)
    }
    const over = [...live].find(([, count]) => count > 20)
    return over ? `${over[0]} has ${over[1]}` : null
  },
}
