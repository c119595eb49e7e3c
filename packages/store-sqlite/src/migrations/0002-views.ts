import { field, instant, revoked, view } from './view-sql.ts'

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
