import { checked, stamps, words } from './0003-approvals.ts'
import { field, instant, revoked, view } from './view-sql.ts'

const checks = [
  'ALTER TABLE pair_record DROP COLUMN code;',
  checked('code', [
    words('code', 'state', ['open', 'redeemed', 'rejected', 'expired', 'bound']),
    stamps('code', [
      [['redeemed'], ['redeemedAt', 'redeemedBy', 'reusedAt']],
      [['rejected'], ['rejectedAt', 'approvalId']],
      [['bound'], ['boundAt', 'agentKeyId']],
    ]),
  ]),
  'ALTER TABLE pair_record DROP COLUMN approval;',
  checked('approval', [
    words('approval', 'kind', ['browser', 'app', 'agent']),
    words('approval', 'transport', ['cookie', 'bearer', 'dpop']),
    words('approval', 'deviceGrant.entry', ['approval', 'code+approval']),
    words('approval', 'state', [
      'pending',
      'approved',
      'collected',
      'rejected',
      'expired',
      'withdrawn',
    ]),
    words('approval', 'decidedBy.kind', ['operator', 'session', 'newcomer', 'server']),
    words('approval', 'withdrawnBy', ['requester', 'queue']),
    stamps('approval', [
      [
        ['approved', 'collected', 'rejected'],
        ['decidedAt', 'decidedBy', 'decisionId', 'reason'],
      ],
      [['approved', 'collected'], ['granted']],
      [['approved'], ['collectBy']],
      [['collected'], ['collectedAt', 'deviceId', 'sessionId']],
      [['expired'], ['expiredAt']],
      [['withdrawn'], ['withdrawnAt', 'withdrawnBy']],
    ]),
  ]),
  `ALTER TABLE pair_record ADD COLUMN agent_key ANY AS (CASE kind WHEN 'agent-key' THEN record END) VIRTUAL`,
  `  ${words('agent_key', 'state', ['live', 'rotated'])}`,
  `  ${stamps('agent_key', [[['rotated'], ['rotatedAt', 'endsAt', 'successor']]])};`,
]

const views = [
  'DROP VIEW pair_codes;',
  view('pair_codes', 'code', [
    ...['id', 'label', 'state', 'subject', 'scopes', 'data', 'uses', 'used', 'holds'].map(field),
    ...['boundThumbprint', 'issuer.sessionId', 'issuer.deviceId', 'epoch'].map(field),
    ...['life.slidingMs', 'life.absoluteMs', 'support.agent', 'support.keyMs'].map(field),
    ...['createdAt', 'expiresAt', 'redeemedAt'].map(instant),
    ...['redeemedBy.sessionId', 'redeemedBy.thumbprint'].map(field),
    ...['reusedAt', 'rejectedAt'].map(instant),
    field('approvalId'),
    instant('boundAt'),
    field('agentKeyId'),
    ...revoked,
  ]),
  'DROP VIEW pair_approvals;',
  view('pair_approvals', 'approval', [
    ...['id', 'state', 'label', 'kind', 'thumbprint', 'origin', 'address', 'network'].map(field),
    ...['transport', 'subject', 'scopes', 'data', 'life.slidingMs', 'life.absoluteMs'].map(field),
    ...['codeId', 'deviceGrant.clientId', 'deviceGrant.entry', 'nonce', 'matchCode'].map(field),
    ...['before.deviceId', 'before.live', 'epoch'].map(field),
    instant('requestedAt'),
    field('changes'),
    ...['expiresAt', 'decidedAt'].map(instant),
    ...['decidedBy.kind', 'decidedBy.sessionId', 'decidedBy.deviceId'].map(field),
    ...['decidedBy.address', 'decisionId', 'reason'].map(field),
    field('granted'),
    ...['collectBy', 'collectedAt'].map(instant),
    ...['deviceId', 'sessionId'].map(field),
    ...['expiredAt', 'withdrawnAt'].map(instant),
    field('withdrawnBy'),
  ]),
  view('pair_user_codes', 'user-code', [field('approvalId')]),
  view('pair_device_polls', 'device-poll', [
    "replace(replace(path, 'device-poll ', ''), ' record', '') AS approval_id",
    instant('at'),
    field('intervalMs'),
  ]),
  view('pair_agent_keys', 'agent-key', [
    ...['id', 'agent', 'label', 'state', 'scopes'].map(field),
    ...['issuer.sessionId', 'issuer.deviceId', 'codeId', 'predecessor', 'successor'].map(field),
    field('epoch'),
    ...['createdAt', 'expiresAt', 'rotatedAt', 'endsAt'].map(instant),
    ...revoked,
  ]),
  view('pair_agent_key_lookups', 'agent-key-lookup', [field('keyId')]),
  view('pair_agent_rolls', 'agent-roll', [
    "replace(replace(path, 'agent-roll ', ''), ' keys', '') AS agent",
    field('keys'),
  ]),
  view('pair_agent_shared_uses', 'agent-shared-use', [field('agents')]),
  view('pair_relay_marks', 'relay-mark', [instant('at'), field('mint')]),
  view('pair_seals', 'seal', [
    ...['number', 'previous'].map(field),
    ...['previousAt', 'at'].map(instant),
    ...['from', 'to', 'gap', 'items'].map(field),
  ]),
  view('pair_seal_heads', 'seal-head', [field('number'), instant('at'), field('to')]),
  view('pair_refusals', 'refusals', [
    ...['from', 'until'].map(instant),
    ...['counts', 'addresses', 'elsewhere'].map(field),
  ]),
]

/** Frozen. What was hashed stays out of sight: of an agent's key, of a code that was typed, of the chain of seals. */
export const headless: string = [...checks, ...views].join('\n')
