/** The column of a field: `life.slidingMs` is `life_sliding_ms`. */
const columnOf = (path: string): string =>
  path.replaceAll('.', '_').replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)

const toTime = (milliseconds: string): string =>
  `strftime('%Y-%m-%dT%H:%M:%fZ', ${milliseconds} / 1000.0, 'unixepoch')`
const field = (path: string): string => `json_extract(record, '$.${path}') AS "${columnOf(path)}"`
const instant = (path: string): string =>
  `${toTime(`json_extract(record, '$.${path}')`)} AS "${columnOf(path)}"`

/** From the mark beside the record, where there is one. */
const ofMark = (value: string): string =>
  `(SELECT ${value} FROM pair_record AS m WHERE m.key = substr(r.key, 1, length(r.key) - 6) || 'revoked')`
const revoked = [
  `${ofMark(toTime("json_extract(m.record, '$.at')"))} AS revoked_at`,
  `${ofMark("json_extract(m.record, '$.reason')")} AS revoked_reason`,
]

const view = (name: string, kind: string, columns: readonly string[]): string => `
CREATE VIEW ${name} AS SELECT
  ${['namespace', ...columns].join(',\n  ')}
FROM pair_record AS r WHERE kind = '${kind}' AND record IS NOT NULL;
`

/** Frozen. What was hashed stays out of sight: digests of codes, tickets and proofs, and the hash of a renewal. */
export const views: string = [
  view('pair_codes', 'code', [
    ...['id', 'label', 'state', 'subject', 'scopes', 'data', 'uses', 'used'].map(field),
    ...['boundThumbprint', 'issuer.sessionId', 'issuer.deviceId', 'epoch'].map(field),
    ...['life.slidingMs', 'life.absoluteMs'].map(field),
    ...['createdAt', 'expiresAt', 'redeemedAt'].map(instant),
    ...['redeemedBy.sessionId', 'redeemedBy.thumbprint'].map(field),
    ...revoked,
  ]),
  view('pair_devices', 'device', [
    ...['id', 'label', 'kind', 'thumbprint', 'origin', 'sessionId', 'grantId'].map(field),
    instant('createdAt'),
    ...revoked,
  ]),
  view('pair_grants', 'grant', [
    ...['id', 'subject', 'deviceId', 'scopes', 'data'].map(field),
    instant('createdAt'),
  ]),
  view('pair_sessions', 'session', [
    ...['id', 'epoch', 'deviceId', 'grantId', 'codeId', 'transport', 'thumbprint'].map(field),
    ...['createdAt', 'expiresAt', 'absoluteAt'].map(instant),
    ...['slidingMs', 'renewal.by'].map(field),
    ...revoked,
  ]),
  view('pair_presences', 'presence', [
    "replace(replace(path, 'presence ', ''), ' record', '') AS session_id",
    instant('lastSeenAt'),
  ]),
  view('pair_revocations', 'revocation', [
    "substr(path, 1, instr(path, ' ') - 1) AS target",
    "replace(substr(path, instr(path, ' ') + 1), ' revoked', '') AS target_id",
    instant('at'),
    field('reason'),
  ]),
  view('pair_epochs', 'epoch', [field('id'), instant('since')]),
  view('pair_tickets', 'ticket', [
    ...['sessionId', 'for', 'origin', 'thumbprint', 'state'].map(field),
    ...['expiresAt', 'endsAt'].map(instant),
  ]),
  view('pair_keys', 'key', [
    "replace(replace(path, 'key ', ''), ' device', '') AS thumbprint",
    field('deviceId'),
  ]),
  view('pair_code_lookups', 'code-lookup', [field('codeId')]),
  view('pair_code_indexes', 'code-index', [
    "replace(replace(path, 'code-index ', ''), ' codes', '') AS issuer",
    field('codes'),
  ]),
  view('pair_proofs', 'proof', [
    "substr(path, 7, instr(substr(path, 7), ' ') - 1) AS thumbprint",
    instant('at'),
  ]),
].join('')
