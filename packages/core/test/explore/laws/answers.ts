import type { End, Law } from '../law.ts'
import { textOf, sameJson, stands, type Facts } from '../facts.ts'

/** What a script says that its actor is doing, so that the answer can be held against the store. */
export interface Deed {
  /** The event that tells of it. */
  type: string
  id?: string
  /** Yes is also the answer where it was so before. */
  orBefore?: boolean
}

/** Codes that a caller may be refused with. Anything else is a fault of ours. */
const REFUSALS = [
  'code_invalid code_malformed insufficient_scope not_found store_unavailable',
  'approval_changed approval_decided approval_rejected approval_expired',
  'approval_collected approval_limited approval_pending admission_changed',
  'admission_refused session_revoked session_expired session_invalid',
  'agent_taken agent_key_rotated user_code_required relay_refused',
].flatMap((line) => line.split(' '))

/**
 * Yes means done by this very actor, no means not done; both are in the journal or aren't. Whoever lost an answer and
 * finds that another went on from there may be told how things are now, instead of what he did.
 */
export const answersLaw: Law = {
  name: 'what was answered is what is there',
  end({ facts, parts }: End): string | null {
    const isCrowd = parts.length > 1
    for (const { name, node } of parts) {
      const { outcome, notes } = node
      if (outcome && !outcome.ok && !REFUSALS.includes(outcome.code))
        return `${name} was answered with ${outcome.code}`
      const deed = notes.deed as Deed | undefined
      if (!deed || !outcome) continue
      const count = countOf(facts, deed, notes.who as { address?: string } | undefined)
      const isPlain = !/^(approval|code)/.test(deed.type)
      const isAgain = count === 2 && node.lost && isCrowd && isPlain
      if (outcome.ok && count !== 1 && !isAgain && !(count === 0 && deed.orBefore))
        return `${name} was told yes, and ${deed.type} was told ${count} times`
      // an outage that lasts leaves the outcome open, and 503 says so
      const isOutage = !outcome.ok && outcome.code === 'store_unavailable'
      const verdict = facts.record('approval', textOf(deed.id))?.fields.decidedBy
      const isHis = sameJson(verdict, notes.who) && !isPlain
      const isOpen = node.lost && (isOutage || (isCrowd && !isHis))
      if (!outcome.ok && count !== 0 && !isOpen)
        return `${name} was told no (${outcome.code}), and ${deed.type} was told`
    }
    return null
  },
}

/** How often this was told of this actor. */
function countOf(facts: Facts, { type, id }: Deed, who: { address?: string } | undefined): number {
  return facts.told.filter(
    (event) =>
      event.type === type &&
      (id === undefined || Object.values(event).includes(id)) &&
      (who === undefined || event.actor.address === who.address),
  ).length
}

/** An approval whose outcome could not be told is taken back, where nobody was faster. */
export const refusedLaw: Law = {
  name: 'an approval that was refused is taken back',
  end({ facts, parts }: End): string | null {
    const [part, ...others] = parts
    const deed = part?.node.notes.deed as Deed | undefined
    if (!part || others.length > 0 || deed?.type !== 'approval.approved') return null
    const { state } = facts.record('approval', textOf(deed.id))?.fields ?? {}
    const isRefused = part.node.outcome?.ok === false && state === 'approved'
    return isRefused ? `${part.name} was refused, and ${textOf(deed.id)} is approved` : null
  },
}

/** Of one request one alone is told that he decided it. */
export const oneVerdictLaw: Law = {
  name: 'two are never both told that they decided',
  end({ facts, parts }: End): string | null {
    const deciders = new Map<string, string>()
    for (const { name, node } of parts) {
      const decided = node.notes.decided as string | undefined
      if (!node.outcome?.ok || decided === undefined) continue
      const other = deciders.get(decided)
      if (other) return `${other} and ${name} were both told that they decided ${decided}`
      deciders.set(decided, name)
      const verdicts = facts.told.filter(
        ({ type, approvalId }) =>
          approvalId === decided && (type === 'approval.approved' || type === 'approval.rejected'),
      )
      if (verdicts.length !== 1) return `${decided} has ${verdicts.length} verdicts`
    }
    return null
  },
}

/** No change of its target can make a revoke wait. */
export const starveLaw: Law = {
  name: 'a revoke loses to nobody but another revoke',
  lost({ facts, part }): string | null {
    const what = part.node.notes.revokes as { word: string; id: string } | undefined
    if (!what || facts.fenced(what.word, what.id) || part.node.lost) return null
    return `${part.name} lost the commit that revokes ${what.id}, which nobody else had revoked`
  },
}

/** A credential is fresh at the instant of a commit, at which its session stands. */
export const renewedLaw: Law = {
  name: 'who renews is answered by a commit, at which his session stands',
  answer({ facts, part, byCommit }): string | null {
    const { outcome, notes, lost, lookedAt } = part.node
    if (!notes.renews || !outcome?.ok || lost) return null
    const { id } = (outcome.gave as { session: { id: string } }).session
    if (!byCommit) return `${part.name} got a fresh credential of ${id} without a commit`
    return stands(facts, id, lookedAt)
      ? null
      : `${part.name} got a fresh credential of ${id}, which stood no more`
  },
}

/** A revoke that was acknowledged holds, whatever happens at the same time. */
export const revokeLaw: Law = {
  name: 'a revoke that was answered holds',
  end({ facts, now, parts }: End): string | null {
    for (const { name, node } of parts) {
      const what = node.notes.revokes as { word: string; id: string } | undefined
      if (!what || !node.outcome?.ok) continue
      const holds =
        what.word === 'session' ? !stands(facts, what.id, now) : facts.marked(what.word, what.id)
      if (!holds) return `${name} revoked ${what.id}, and it stands`
    }
    return null
  },
}
