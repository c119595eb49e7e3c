import type { OwnerTry } from '../bootstrap/owner-service.ts'
import type { CodeTry } from '../bootstrap/try-service.ts'
import { sha256Base64Url } from '../encoding/bytes.ts'
import { canonicalJson } from '../encoding/canonical-json.ts'
import { cleanLabel } from '../encoding/text.ts'
import { PairError } from '../errors.ts'
import type { PendingAnswer } from '../approval/approval-view.ts'
import type { Claimant } from '../approval/collect-service.ts'
import type { ApprovalId, Thumbprint } from '../ids.ts'
import type { ProofTarget } from '../proof/proof.ts'
import { thumbprintOf } from '../proof/proof-key.ts'
import type { Authorized } from '../session/credential.ts'
import type { Arrival } from '../session/pairing.ts'
import { SECOND } from '../time.ts'
import { claimCookieName, clearCookie, readCookie, setCookie } from './cookie.ts'
import { unlessUnknown } from './authentication.ts'
import { authorize } from './authorize.ts'
import { readIdempotencyKey } from './idempotency-key.ts'
import { json, noContent, taking, type Route, type Visit } from './route.ts'
import type { RequestFacts } from './request-facts.ts'
import { ClaimBody, EntryBody, OwnerBody, PreviewBody, Redeem } from './schemas.ts'
import { toPending, toPreview } from './views.ts'
import type { DeviceRequest, PreviewRequest, RedeemRequest, Transport } from './wire.ts'
import type { ClaimRequest, EntryRequest, OwnerRequest } from './approval-wire.ts'

/** Coming in: by a code, by a person's decision, as the first owner. */
export const entryRoutes: readonly Route[] = [
  { method: 'POST', path: 'redeem', ...taking(Redeem, redeem) },
  { method: 'POST', path: 'codes/preview', ...taking(PreviewBody, preview) },
  { method: 'POST', path: 'request', ...taking(EntryBody, request) },
  { method: 'POST', path: 'claim', ...taking(ClaimBody, claim) },
  { method: 'POST', path: 'withdraw', ...taking(ClaimBody, withdraw) },
  { method: 'POST', path: 'claim-owner', ...taking(OwnerBody, claimOwner) },
]

/** When to ask again where nobody waits on our side; seconds. */
const ASK_AGAIN_SECONDS = 5

async function redeem(visit: Visit, read: () => RedeemRequest): Promise<Response> {
  const { code, device, transport, scopes = null, nonce = null } = read()
  const idempotencyHash = readIdempotencyKey(visit.facts.request.headers)
  const { redeemer, limiter } = visit.parts
  const arrive = arrival(visit, device, transport, scopes, nonce)
  // Who may not try leaves nothing behind, not even a spent proof.
  const begin = async (found: Arrival): Promise<CodeTry> => {
    const tried = await redeemer.begin(found, code)
    visit.tell(tried.attempt.standing)
    return tried
  }
  const [arrived, tried] = await arrive(begin, ({ attempt }) => limiter.abandon(attempt))
  return enter(visit, await redeemer.redeem(arrived, tried, { idempotencyHash }))
}

async function preview(visit: Visit, read: () => PreviewRequest): Promise<Response> {
  const { code } = read()
  const { parts, facts, credentials, body } = visit
  const begin = (): Promise<CodeTry> => parts.redeemer.beginPreview(facts, code)
  if (credentials.proof === null) return show(visit, await begin(), null)
  let tried: CodeTry | undefined
  const target = { ...targetOf(facts), bodyHash: sha256Base64Url(canonicalJson(body)) }
  const thumbprint = await parts.proofs
    .prove(credentials.proof, target, async () => {
      tried = await begin()
      return 'newcomer'
    })
    .catch(async (error: unknown) => {
      if (tried) await parts.limiter.abandon(tried.attempt)
      throw error
    })
  return show(visit, tried ?? (await begin()), thumbprint)
}

async function show(
  visit: Visit,
  tried: CodeTry,
  thumbprint: Thumbprint | null,
): Promise<Response> {
  visit.tell(tried.attempt.standing)
  return json(toPreview(await visit.parts.redeemer.preview(tried, thumbprint)))
}

async function request(visit: Visit, read: () => EntryRequest): Promise<Response> {
  const { device, transport, scopes = null, nonce = null } = read()
  const { requester, limiter } = visit.parts
  const arrive = arrival(visit, device, transport, scopes, nonce)
  // Who is not let into the queue leaves nothing behind, not even a spent proof.
  const [arrived] = await arrive(async (found) => {
    visit.tell(await limiter.count('change', visit.facts))
    if (found.newcomer.thumbprint !== null) await requester.rehearse(found)
  })
  return enter(visit, await requester.request(arrived))
}

async function claimOwner(visit: Visit, read: () => OwnerRequest): Promise<Response> {
  const { secret, device, transport } = read()
  const arrive = arrival(visit, device, transport, null, null)
  const { owner, limiter } = visit.parts
  // Who doesn't know it leaves nothing behind.
  const begin = async (found: Arrival): Promise<OwnerTry> => {
    const attempt = await owner.begin({ ...found, secret })
    visit.tell(attempt.standing)
    await owner.requireSecret(secret, attempt)
    return attempt
  }
  const [arrived, attempt] = await arrive(begin, limiter.abandon)
  return enter(visit, await owner.claim({ ...arrived, secret }, attempt))
}

