import type { EventType } from '@pair/core'

/** What an event means, the ids that it may name, and the members of its `detail`. */
export interface EventNote {
  what: string
  ids?: readonly string[]
  detail?: readonly string[]
}

const request = ['approvalId', 'codeId']
const asked = ['label', 'clientId']

export const EVENTS: Readonly<Record<EventType, EventNote>> = {
  'code.issued': {
    what: 'A pairing code was issued. `for`: it is a support code for an agent.',
    ids: ['codeId'],
    detail: ['label', 'scopes', 'uses', 'expiresAt', 'for', 'agent'],
  },
  'code.redeemed': {
    what: 'A code was redeemed: a session began. `repeat`: a lost answer was given again.',
    ids: ['codeId', 'deviceId', 'sessionId'],
    detail: ['label', 'kind', 'scopes', 'transport', 'known', 'replacedSessionId', 'repeat'],
  },
  'code.reused': {
    what: 'Somebody else brought a code that was used. `sessionId`: what it had led to.',
    ids: ['codeId', 'sessionId'],
  },
  'code.revoked': { what: 'A code was revoked.', ids: ['codeId'] },
  'code.evicted': { what: 'A code made room: its issuer had too many.', ids: ['codeId'] },
  'code.expired': { what: 'A code ran out unused, or not used up.', ids: ['codeId'] },
  'session.extended': {
    what: 'A session was renewed, and lasts longer.',
    ids: ['sessionId', 'deviceId'],
    detail: ['expiresAt'],
  },
  'session.reused': {
    what: 'A refresh token that was used long ago was brought again: there is a copy of it.',
    ids: ['sessionId', 'deviceId'],
  },
  'session.narrowed': {
    what: 'Scopes were taken from a session. `scopes`: what is left.',
    ids: ['sessionId', 'deviceId'],
    detail: ['scopes'],
  },
  'session.ended': { what: 'A device signed itself out.', ids: ['sessionId', 'deviceId'] },
  'session.revoked': { what: 'A session was ended by somebody.', ids: ['sessionId', 'deviceId'] },
  'sessions.others_revoked': {
    what: 'All sessions were ended but one.',
    ids: ['sessionId'],
  },
  'sessions.all_revoked': { what: 'All sessions were ended.' },
  'device.renamed': { what: 'A device was renamed.', ids: ['deviceId'], detail: ['label'] },
  'device.revoked': {
    what: 'A device was revoked, with all that hung on it.',
    ids: ['deviceId', 'sessionId'],
    detail: ['label'],
  },
  'device.returned': {
    what: 'A device that a person had let in came again by its key.',
    ids: ['deviceId', 'sessionId', 'approvalId'],
    detail: ['label', 'scopes', 'replacedSessionId'],
  },
  'approval.requested': {
    what: 'Somebody asks to be let in.',
    ids: request,
    detail: [...asked, 'kind', 'scopes'],
  },
  'approval.approved': {
    what: 'A request was approved. `digest`: of exactly what was shown.',
    ids: request,
    detail: [...asked, 'digest', 'scopes', 'reason'],
  },
  'approval.rejected': {
    what: 'A request was turned away.',
    ids: request,
    detail: [...asked, 'digest', 'reason'],
  },
  'approval.collected': {
    what: 'An approved request was collected: a session began.',
    ids: [...request, 'deviceId', 'sessionId'],
    detail: [...asked, 'kind', 'transport', 'scopes', 'known', 'replacedSessionId'],
  },
  'approval.withdrawn': { what: 'A request was taken back.', ids: request, detail: asked },
  'approval.displaced': {
    what: 'A request made room in a full queue.',
    ids: request,
    detail: [...asked, 'kind', 'scopes'],
  },
  'approval.expired': {
    what: 'A request ran out. `was`: where it stood.',
    ids: request,
    detail: [...asked, 'was'],
  },
  'approval.forgotten': {
    what: 'A decision was forgotten, so that the next request starts clean.',
    ids: request,
    detail: [...asked, 'state'],
  },
  'admission.changed': {
    what: 'How newcomers may enter was changed. `reevaluated`: sessions of other ways in were ended too.',
    detail: ['from', 'to', 'reevaluated'],
  },
  'owner.claimed': {
    what: 'The first owner claimed this server.',
    ids: ['deviceId', 'sessionId'],
    detail: ['label', 'kind', 'scopes'],
  },
  'keys.rotated': {
    what: 'A fresh generation of signing keys began. `old`: what becomes of what older ones signed.',
    detail: ['keyId', 'old'],
  },
  'agent_key.issued': {
    what: 'The key of an agent was issued.',
    ids: ['agentKeyId'],
    detail: ['agent', 'label', 'scopes', 'expiresAt'],
  },
  'agent_key.bound': {
    what: 'An agent got its first key by a support code.',
    ids: ['agentKeyId', 'codeId'],
    detail: ['agent', 'label', 'scopes'],
  },
  'agent_key.rotated': {
    what: 'A key took the place of another of its agent, which is taken until `endsAt`.',
    ids: ['agentKeyId'],
    detail: ['agent', 'predecessor', 'endsAt'],
  },
  'agent_key.revoked': {
    what: 'The key of an agent was revoked.',
    ids: ['agentKeyId'],
    detail: ['agent'],
  },
  'relay.minted': {
    what: 'A relay was given a code for the key of a client.',
    ids: ['codeId'],
    detail: ['relay', 'thumbprint', 'label', 'scopes', 'requestedAt'],
  },
  'relay.pending': {
    what: 'A relay asked for the key of a client, which now waits for a person.',
    ids: ['approvalId'],
    detail: ['relay', 'thumbprint', 'label', 'scopes', 'requestedAt'],
  },
}
