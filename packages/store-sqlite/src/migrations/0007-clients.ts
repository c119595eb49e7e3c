import { field, instant, revoked, view } from './view-sql.ts'

/** Frozen. A session of the device grant names its client. */
export const clients: string = [
  'DROP VIEW pair_sessions;',
  view('pair_sessions', 'session', [
    ...['id', 'epoch', 'deviceId', 'grantId', 'codeId', 'approvalId', 'clientId'].map(field),
    ...['entry', 'transport', 'thumbprint'].map(field),
    ...['createdAt', 'expiresAt', 'absoluteAt'].map(instant),
    ...['slidingMs', 'renewal.by', 'renewal.generation'].map(field),
    ...['renewal.rotatedAt', 'renewal.reusedAt'].map(instant),
    ...revoked,
  ]),
].join('\n')
