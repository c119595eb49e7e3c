import { SERVER } from '../audit/event.ts'
import type { CodeId } from '../ids.ts'
import type { ServicePorts } from '../service-ports.ts'
import { checkOf } from '../storage/space.ts'

export interface ExpiryService {
  /** Tells the journal of codes that ran out unused. Answers how many. */
  announceExpired(): Promise<number>
}

export function createExpiryService({ space, records, clock }: ServicePorts): ExpiryService {
  return {
    async announceExpired() {
      let told = 0
      let after: CodeId | null = null
      const epoch = await records.epochs.read()
      do {
        const page = await records.codes.list(after, 100)
        for (const { slot, revoked } of page.groups) {
          const code = slot.record
          const now = clock()
          // What was ended before was told then.
          if (revoked || code.epoch !== epoch.id || code.state !== 'open' || now < code.expiresAt)
            continue
          // Somebody who came with it waits to be let in: his time is another.
          if (code.holds.length > 0) {
            const { holds } = await records.codes.standpoint(code.id, now)
            if (holds.length > 0) continue
          }
          // Lost: somebody redeemed or ended it first, and that was told.
          const done = await space.commit({
            checks: [checkOf(slot)],
            writes: [records.codes.put({ ...code, state: 'expired' })],
            journal: [
              records.audit.append({
                type: 'code.expired',
                at: now,
                actor: SERVER,
                codeId: code.id,
              }),
            ],
          })
          if (done) told++
        }
        after = page.next as CodeId | null
      } while (after !== null)
      return told
    },
  }
}
