import type { Logger } from '../ports/runtime.ts'
import type { ServicePorts } from '../service-ports.ts'
import { checkOf } from '../storage/space.ts'
import { HOUR, type Millis } from '../time.ts'
import type { AgentMeans } from './agent-key-records.ts'
import { MOST_SHARED, withUse, type SharedKey, type SharedKeyUse } from './shared-key.ts'

export interface SharedKeyService {
  /** Who comes with the shared key; `null`: there is none. @throws PairError `store_unavailable` */
  sharedKeyUse(): Promise<SharedKeyUse | null>
  /** Notes an agent that came with it, and warns: each once an hour. A store that fails here fails nothing else. */
  came(agent: string): void
}

/** How many rivals may win before an hour goes by without a note. */
const ROUNDS = 8

export function createSharedKeyService(
  ports: ServicePorts & AgentMeans & { shared: SharedKey | null; logger: Logger },
): SharedKeyService {
  const { space, agentKeys, clock, shared, logger } = ports
  /** Those beyond the list share one place. */
  const told = new Map<string, Millis>()

  async function note(agent: string, now: Millis): Promise<void> {
    for (let round = 0; round < ROUNDS; round++) {
      const slot = await agentKeys.sharedUse()
      const use = withUse(slot.record, agent, now)
      if (use === null) return
      const writes = [agentKeys.putSharedUse(use)]
      if (await space.commit({ checks: [checkOf(slot)], writes, journal: [] })) return
    }
  }

  return {
    async sharedKeyUse() {
      if (shared === null) return null
      const { record } = await agentKeys.sharedUse()
      const agents = record?.agents ?? []
      return { agents, isFull: agents.length >= MOST_SHARED, until: shared.until }
    },

    came(agent) {
      const now = clock()
      const name = told.has(agent) || told.size < MOST_SHARED ? agent : ''
      if (Math.abs(now - (told.get(name) ?? -Infinity)) < HOUR) return
      told.set(name, now)
      const until = shared?.until ?? null
      logger.warn('an agent came with the shared key, which is deprecated', { agent, until })
      note(agent, now).catch(() => told.delete(name))
    },
  }
}
