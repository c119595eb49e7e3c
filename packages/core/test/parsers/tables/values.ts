import type * as z from 'zod/mini'
import { termsOf, type IssueCode } from '../../../src/bootstrap/code-request.ts'
import { canonicalJson } from '../../../src/encoding/canonical-json.ts'
import { checkScopeList } from '../../../src/grant/scopes.ts'
import {
  AdmissionBody,
  ClaimBody,
  DecisionBody,
  EntryBody,
  IssueBody,
  NarrowBody,
  OwnerBody,
  parseBody,
  PreviewBody,
  Redeem,
  RenameBody,
  Renew,
  ResourceTokenBody,
  RotateBody,
  TicketBody,
} from '../../../src/http/schemas.ts'
import { checkProof, type ProofClaims } from '../../../src/proof/proof.ts'
import { parseProofJwk } from '../../../src/proof/proof-key.ts'
import { parseMintAnswer } from '../../../src/relay/mint-answer.ts'
import { parseMintRequest } from '../../../src/relay/mint-request.ts'
import { parseResourceClaims } from '../../../src/token/resource-claims.ts'
import { parseSessionClaims } from '../../../src/token/session-claims.ts'
import { NOON } from '../../kit/clock.ts'
import { agentValues } from './agents.ts'
import { nullOr, orRefused, type ValueParser } from '../parser.ts'

const ID = 'ses_AbCdEfGhIjKlMnOpQrStUg'
const THUMBPRINT = 'AbCdEfGhIjKlMnOpQrStUvWxYz0123456789-_AbCdE'
const COORDINATE = `${'A'.repeat(42)}E`
const publicKey = { kty: 'EC', crv: 'P-256', x: COORDINATE, y: COORDINATE }
const edwards = { kty: 'OKP', crv: 'Ed25519', x: COORDINATE }
const device = { label: 'A device', kind: 'app', publicKey }
const edwardian = { label: 'A device', kind: 'app', publicKey: edwards }
const scopes = ['notes:read', 'notes:write', 'access:read']
const issuer = {
  scopes,
  subject: 'owner',
  data: null,
  life: { slidingMs: 86_400_000, absoluteMs: null },
}
const policy = { scopes, risk: { longestLifeMs: 30 * 86_400_000 } }
const claims = { iss: 'i', aud: 'i', sub: 'owner', sid: ID, iat: 1, exp: 2, jti: 'a' }
const resourceClaims = { ...claims, aud: 'i/resource', resource: 'screen:1', mode: 'view' }
const seconds = NOON / 1_000
const proof = { jti: 'abcdefghij', htm: 'GET', htu: 'http://localhost:3000/a', iat: seconds }

const mintRequest = {
  iss: 'hub',
  aud: 'https://home.example/auth',
  jti: 'AAAAAAAAAAAAAAAA',
  nonce: 'BBBBBBBBBBBBBBBB',
  iat: seconds,
  exp: seconds + 60,
  requestedAt: seconds,
  device: edwardian,
  transport: 'dpop',
  scopes,
  proof: 'a.b.c',
}
const answered = {
  iss: 'https://home.example/auth',
  aud: 'hub',
  sub: THUMBPRINT,
  jti: 'AAAAAAAAAAAAAAAA',
  nonce: 'BBBBBBBBBBBBBBBB',
  iat: seconds,
  exp: seconds + 300,
}
const mintAnswer = {
  ...answered,
  status: 'authorized',
  code: 'A'.repeat(22),
  codeExpiresAt: seconds + 300,
  isDecided: false,
}
const waitingAnswer = {
  ...answered,
  status: 'pending',
  approval: { id: `apr_${'A'.repeat(22)}`, matchCode: '123 456', expiresAt: seconds + 600 },
  claim: `apr_${'A'.repeat(22)}.${THUMBPRINT}`,
}

/** The schemas of bodies, each with one that is right. */
const bodies = {
  Redeem: [Redeem, { code: 'ABC-DEF-GHJ', device, transport: 'bearer', scopes, nonce: 'n' }],
  PreviewBody: [PreviewBody, { code: 'ABC-DEF-GHJ' }],
  EntryBody: [EntryBody, { device: edwardian, transport: 'cookie', scopes, nonce: 'n' }],
  ClaimBody: [ClaimBody, { claim: `${ID}.x`, waitSeconds: 25, nonce: 'n' }],
  OwnerBody: [OwnerBody, { secret: 's', device, transport: 'dpop' }],
  DecisionBody: [DecisionBody, { digest: THUMBPRINT, reason: 'why', scopes }],
  AdmissionBody: [AdmissionBody, { mode: 'closed', version: null, reevaluate: true }],
  Renew: [Renew, { refreshToken: `${ID}.x` }],
  TicketBody: [TicketBody, { for: 'socket', resource: 'screen:1', mode: 'view' }],
  RotateBody: [RotateBody, { old: 'end' }],
  ResourceTokenBody: [ResourceTokenBody, { resource: 'screen:1', mode: 'view' }],
  IssueBody: [
    IssueBody,
    { label: 'l', scopes, uses: 3, expiresInSeconds: 60, boundThumbprint: THUMBPRINT },
  ],
  NarrowBody: [NarrowBody, { scopes }],
  RenameBody: [RenameBody, { label: 'l' }],
} satisfies Record<string, [z.ZodMiniType<unknown>, object]>
export const schemaNames = Object.keys(bodies)

