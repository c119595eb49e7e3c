import { isPairError, PairError, type ErrorCode } from '../errors.ts'
import { isId, type ApprovalId, type SessionId, type Thumbprint } from '../ids.ts'
import type { Claimant } from '../approval/collect-service.ts'
import type { OAuthClient } from '../oauth/clients.ts'
import { parseDeviceCode, type DeviceCode } from '../oauth/device-code.ts'
import type { DeviceGrantService } from '../oauth/device-grant-service.ts'
import type { ProofTarget } from '../proof/proof.ts'
import type { Authorized } from '../session/credential.ts'
import type { RenewBy } from '../session/renewal.ts'
import { unlessUnknown } from './authentication.ts'
import { oauthError, oauthToken, refusal, type OAuthWord } from './oauth-answers.ts'
import type { Form } from './oauth-form.ts'
import { noContent, type Visit } from './route.ts'

const DEVICE_GRANT = 'urn:ietf:params:oauth:grant-type:device_code'
export const GRANTS: readonly string[] = [DEVICE_GRANT, 'refresh_token']

/** `POST /token`: the session of a device that was approved (RFC 8628 §3.4), and its renewal (RFC 6749 §6). */
export async function grantToken(
  visit: Visit,
  client: OAuthClient,
  form: Form,
  grants: DeviceGrantService,
): Promise<Response> {
  switch (form.get('grant_type')) {
    case DEVICE_GRANT:
      return collect(visit, client, required(form, 'device_code'), grants)
    case 'refresh_token':
      return refresh(visit, client.id, required(form, 'refresh_token'))
    case undefined:
      throw refusal('invalid_request', '`grant_type` is missing.')
    default:
      throw refusal('unsupported_grant_type', `Here are ${GRANTS.join(' and ')} alone.`)
  }
}

function required(form: Form, name: string): string {
  const value = form.get(name)
  if (value === undefined) throw refusal('invalid_request', `\`${name}\` is missing.`)
  return value
}

async function collect(
  visit: Visit,
  client: OAuthClient,
  text: string,
  grants: DeviceGrantService,
): Promise<Response> {
  const { parts, facts } = visit
  const code = parseDeviceCode(text)
  // Nothing is guessed by what is no device code at all.
  if (code === null) throw refusal('invalid_grant', 'That is not a device code.')
  const found = await grants.requestOf(code, client.id)
  if (found === null)
    return parts.limiter.guess('unguessable', facts, async ({ standing }) => {
      visit.tell(standing)
      throw new PairError('code_invalid', {
        message: 'This device code is not known.',
        reason: 'no device code of that client',
      })
    })
  const { id, thumbprint } = found
  // Too often is no end: it goes on waiting.
  visit.tell(await parts.limiter.countKnown('poll', id).catch(retell('rate_limited', 'slow_down')))
  const by = await claimantBy(visit, code, thumbprint)
  // Nothing is handed out to who has hung up: it could not be handed out again.
  if (facts.request.signal.aborted) return noContent()
  const claimant = { claim: code.claim, by, nonce: null, address: facts.address }
  const answer = await parts.collector
    .collect(claimant)
    .catch(retell('admission_refused', 'access_denied'))
  return answer.status === 'authorized' ? oauthToken(visit, answer) : wait(grants, id)
}

/** RFC 8628 §3.5: what a device that is too early is told counts for all that it asks from then on. */
async function wait(grants: DeviceGrantService, id: ApprovalId): Promise<Response> {
  const { isEarly } = await grants.poll(id)
  return isEarly
    ? oauthError('slow_down', 'Wait five seconds longer between requests from now on.')
    : oauthError('authorization_pending', 'Nobody has decided yet.')
}

/** Who comes with a device code: the key that asked, proven, or the secret that stands for one. */
async function claimantBy(
  { parts, facts, credentials }: Visit,
  { cookie }: DeviceCode,
  thumbprint: Thumbprint | null,
): Promise<Claimant['by']> {
  const { proof } = credentials
  if (thumbprint === null) {
    // A key that nobody was shown is not let in: what was approved has none.
    if (proof !== null)
      throw refusal(
        'invalid_dpop_proof',
        'This device code was asked for without a key: send the DPoP header at device_authorization too.',
      )
    return { cookie }
  }
  if (proof === null) throw new PairError('proof_required')
  await parts.proofs.prove(proof, { ...targetOf(facts), thumbprint })
  return { thumbprint }
}

async function refresh(visit: Visit, clientId: string, refreshToken: string): Promise<Response> {
  const { parts, facts } = visit
  const renew = (by: RenewBy): Promise<Authorized> =>
    parts.renewer.renew({ ...by, clientId }, facts.address ?? undefined)
  const authorized = isId('ses', refreshToken)
    ? await renew(await provenKey(visit, refreshToken))
    : await unlessUnknown(parts, facts, renew(await knownSecret(visit, refreshToken)))
  return oauthToken(visit, authorized)
}

async function knownSecret({ parts, tell }: Visit, refreshToken: string): Promise<RenewBy> {
  const id = await parts.renewer.sessionOf(refreshToken)
  if (id !== null) tell(await parts.limiter.countKnown('poll', id))
  return { by: 'secret', refreshToken }
}

/** Where a key renews, the refresh token names the session; the proof is what counts. */
async function provenKey(
  { parts, facts, credentials }: Visit,
  sessionId: SessionId,
): Promise<RenewBy> {
  if (credentials.proof === null) throw new PairError('proof_required')
  // Keys that nobody knows leave no mark behind.
  const thumbprint = await parts.proofs.prove(credentials.proof, targetOf(facts), async (key) => {
    if (await parts.renewer.isKnown(key)) return 'device'
    await parts.limiter.count('poll', facts)
    throw new PairError('session_invalid', { reason: 'no device has that key' })
  })
  await parts.limiter.countKnown('poll', thumbprint)
  return { by: 'proof', thumbprint, sessionId }
}

function targetOf({ method, externalUrl }: Visit['facts']): ProofTarget {
  return { method, url: externalUrl, ath: null, bodyHash: null, thumbprint: null }
}

/** The same refusal told by another word. */
function retell(code: ErrorCode, error: OAuthWord): (refused: unknown) => never {
  return (refused) => {
    if (!isPairError(refused) || refused.code !== code) throw refused
    const { message, reason, limit, members } = refused
    throw new PairError(code, {
      message,
      members: { ...members, error },
      ...(reason === undefined ? {} : { reason }),
      ...(limit === undefined ? {} : { limit }),
    })
  }
}