/** Who arrives, as it describes itself. A key is only ever named together with a proof of it that covers all that is asked with it. */
function arrival(
  { parts, facts, credentials, body }: Visit,
  device: DeviceRequest | undefined,
  transport: Transport = 'cookie',
  scopes: readonly string[] | null,
  nonce: string | null,
): <T>(
  before: (arrival: Arrival) => Promise<T>,
  giveBack?: (begun: T) => Promise<void>,
) => Promise<[Arrival, T]> {
  const label = device === undefined ? 'Device without a name' : cleanLabel(device.label)
  if (label === null)
    throw new PairError('invalid_request', {
      message: '`device.label` must be 1 to 80 printable characters.',
    })
  const withKey = (thumbprint: Thumbprint | null): Arrival => ({
    newcomer: {
      label,
      kind: device?.kind ?? 'app',
      thumbprint,
      origin: facts.request.headers.get('origin'),
      transport,
    },
    scopes,
    nonce,
    address: facts.address,
    network: facts.network,
    folded: facts.folded,
  })
  return async <T>(
    before: (arrival: Arrival) => Promise<T>,
    giveBack: (begun: T) => Promise<void> = async () => {},
  ): Promise<[Arrival, T]> => {
    const publicKey = device?.publicKey
    if (publicKey === undefined) {
      const nobody = withKey(null)
      return [nobody, await before(nobody)]
    }
    if (credentials.proof === null) throw new PairError('proof_required')
    const thumbprint = thumbprintOf(publicKey)
    const bodyHash = sha256Base64Url(canonicalJson(body))
    const found = withKey(thumbprint)
    let begun: { is: T } | undefined
    const begin = async (): Promise<'newcomer'> => {
      begun = { is: await before(found) }
      return 'newcomer'
    }
    const target = { ...targetOf(facts), bodyHash, thumbprint }
    await parts.proofs.prove(credentials.proof, target, begin).catch(async (error: unknown) => {
      if (begun) await giveBack(begun.is)
      throw error
    })
    return [found, (begun as unknown as { is: T }).is]
  }
}

async function claim(visit: Visit, read: () => ClaimRequest): Promise<Response> {
  const { waitSeconds = 0, ...body } = read()
  const { collector, waiter, clock } = visit.parts
  const { signal } = visit.facts.request
  const { id, claimant } = await claimantOf(visit, body)
  visit.tell(await visit.parts.limiter.countKnown('poll', id))
  // Nothing is handed out to who has hung up: it could not be handed out again.
  if (signal.aborted) return noContent()
  const first = await collector.collect(claimant)
  const until = clock() + waitSeconds * SECOND
  // Who may not collect takes nobody's place.
  const waiting = first.status === 'pending' ? waiter.wait(id, waitSeconds * SECOND, signal) : null
  if (waiting === null) return enter(visit, first)
  try {
    for (;;) {
      // Begun before it is looked at again: what happened in between is not missed.
      if (signal.aborted) return noContent()
      const answer = await collector.collect(claimant)
      if (answer.status === 'authorized') return enter(visit, answer)
      const why = clock() < until ? await waiting.changed() : 'over'
      if (why !== 'look') return enter(visit, answer, why === 'over' ? 0 : ASK_AGAIN_SECONDS)
    }
  } finally {
    waiting.end()
  }
}

async function withdraw(visit: Visit, read: () => ClaimRequest): Promise<Response> {
  const body = read()
  visit.tell(await visit.parts.limiter.count('change', visit.facts))
  const { claimant } = await claimantOf(visit, body)
  await visit.parts.collector.withdraw(claimant)
  return noContent({ 'set-cookie': clearCookie(claimCookieName(visit.cookie)) })
}

/** Who comes with a claim: its key, proven, or the cookie that stands for one. */
async function claimantOf(
  { parts, facts, credentials, cookie }: Visit,
  { claim: text, nonce }: { claim: string; nonce?: string },
): Promise<{ id: ApprovalId; claimant: Claimant }> {
  const { id, thumbprint } = await unlessUnknown(parts, facts, parts.collector.claimedBy(text))
  const base = { claim: text, nonce: nonce ?? null, address: facts.address }
  if (thumbprint === null) {
    const own = readCookie(facts.request.headers.get('cookie'), claimCookieName(cookie))
    return { id, claimant: { ...base, by: { cookie: own } } }
  }
  if (credentials.proof === null) throw new PairError('proof_required')
  await parts.proofs.prove(credentials.proof, { ...targetOf(facts), thumbprint })
  return { id, claimant: { ...base, by: { thumbprint } } }
}

function targetOf({ method, externalUrl }: RequestFacts): ProofTarget {
  return { method, url: externalUrl, ath: null, bodyHash: null, thumbprint: null }
}

function enter(
  visit: Visit,
  answer: Authorized | PendingAnswer,
  retryAfter = ASK_AGAIN_SECONDS,
): Response {
  const name = claimCookieName(visit.cookie)
  if (answer.status === 'pending') {
    const { cookie } = answer
    const now = visit.parts.clock()
    const headers: Record<string, string> =
      cookie === null ? {} : { 'set-cookie': setCookie(name, cookie.text, cookie.expiresAt, now) }
    return json(toPending(answer, retryAfter), headers, 202)
  }
  const response = authorize(visit, answer)
  if (visit.facts.request.headers.get('cookie')?.includes(`${name}=`))
    response.headers.append('set-cookie', clearCookie(name))
  return response
}
