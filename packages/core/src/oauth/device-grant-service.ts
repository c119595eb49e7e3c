import { digestOf } from '../approval/approval-crypto.ts'
import { viewApproval, type ApprovalView } from '../approval/approval-view.ts'
import { userCodeDigest, userCodeDigests } from '../approval/user-code-crypto.ts'
import { drawTypedCode, parseCode } from '../bootstrap/typed-code.ts'
import { PairError } from '../errors.ts'
import type { ApprovalId, Thumbprint } from '../ids.ts'
import type { Attempt } from '../limit/attempt-records.ts'
import type { ServicePorts } from '../service-ports.ts'
import { decide } from '../storage/decide.ts'
import { checkOf } from '../storage/space.ts'
import { HOUR, type Millis } from '../time.ts'
import { parseNamedSecret } from '../token/secret.ts'
import type { DeviceCode } from './device-code.ts'
import { FIRST_INTERVAL_MS, judgePoll } from './polling.ts'
import type { PollingRecords } from './polling-records.ts'

export interface DeviceGrantService {
  /** A fresh user code as people read it, and the digest under which it is looked up. */
  drawUserCode(): Promise<{ text: string; digest: string }>
  /** The request that a device code of that client is of; `null`: none that is known. `thumbprint`: the key that asked. */
  requestOf(
    code: DeviceCode,
    clientId: string,
  ): Promise<{ id: ApprovalId; thumbprint: Thumbprint | null } | null>
  /** How long it has to wait between polls. Milliseconds. */
  intervalOf(id: ApprovalId): Promise<Millis>
  /** Notes a poll for a request that waits: did it come too soon? Then its interval is longer from now on. */
  poll(id: ApprovalId): Promise<{ isEarly: boolean }>
  /**
   * The request whose device shows that user code, while it can be decided.
   *
   * @throws PairError `code_invalid`: unknown, decided, over or replaced
   */
  find(attempt: Attempt, userCode: string): Promise<ApprovalView>
}

export function createDeviceGrantService(
  { space, records, clock, random, settings, ...ports }: ServicePorts,
  pollings: PollingRecords,
): DeviceGrantService {
  const { symbols } = settings.risk

  return {
    async drawUserCode() {
      const { codePepper } = await ports.keys()
      const text = drawTypedCode(random, symbols)
      return { text, digest: userCodeDigest(codePepper, text.replaceAll('-', '')) }
    },

    async requestOf({ claim, cookie }, clientId) {
      const parsed = parseNamedSecret(claim)
      if (parsed === null) return null
      const { record } = await records.approvals.read(parsed.id as ApprovalId)
      if (record === null || record.claimHash !== parsed.hash) return null
      // What was made otherwise is collected otherwise, and what is another client's by that one.
      if (record.deviceGrant?.clientId !== clientId) return null
      const { id, thumbprint } = record
      return (thumbprint === null) === (cookie !== null) ? { id, thumbprint } : null
    },

    async intervalOf(id) {
      // Its request waits already: a 503 would leave it to nobody. Who is told too little is told to slow down.
      const slot = await pollings.read(id).catch(() => null)
      return slot?.record?.intervalMs ?? FIRST_INTERVAL_MS
    },

    poll: (id) =>
      decide(space, async () => {
        const now = clock()
        const slot = await pollings.read(id)
        const { isEarly, polling } = judgePoll(slot.record, now)
        // Kept longer than any request waits to be decided.
        const purgeAt = now + settings.approval.pendingMs + HOUR
        return {
          answer: { isEarly },
          change: {
            checks: [checkOf(slot)],
            writes: [pollings.put(id, polling, purgeAt)],
            journal: [],
          },
        }
      }),

    async find(attempt, userCode) {
      const code = parseCode(userCode, symbols)
      if (code.form !== 'typed') throw new PairError('code_malformed')
      const { codePeppers, instance } = await ports.keys()
      const digests = userCodeDigests(codePeppers, code.secret)
      const id = await records.approvals.findTyped(attempt, digests)
      const { judged } = await records.standpoints.read(id, clock())
      if (judged.is !== 'pending') throw invalid(`the request of that user code is ${judged.is}`)
      const { approval } = judged
      // Asked again by the same key, it shows another one.
      if (!digests.includes(approval.deviceGrant?.userCode ?? ''))
        throw invalid('its request shows another user code by now')
      return viewApproval(approval, digestOf({ instance }, approval))
    },
  }
}

function invalid(reason: string): PairError {
  return new PairError('code_invalid', { reason })
}
