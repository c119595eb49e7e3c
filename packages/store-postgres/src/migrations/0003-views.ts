import type { Names } from './names.ts'
import { flag, instant, json, number, part, revoked, text, view } from './view-sql.ts'

const kinds: readonly (readonly [name: string, kind: string, columns: readonly string[]])[] = [
  [
    'codes',
    'code',
    [
      ...['id', 'label', 'state', 'subject'].map(text),
      ...['scopes', 'data'].map(json),
      ...['uses', 'used'].map(number),
      json('holds'),
      ...['boundThumbprint', 'issuer.sessionId', 'issuer.deviceId', 'epoch'].map(text),
      ...['life.slidingMs', 'life.absoluteMs'].map(number),
      text('support.agent'),
      number('support.keyMs'),
      ...['createdAt', 'expiresAt', 'redeemedAt'].map(instant),
      ...['redeemedBy.sessionId', 'redeemedBy.thumbprint'].map(text),
      ...['reusedAt', 'rejectedAt'].map(instant),
      text('approvalId'),
      instant('boundAt'),
      text('agentKeyId'),
      ...revoked,
    ],
  ],
  [
    'devices',
    'device',
    [
      ...['id', 'label', 'kind', 'thumbprint', 'origin', 'sessionId', 'grantId'].map(text),
      instant('createdAt'),
      ...revoked,
    ],
  ],
  [
    'grants',
    'grant',
    [
      ...['id', 'subject', 'deviceId'].map(text),
      ...['scopes', 'data'].map(json),
      instant('createdAt'),
    ],
  ],
  [
    'sessions',
    'session',
    [
      ...['id', 'epoch', 'deviceId', 'grantId', 'codeId', 'approvalId', 'clientId'].map(text),
      ...['entry', 'transport', 'thumbprint'].map(text),
      ...['createdAt', 'expiresAt', 'absoluteAt'].map(instant),
      number('slidingMs'),
      text('renewal.by'),
      number('renewal.generation'),
      ...['renewal.rotatedAt', 'renewal.reusedAt'].map(instant),
      ...revoked,
    ],
  ],
  ['presences', 'presence', [part(3, 'session_id'), instant('lastSeenAt')]],
  [
    'revocations',
    'revocation',
    [part(2, 'target'), part(3, 'target_id'), instant('at'), text('reason')],
  ],
  ['epochs', 'epoch', [text('id'), instant('since'), json('entries')]],
  [
    'tickets',
    'ticket',
    [
      ...['sessionId', 'for', 'origin', 'thumbprint', 'state'].map(text),
      ...['resource.name', 'resource.mode'].map(text),
      ...['expiresAt', 'endsAt'].map(instant),
    ],
  ],
  ['keys', 'key', [part(3, 'thumbprint'), text('deviceId')]],
  ['code_lookups', 'code-lookup', [text('codeId')]],
  ['code_indexes', 'code-index', [part(3, 'issuer'), json('codes')]],
  ['redemptions', 'redemption', [part(3, 'code_id'), text('sessionId'), instant('at')]],
  ['proofs', 'proof', [part(3, 'thumbprint'), instant('at')]],
  ['key_rings', 'key-ring', [json('generations')]],
  ['admissions', 'admission', ['mode', 'version'].map(text)],
  [
    'approvals',
    'approval',
    [
      ...['id', 'state', 'label', 'kind', 'thumbprint', 'origin', 'address', 'network'].map(text),
      ...['transport', 'subject'].map(text),
      ...['scopes', 'data'].map(json),
      ...['life.slidingMs', 'life.absoluteMs'].map(number),
      ...['codeId', 'deviceGrant.clientId', 'deviceGrant.entry', 'nonce', 'matchCode'].map(text),
      text('before.deviceId'),
      flag('before.live'),
      text('epoch'),
      instant('requestedAt'),
      number('changes'),
      ...['expiresAt', 'decidedAt'].map(instant),
      ...['decidedBy.kind', 'decidedBy.sessionId', 'decidedBy.deviceId'].map(text),
      ...['decidedBy.address', 'decisionId', 'reason'].map(text),
      json('granted'),
      ...['collectBy', 'collectedAt'].map(instant),
      ...['deviceId', 'sessionId'].map(text),
      ...['expiredAt', 'withdrawnAt'].map(instant),
      text('withdrawnBy'),
    ],
  ],
  ['approval_keys', 'approval-key', [part(3, 'thumbprint'), text('approvalId')]],
  ['approval_queues', 'approval-queue', [json('places')]],
  ['user_codes', 'user-code', [text('approvalId')]],
  ['device_polls', 'device-poll', [part(3, 'approval_id'), instant('at'), number('intervalMs')]],
  ['cool_downs', 'cool-down', [part(3, 'target'), part(4, 'target_id'), json('runs')]],
  ['owners', 'owner', [text('state'), instant('at'), ...['deviceId', 'sessionId'].map(text)]],
  ['lockouts', 'lockout', [part(3, 'network'), number('generation'), instant('lockedAt')]],
  [
    'agent_keys',
    'agent-key',
    [
      ...['id', 'agent', 'label', 'state'].map(text),
      json('scopes'),
      ...['issuer.sessionId', 'issuer.deviceId', 'codeId', 'predecessor', 'successor'].map(text),
      text('epoch'),
      ...['createdAt', 'expiresAt', 'rotatedAt', 'endsAt'].map(instant),
      ...revoked,
    ],
  ],
  ['agent_key_lookups', 'agent-key-lookup', [text('keyId')]],
  ['agent_rolls', 'agent-roll', [part(3, 'agent'), json('keys')]],
  ['agent_shared_uses', 'agent-shared-use', [json('agents')]],
  ['relay_marks', 'relay-mark', [instant('at'), text('mint')]],
  [
    'seals',
    'seal',
    [
      number('number'),
      text('previous'),
      ...['previousAt', 'at'].map(instant),
      ...['from', 'to'].map(text),
      flag('gap'),
      json('items'),
    ],
  ],
  ['seal_heads', 'seal-head', [number('number'), instant('at'), text('to')]],
  [
    'refusals',
    'refusals',
    [...['from', 'until'].map(instant), ...['counts', 'addresses'].map(json), number('elsewhere')],
  ],
]

/**
 * Frozen. What was hashed stays out of sight: digests of codes, tickets and proofs, the claim and the cookie of a request, the
 * hash of an agent's key, what a redeemer is known by, the digest of a seal.
 */
export const views = (at: Names): string =>
  kinds.map(([name, kind, columns]) => view(at, name, kind, columns)).join('')
