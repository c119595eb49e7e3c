import type { AgentKeyId } from '../ids.ts'
import type { ServicePorts } from '../service-ports.ts'
import { checkOf, keep } from '../storage/space.ts'
import type { AgentMeans } from './agent-key-records.ts'
import { keepKeyUntil } from './agent-key.ts'

export interface AgentRetentionService {
  /** Gives keys that never stand again, and have no end of their own, one: what has an end is forgotten some time behind it. */
  letGo(): Promise<void>
}

export function createAgentRetentionService({
  space,
  agentKeys,
  clock,
}: ServicePorts & AgentMeans): AgentRetentionService {
  return {
    async letGo() {
      let after: AgentKeyId | null = null
      do {
        const page = await agentKeys.list(after, 100)
        for (const { slot } of page.groups) {
          if (slot.record.expiresAt !== null) continue
          const now = clock()
          const standpoint = await agentKeys.standpoint(slot.record.id)
          const { slot: found, marker, checks } = standpoint
          if (found.record === null || !standpoint.isOver(now)) continue
          const ended = { ...found.record, expiresAt: now }
          const until = keepKeyUntil(ended) ?? now
          const lookup = await agentKeys.lookup(ended.hash)
          // Lost: somebody changed it, and the next sweep looks again.
          await space.commit({
            checks: [...checks, checkOf(lookup)],
            writes: [
              agentKeys.put(ended),
              ...[lookup, marker].flatMap((each) => (each.record ? [keep(each, until)] : [])),
            ],
            journal: [],
          })
        }
        after = page.next as AgentKeyId | null
      } while (after !== null)
    },
  }
}
