import type { EventDetail } from '../audit/event.ts'
import type { Wish } from '../approval/approval.ts'
import type { Code } from '../bootstrap/code.ts'
import type { CodeId, EpochId, Thumbprint } from '../ids.ts'
import type { SessionLife } from '../session/session.ts'
import { MINUTE, SECOND, toRfc3339, type Millis } from '../time.ts'
import type { MintRequest } from './mint-request.ts'
import type { Relay } from './relay-options.ts'

/** A mint request that holds, with what is given for it. */
export interface Relayed {
  request: MintRequest
  relay: Relay
  /** Of the client's key, proven. */
  thumbprint: Thumbprint
  scopes: string[]
  epoch: EpochId
  life: SessionLife
  now: Millis
}

/** How long a code lives that a relay carries. */
export const RELAYED_CODE_MS: Millis = 5 * MINUTE

/** The code that this key alone redeems, once: who carries it has nothing by it. */
export function relayedCode({ request, relay, ...given }: Relayed, id: CodeId): Code {
  const { thumbprint, scopes, epoch, life, now } = given
  return {
    id,
    label: Array.from(`${relay.id}: ${request.device.label}`).slice(0, 80).join(''),
    scopes,
    subject: 'owner',
    data: null,
    uses: 1,
    used: 0,
    holds: [],
    boundThumbprint: thumbprint,
    issuer: null,
    epoch,
    createdAt: now,
    expiresAt: now + RELAYED_CODE_MS,
    life,
    state: 'open',
  }
}

/** What this key asks a person for. Where it is nobody knows here: in the place of a page's origin stands the relay. */
export function relayedWish(
  { request, relay, thumbprint, scopes, life }: Relayed,
  address: string | null,
): Wish {
  const { device, transport = 'dpop' } = request
  return {
    label: device.label,
    kind: device.kind,
    thumbprint,
    origin: `relay:${relay.id}`,
    address,
    transport,
    subject: 'owner',
    scopes,
    data: null,
    life,
    codeId: null,
  }
}

/** As the journal tells it. */
export function relayedDetail({ request, relay, thumbprint, scopes }: Relayed): EventDetail {
  const requestedAt = toRfc3339(request.requestedAt * SECOND)
  return { relay: relay.id, thumbprint, label: request.device.label, scopes, requestedAt }
}
