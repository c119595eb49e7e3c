import type { Change, Law } from '../law.ts'
import {
  textOf,
  changedIn,
  epochOf,
  modeOf,
  newIn,
  sameJson,
  type Fact,
  type Facts,
} from '../facts.ts'

/** Every change is told once, and nothing is told that did not happen. */
export const journalLaw: Law = {
  name: 'every change is told once',
  change({ before, after }: Change): string | null {
    const made = changesIn(before, after).sort()
    const rest = [...before.told]
    const told = after.told.filter((event) => {
      const at = rest.indexOf(event)
      if (at >= 0) rest.splice(at, 1)
      return at < 0
    })
    // who is displaced is withdrawn too, by the server
    const said = told
      .map((event) => `${event.type.replace('displaced', 'withdrawn')} ${subjectOf(event)}`)
      .sort()
    if (sameJson(made, said)) return null
    return `there was ${made.join(', ') || 'no change'}, and told was ${said.join(', ') || 'nothing'}`
  },
}

function subjectOf(event: Facts['told'][number]): string {
  const { type, sessionId, approvalId, codeId, deviceId, agentKeyId } = event
  if (type.startsWith('agent_key.')) return textOf(agentKeyId)
  if (type.startsWith('sessions.') || type.startsWith('admission.')) return ''
  if (type.startsWith('approval.') || type === 'relay.pending') return textOf(approvalId)
  if (type === 'device.renamed' || type === 'device.revoked') return textOf(deviceId)
  // a session that a code made is told of as its redemption
  const isEntry = type === 'code.redeemed' || type === 'device.returned'
  return textOf(type.startsWith('session.') || isEntry ? sessionId : codeId)
}

const MARKS: Readonly<Record<string, string | null>> = {
  'session revoked': 'session.revoked',
  'session logout': 'session.ended',
  'session replaced': null,
  'device revoked': 'device.revoked',
  'code revoked': 'code.revoked',
  'code evicted': 'code.evicted',
  'agent-key revoked': 'agent_key.revoked',
}

function changesIn(before: Facts, after: Facts): string[] {
  const changes: string[] = []
  for (const word of ['session', 'device', 'code', 'agent-key'])
    for (const { id, fields } of newIn(before, after, word, 'revoked')) {
      const type = MARKS[`${word} ${textOf(fields.reason)}`]
      if (type !== null) changes.push(`${type ?? 'an unknown mark'} ${id}`)
    }
  for (const { id, fields } of newIn(before, after, 'code')) {
    changes.push(`code.issued ${id}`)
    // who has no code and no session but a relay that speaks for him
    if (fields.boundThumbprint !== null) changes.push(`relay.minted ${id}`)
  }
  for (const { id, fields } of newIn(before, after, 'agent-key'))
    changes.push(keyChange(id, fields))
  for (const { id, fields } of newIn(before, after, 'session'))
    changes.push(...entryOf(before, after, id, fields))
  for (const { id, was, is } of changedIn(before, after, 'session'))
    changes.push(...sessionChange(id, was, is))
  for (const { id, was, is } of changedIn(before, after, 'grant'))
    if (!sameJson(was.scopes, is.scopes)) changes.push(`session.narrowed ${sessionOf(after, id)}`)
  for (const { id, was, is } of changedIn(before, after, 'code'))
    if (was.state !== is.state && is.state === 'expired') changes.push(`code.expired ${id}`)
    else if (is.reusedAt !== undefined && was.reusedAt !== is.reusedAt)
      changes.push(`code.reused ${id}`)
  for (const { id, was, is } of changedIn(before, after, 'device'))
    if (was.label !== is.label && was.sessionId === is.sessionId)
      changes.push(`device.renamed ${id}`)
  for (const { id, fields } of newIn(before, after, 'approval')) {
    changes.push(`approval.${textOf(fields.state) === 'pending' ? 'requested' : 'unknown'} ${id}`)
    if (textOf(fields.origin).startsWith('relay:')) changes.push(`relay.pending ${id}`)
  }
  for (const { id, was, is } of changedIn(before, after, 'approval'))
    changes.push(...approvalChange(id, was, is))
  for (const { id } of before.all('approval'))
    if (!after.record('approval', id)) changes.push(`approval.forgotten ${id}`)
  const [old, now] = [before, after].map((facts) => facts.record('epoch')?.fields.entries ?? [])
  const isTurned = epochOf(before) !== epochOf(after)
  if (isTurned) changes.push(...turn(before, after))
  if (modeOf(before) !== modeOf(after)) changes.push('admission.changed ')
  else if (!isTurned && !sameJson(old, now)) changes.push('admission.changed ')
  return changes
}

/** How an agent came to this key. One that follows another may have come by a code in the beginning. */
function keyChange(id: string, { predecessor, codeId }: Fact['fields']): string {
  if (predecessor !== null) return `agent_key.rotated ${id}`
  return `agent_key.${codeId === null ? 'issued' : 'bound'} ${id}`
}

function sessionChange(id: string, was: Fact['fields'], is: Fact['fields']): string[] {
  const [old, now] = [was, is].map(({ renewal }) => (renewal as { reusedAt?: unknown }).reusedAt)
  return [
    ...(was.expiresAt === is.expiresAt ? [] : [`session.extended ${id}`]),
    ...(typeof now === 'number' && now !== old ? [`session.reused ${id}`] : []),
  ]
}

/** A code's redemption, a known device's return; of a request its collection, which is a change of the request. */
function entryOf(before: Facts, after: Facts, id: string, fields: Fact['fields']): string[] {
  const approval = fields.approvalId ? textOf(fields.approvalId) : null
  if (approval === null) return [`code.redeemed ${id}`]
  const state = (facts: Facts): unknown => facts.record('approval', approval)?.fields.state
  return state(before) === state(after) ? [`device.returned ${id}`] : []
}

function turn(before: Facts, after: Facts): string[] {
  const kept = changedIn(before, after, 'session').length > 0
  return [kept ? 'sessions.others_revoked ' : 'sessions.all_revoked ']
}

function sessionOf(facts: Facts, grantId: string): string {
  return facts.all('session').find(({ fields }) => fields.grantId === grantId)?.id ?? grantId
}

function approvalChange(id: string, was: Fact['fields'], is: Fact['fields']): string[] {
  if (was.state !== is.state) {
    return [`approval.${textOf(is.state)} ${id}`]
  }
  // who asks again gets a new claim; that is no change of what was asked for
  return was.nonce === is.nonce ? [] : [`approval.requested ${id}`]
}
