import type { Names } from './names.ts'
import { columnOf, textOf } from './view-sql.ts'

const nameOf = (kind: string, path: string): string =>
  `${kind.replaceAll('-', '_')}_${columnOf(path)}`

const listed = (words: readonly string[]): string => words.map((word) => `'${word}'`).join(', ')

/** Certain words alone may stand in that field. */
export const oneOf = (kind: string, path: string, words: readonly string[]): string =>
  `CONSTRAINT ${nameOf(kind, path)} CHECK (${textOf('VALUE', `${kind}.${path}`)} IN (${listed(words)}))`

/** Fields that stand in records of these states alone: a record never holds the stamps of two. */
export const stamps = (
  kind: string,
  owned: readonly (readonly [states: readonly string[], fields: readonly string[]])[],
): string => {
  const rules = owned.map(
    ([states, fields]) =>
      `(coalesce(VALUE -> '${kind}' ->> 'state', '') IN (${listed(states)})` +
      ` OR NOT VALUE -> '${kind}' ?| '{${fields.join(',')}}')`,
  )
  return `CONSTRAINT ${nameOf(kind, 'stamps')} CHECK (CASE WHEN VALUE ? '${kind}' THEN
    ${rules.join('\n    AND ')} END)`
}

const constraints = [
  oneOf('code', 'state', ['open', 'redeemed', 'rejected', 'expired', 'bound']),
  stamps('code', [
    [['redeemed'], ['redeemedAt', 'redeemedBy', 'reusedAt']],
    [['rejected'], ['rejectedAt', 'approvalId']],
    [['bound'], ['boundAt', 'agentKeyId']],
  ]),
  oneOf('device', 'kind', ['browser', 'app', 'agent']),
  oneOf('session', 'entry', ['code', 'approval', 'code+approval', 'owner']),
  oneOf('session', 'transport', ['cookie', 'bearer', 'dpop']),
  oneOf('session', 'renewal.by', ['proof', 'cookie', 'secret', 'nothing']),
  oneOf('revocation', 'reason', ['revoked', 'replaced', 'logout', 'evicted']),
  oneOf('ticket', 'for', ['socket', 'stream']),
  oneOf('ticket', 'state', ['unused', 'used']),
  oneOf('admission', 'mode', ['closed', 'code', 'approval', 'code+approval']),
  oneOf('approval', 'kind', ['browser', 'app', 'agent']),
  oneOf('approval', 'transport', ['cookie', 'bearer', 'dpop']),
  oneOf('approval', 'deviceGrant.entry', ['approval', 'code+approval']),
  oneOf('approval', 'state', [
    'pending',
    'approved',
    'collected',
    'rejected',
    'expired',
    'withdrawn',
  ]),
  oneOf('approval', 'decidedBy.kind', ['operator', 'session', 'newcomer', 'server']),
  oneOf('approval', 'withdrawnBy', ['requester', 'queue']),
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
  oneOf('owner', 'state', ['claiming', 'claimed']),
  stamps('owner', [[['claimed'], ['deviceId', 'sessionId']]]),
  oneOf('agent-key', 'state', ['live', 'rotated']),
  stamps('agent-key', [[['rotated'], ['rotatedAt', 'endsAt', 'successor']]]),
]

/**
 * Frozen. The constraints stand on a domain, not on the table: Postgres parses those of a table anew at each statement,
 * those of a domain once a connection. And what breaks them is named without the row, which holds hashes.
 */
export const words = (at: Names): string => `
CREATE DOMAIN ${at('words')} AS jsonb
  ${constraints.join('\n  ')};

ALTER TABLE ${at('record')} ALTER COLUMN record TYPE ${at('words')};
`
