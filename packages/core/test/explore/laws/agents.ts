import type { Change, End, Law } from '../law.ts'
import {
  changedIn,
  epochOf,
  isWithin,
  modeOf,
  newIn,
  stands,
  textOf,
  type Fact,
  type Facts,
} from '../facts.ts'
import { drawnBy } from '../instance.ts'

type Fields = Fact['fields']

/** Is an agent with this key let in? */
function keyStands(facts: Facts, { id, fields }: Fact, now: number): boolean {
  const issuer = fields.issuer as { sessionId: string } | null
  const ends = [fields.expiresAt, fields.endsAt].filter((end) => typeof end === 'number')
  return (
    !facts.marked('agent-key', id) &&
    fields.epoch === epochOf(facts) &&
    (issuer === null || stands(facts, issuer.sessionId, now)) &&
    ends.every((end) => now < end)
  )
}

/** What the session gives by which a key was issued; `null`: the operator, who has all. */
function heldBy(facts: Facts, issuer: unknown): unknown {
  const { sessionId } = issuer as { sessionId: string }
  const session = facts.record('session', sessionId)?.fields
  return facts.record('grant', textOf(session?.grantId))?.fields.scopes
}

export const agentMintLaw: Law = {
  name: 'a key of an agent is made only by what stands at that instant',
  change({ before, after, now }: Change): string | null {
    for (const { id, fields } of newIn(before, after, 'agent-key')) {
      const fault = faultOf(before, after, { id, fields }, now)
      if (fault) return `${id} was made, but ${fault}`
    }
    return null
  },
}

function faultOf(before: Facts, after: Facts, { id, fields }: Fact, now: number): string | null {
  if (fields.epoch !== epochOf(before)) return 'its epoch was over'
  const issuer = fields.issuer as { sessionId: string } | null
  if (issuer && !stands(before, issuer.sessionId, now)) return 'who issued it stood no more'
  if (issuer && !isWithin(fields.scopes, heldBy(before, issuer)))
    return 'it gives more than its issuer has'
  if (fields.predecessor !== null) return faultOfHeir(before, after, id, fields, now)
  if (fields.codeId === null) return null
  const kin = before.all('agent-key').filter((each) => each.fields.agent === fields.agent)
  if (kin.some((each) => keyStands(before, each, now))) return 'its agent had a key'
  return faultOfSupport(before, textOf(fields.codeId), fields, now)
}

function faultOfHeir(
  before: Facts,
  after: Facts,
  id: string,
  fields: Fields,
  now: number,
): string | null {
  const old = before.record('agent-key', textOf(fields.predecessor))
  if (!old || !keyStands(before, old, now)) return 'what it follows stood no more'
  if (old.fields.state !== 'live') return 'what it follows has another heir'
  if (old.fields.agent !== fields.agent) return 'what it follows is of another agent'
  if (!isWithin(fields.scopes, old.fields.scopes)) return 'it gives more than what it follows'
  const { state, successor } = after.record('agent-key', old.id)?.fields ?? {}
  return state === 'rotated' && successor === id ? null : 'what it follows goes on as before'
}

function faultOfSupport(before: Facts, codeId: string, fields: Fields, now: number): string | null {
  const code = before.record('code', codeId)?.fields
  const support = code?.support as { agent: string | null } | undefined
  if (!code || !support) return 'its code was none for agents'
  const mode = modeOf(before)
  if (mode !== 'code' && mode !== 'code+approval') return `the mode was ${textOf(mode)}`
  if (code.state !== 'open' || Number(code.used) > 0) return 'its code was used'
  if (before.marked('code', codeId)) return 'its code was revoked'
  if (code.epoch !== epochOf(before)) return 'its code was of an epoch that is over'
  if (!(now < Number(code.expiresAt))) return 'its code had run out'
  if (support.agent !== null && support.agent !== fields.agent) return 'its code was for another'
  return isWithin(fields.scopes, code.scopes) ? null : 'it has more scopes than its code gives'
}

/** A key changes by being rotated; that is taken back only together with its heir. */
export const agentStateLaw: Law = {
  name: 'a key has one heir',
  change({ before, after }: Change): string | null {
    for (const { id } of before.all('agent-key'))
      if (!after.record('agent-key', id)) return `${id} was deleted`
    for (const { id, was, is } of changedIn(before, after, 'agent-key')) {
      const isNew = (heir: unknown): boolean =>
        newIn(before, after, 'agent-key').some((each) => each.id === heir)
      const isBack = was.state === 'rotated' && is.state === 'live'
      if (isBack && after.marked('agent-key', textOf(was.successor))) continue
      if (was.state === 'live' && is.state === 'rotated' && isNew(is.successor)) continue
      return `${id} was ${textOf(was.state)} and is ${textOf(is.state)}`
    }
    return null
  },
}

export const agentToldLaw: Law = {
  name: 'who was given a key has it, and who was refused has none',
  end({ facts, now, parts }: End): string | null {
    for (const [at, { name, node }] of parts.entries()) {
      const { outcome } = node
      if (outcome === null) continue
      const own = facts.all('agent-key').filter(({ id }) => drawnBy(id) === at + 1)
      const given = outcome.ok
        ? (outcome.gave as { agentKey?: { id: string } } | null | undefined)?.agentKey?.id
        : undefined
      const other = own.find((key) => key.id !== given && keyStands(facts, key, now))
      if (other) return `${name} was not given ${other.id}, which stands`
      if (given === undefined) continue
      const key = own.find(({ id }) => id === given)
      if (!key) return `${name} was given ${given}, which is not there`
      const isEnded = facts.told.some(({ type }) => /^(session|sessions|device)\./.test(type))
      const isMarked = facts.marked('agent-key', given)
      const isHis = facts.told.some(
        ({ type, agentKeyId, actor }) =>
          type === 'agent_key.revoked' && agentKeyId === given && actor.kind !== 'server',
      )
      if (!keyStands(facts, key, now) && !(isMarked ? isHis : isEnded))
        return `${name} was given ${given}, and nobody ended it`
    }
    return null
  },
}
