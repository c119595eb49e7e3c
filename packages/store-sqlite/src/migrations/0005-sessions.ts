import { checked, stamps, words } from './0003-approvals.ts'
import { field, instant, revoked, view } from './view-sql.ts'

/**
 * Refresh tokens that are made of a key, so that nothing of them is stored. Whoever has one of before pairs again when his access
 * token has run out: of its generation there is none.
 */
const unhashed = `
UPDATE pair_record SET value = json_set(
  json_remove(value, '$.record.renewal.hash'),
  '$.record.renewal.generation', 0, '$.record.renewal.rotatedAt', NULL, '$.record.renewal.reusedAt', NULL)
WHERE kind = 'session' AND record IS NOT NULL AND json_type(record, '$.renewal.hash') IS NOT NULL;
`

/** When a code was brought again is a stamp of codes that were redeemed. */
const reused = [
  'ALTER TABLE pair_record DROP COLUMN code;',
  checked('code', [
    words('code', 'state', ['open', 'redeemed', 'rejected', 'expired']),
    stamps('code', [
      [['redeemed'], ['redeemedAt', 'redeemedBy', 'reusedAt']],
      [['rejected'], ['rejectedAt', 'approvalId']],
    ]),
  ]),
]

const views = [
  'DROP VIEW pair_codes;',
  view('pair_codes', 'code', [
    ...['id', 'label', 'state', 'subject', 'scopes', 'data', 'uses', 'used', 'holds'].map(field),
    ...['boundThumbprint', 'issuer.sessionId', 'issuer.deviceId', 'epoch'].map(field),
    ...['life.slidingMs', 'life.absoluteMs'].map(field),
    ...['createdAt', 'expiresAt', 'redeemedAt'].map(instant),
    ...['redeemedBy.sessionId', 'redeemedBy.thumbprint'].map(field),
    ...['reusedAt', 'rejectedAt'].map(instant),
    field('approvalId'),
    ...revoked,
  ]),
  'DROP VIEW pair_sessions;',
  view('pair_sessions', 'session', [
    ...['id', 'epoch', 'deviceId', 'grantId', 'codeId', 'approvalId', 'entry'].map(field),
    ...['transport', 'thumbprint'].map(field),
    ...['createdAt', 'expiresAt', 'absoluteAt'].map(instant),
    ...['slidingMs', 'renewal.by', 'renewal.generation'].map(field),
    ...['renewal.rotatedAt', 'renewal.reusedAt'].map(instant),
    ...revoked,
  ]),
  'DROP VIEW pair_tickets;',
  view('pair_tickets', 'ticket', [
    ...['sessionId', 'for', 'origin', 'thumbprint', 'state'].map(field),
    ...['resource.name', 'resource.mode'].map(field),
    ...['expiresAt', 'endsAt'].map(instant),
  ]),
  view('pair_redemptions', 'redemption', [
    "substr(path, 12, instr(substr(path, 12), ' ') - 1) AS code_id",
    field('sessionId'),
    instant('at'),
  ]),
  view('pair_key_rings', 'key-ring', [field('generations')]),
]

/** Frozen. By which key or name a redeemer is known again stays out of sight: it may be a hash. */
export const sessions: string = [unhashed, ...reused, ...views].join('\n')
