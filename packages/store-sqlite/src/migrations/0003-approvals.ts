import { columnOf, field, instant, revoked, view } from './view-sql.ts'

/**
 * A column that holds the records of one kind, for its checks alone: they judge each row that is written. One column a
 * kind, since each costs a moment at every write, whatever is written.
 */
export const checked = (kind: string, checks: readonly string[]): string => `
ALTER TABLE pair_record ADD COLUMN ${kind} ANY AS (CASE kind WHEN '${kind}' THEN record END) VIRTUAL
  ${checks.join('\n  ')};
`

/** Is it one of these? By hand: for `IN` SQLite would fill a table of its own at every row. */
const oneOf = (value: string, values: readonly string[]): string =>
  `CASE ${value} ${values.map((one) => `WHEN '${one}' THEN 1`).join(' ')} ELSE 0 END`

/** Certain words alone may stand in that field. */
export const words = (kind: string, path: string, values: readonly string[]): string => {
  const value = `json_extract(${kind}, '$.${path}')`
  return `CONSTRAINT ${kind}_${columnOf(path)} CHECK (${kind} IS NULL OR ${value} IS NULL OR ${oneOf(value, values)})`
}

/** Fields that stand in records of these states alone: a record never holds the stamps of two. */
export const stamps = (
  kind: string,
  owned: readonly (readonly [states: readonly string[], fields: readonly string[]])[],
): string => {
  const state = `json_extract(${kind}, '$.state')`
  const rules = owned.map(([states, fields]) => {
    const absent = fields.map((name) => `json_type(${kind}, '$.${name}') IS NULL`).join(' AND ')
    return `(${oneOf(state, states)} OR ${absent})`
  })
  return `CONSTRAINT ${kind}_stamps CHECK (${kind} IS NULL OR (\n    ${rules.join('\n    AND ')}))`
}

/** Those who were there before requests were: a code that nobody waits for, a session that nobody approved. */
const filled = `
UPDATE pair_record SET value = json_set(value, '$.record.holds', json('[]'))
WHERE kind = 'code' AND record IS NOT NULL AND json_type(record, '$.holds') IS NULL;
UPDATE pair_record SET value = json_set(value, '$.record.approvalId', NULL, '$.record.entry', 'code')
WHERE kind = 'session' AND record IS NOT NULL AND json_type(record, '$.approvalId') IS NULL;
`

const checks = [
  'ALTER TABLE pair_record DROP COLUMN code_state;',
  checked('code', [
    words('code', 'state', ['open', 'redeemed', 'rejected', 'expired']),
    stamps('code', [
      [['redeemed'], ['redeemedAt', 'redeemedBy']],
      [['rejected'], ['rejectedAt', 'approvalId']],
    ]),
  ]),
  checked('session', [words('session', 'entry', ['code', 'approval', 'code+approval', 'owner'])]),
  checked('admission', [
    words('admission', 'mode', ['closed', 'code', 'approval', 'code+approval']),
  ]),
  checked('approval', [
    words('approval', 'kind', ['browser', 'app', 'agent']),
    words('approval', 'transport', ['cookie', 'bearer', 'dpop']),
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
  checked('owner', [
    words('owner', 'state', ['claiming', 'claimed']),
    stamps('owner', [[['claimed'], ['deviceId', 'sessionId']]]),
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
    instant('rejectedAt'),
    field('approvalId'),
    ...revoked,
  ]),
  'DROP VIEW pair_sessions;',
  view('pair_sessions', 'session', [
    ...['id', 'epoch', 'deviceId', 'grantId', 'codeId', 'approvalId', 'entry'].map(field),
    ...['transport', 'thumbprint'].map(field),
    ...['createdAt', 'expiresAt', 'absoluteAt'].map(instant),
    ...['slidingMs', 'renewal.by'].map(field),
    ...revoked,
  ]),
  'DROP VIEW pair_epochs;',
  view('pair_epochs', 'epoch', [field('id'), instant('since'), field('entries')]),
  view('pair_admissions', 'admission', ['mode', 'version'].map(field)),
  view('pair_approvals', 'approval', [
    ...['id', 'state', 'label', 'kind', 'thumbprint', 'origin', 'address', 'network'].map(field),
    ...['transport', 'subject', 'scopes', 'data', 'life.slidingMs', 'life.absoluteMs'].map(field),
    ...['codeId', 'nonce', 'matchCode', 'before.deviceId', 'before.live', 'epoch'].map(field),
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
  view('pair_approval_keys', 'approval-key', [
    "replace(replace(path, 'approval-key ', ''), ' approval', '') AS thumbprint",
    field('approvalId'),
  ]),
  view('pair_approval_queues', 'approval-queue', [field('places')]),
  view('pair_cool_downs', 'cool-down', [
    "substr(path, 11, instr(substr(path, 11), ' ') - 1) AS target",
    "substr(path, 11 + instr(substr(path, 11), ' ')) AS target_id",
    field('runs'),
  ]),
  view('pair_owners', 'owner', [
    field('state'),
    instant('at'),
    ...['deviceId', 'sessionId'].map(field),
  ]),
]

/** Frozen. What was hashed stays out of sight: of a request, its claim and its cookie. */
export const approvals: string = [filled, ...checks, ...views].join('\n')