/** One row for each schema that a body is held to. */
const parseBodies: readonly ValueParser[] = Object.entries(bodies).map(
  ([name, [schema, right]]) => ({
    name: 'parseBody',
    file: 'http/schemas.ts',
    of: name,
    // of all schemas together a million
    times: 100_000,
    valid: [right],
    take: (value) =>
      orRefused(['invalid_request'], () =>
        typeof parseBody(schema as z.ZodMiniType<unknown>, value) === 'object' ? 'taken' : 'broken',
      ),
  }),
)

/** What reads a value out of a stranger's JSON. */
export const values: readonly ValueParser[] = [
  {
    name: 'parseSessionClaims',
    file: 'token/session-claims.ts',
    valid: [claims, { ...claims, cnf: { jkt: THUMBPRINT } }],
    take: (value) =>
      // A payload is an object: that of a token is checked to be one before.
      nullOr(parseSessionClaims(Object(value), 'i'), ({ exp }) => Number.isSafeInteger(exp)),
  },
  {
    name: 'parseResourceClaims',
    file: 'token/resource-claims.ts',
    valid: [resourceClaims, { ...resourceClaims, cnf: { jkt: THUMBPRINT } }],
    take: (value) =>
      nullOr(
        parseResourceClaims(Object(value), 'i'),
        ({ exp, resource, mode }) =>
          Number.isSafeInteger(exp) && typeof resource === 'string' && typeof mode === 'string',
      ),
  },
  {
    name: 'parseMintRequest',
    file: 'relay/mint-request.ts',
    valid: [mintRequest, { ...mintRequest, device, transport: 'cookie', scopes: undefined }],
    take: (value) =>
      nullOr(
        parseMintRequest(Object(value)),
        ({ iat, nonce, device: found, proof: by }) =>
          Number.isSafeInteger(iat) &&
          nonce.length >= 16 &&
          found.publicKey.x.length === 43 &&
          typeof by === 'string',
      ),
  },
  {
    name: 'parseMintAnswer',
    file: 'relay/mint-answer.ts',
    valid: [mintAnswer, waitingAnswer],
    take: (value) =>
      nullOr(parseMintAnswer(Object(value)), (answer) =>
        answer.status === 'authorized'
          ? answer.code.length === 22
          : answer.claim.startsWith(`${answer.approval.id}.`),
      ),
  },
  {
    name: 'parseProofJwk',
    file: 'proof/proof-key.ts',
    valid: [publicKey, edwards],
    take: (value) =>
      nullOr(
        parseProofJwk(value),
        (jwk) => jwk.x.length === 43 && (jwk.kty === 'OKP' || jwk.y.length === 43),
      ),
  },
  {
    name: 'checkProof',
    file: 'proof/proof.ts',
    valid: [proof, { ...proof, ath: 'a', bodyHash: 'b' }],
    take(value) {
      // Texts are texts by then, and `iat` a whole number; what they say is anything.
      const { jti, htm, htu, iat } = Object(value) as Record<string, unknown>
      const made: ProofClaims = {
        jti: typeof jti === 'string' ? jti : '',
        htm: typeof htm === 'string' ? htm : 'get',
        htu: typeof htu === 'string' ? htu : `http://${JSON.stringify(htu)}`,
        iat: typeof iat === 'number' ? iat : 0,
      }
      const target = {
        method: 'GET',
        url: proof.htu,
        ath: null,
        bodyHash: null,
        thumbprint: null,
      }
      const outcome = checkProof(made, THUMBPRINT, target, NOON)
      if (outcome.ok) return made.iat === seconds ? 'taken' : 'broken'
      return outcome.fault === 'ath' || outcome.fault === 'key' ? 'broken' : 'refused'
    },
  },
  {
    name: 'checkScopeList',
    file: 'grant/scopes.ts',
    valid: [{ a: 'notes:read' }, { a: 'notes:read', b: 'notes:write' }],
    take(value) {
      const outcome = checkScopeList(Object.values(Object(value) as object), scopes)
      if (!outcome.ok) return 'refused'
      return outcome.scopes.every((scope) => scopes.includes(scope)) ? 'taken' : 'broken'
    },
  },
  {
    name: 'termsOf',
    file: 'bootstrap/code-request.ts',
    valid: [
      { ...bodies.IssueBody[1], expiresInMs: 60_000, subject: 's', data: { a: [1] } },
      { session: { slidingMs: 60_000, absoluteMs: null } },
    ],
    take(value) {
      const outcome = termsOf(Object(value) as IssueCode, issuer, policy)
      if (!outcome.ok)
        return outcome.fault === 'scopes' || outcome.must !== '' ? 'refused' : 'broken'
      const { expiresInMs, scopes: given } = outcome.terms
      const isRight = expiresInMs >= 30_000 && given.every((scope) => scopes.includes(scope))
      return isRight ? 'taken' : 'broken'
    },
  },
  {
    name: 'canonicalJson',
    file: 'encoding/canonical-json.ts',
    valid: [bodies.TicketBody[1], { '\u20ac': 1e21, a: [null, -0, { b: '\u2028' }] }],
    take(value) {
      try {
        const text = canonicalJson(value)
        // Half a character has no UTF-8, and so no digest.
        const isText = !/\\ud[89a-f]/i.test(text)
        return isText && canonicalJson(JSON.parse(text)) === text ? 'taken' : 'broken'
      } catch (error) {
        // Promised of what is no JSON; a body was checked to be some before.
        return error instanceof TypeError && error.message === 'Not a JSON value'
          ? 'refused'
          : 'broken'
      }
    },
  },
  ...parseBodies,
  ...agentValues,
]
