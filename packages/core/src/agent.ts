import { createAgentKeyRecords } from './agent/agent-key-records.ts'
import { createAgentKeysService } from './agent/agent-keys-service.ts'
import { checkAgentOptions, type AgentOptions } from './agent/agent-options.ts'
import { createAgentRetentionService } from './agent/agent-retention-service.ts'
import { createAgentVerifyService, type KnownAgent } from './agent/agent-verify-service.ts'
import { createSharedKeyService } from './agent/shared-key-service.ts'
import { createSupportService } from './agent/support-service.ts'
import type { Extension, House, Opened } from './extension.ts'
import { agentRoutes } from './http/agent-routes.ts'
import { invalid } from './invalid-option.ts'
import { createFreshCache } from './storage/fresh-cache.ts'

export type { AgentKeyView } from './agent/agent-key.ts'
export type {
  AgentKeyChanges,
  AgentKeysService,
  IssuedAgentKey,
  IssuedSupportCode,
  SupportCodes,
} from './agent/agent-keys.ts'
export type { AgentOptions } from './agent/agent-options.ts'
export type { IssueAgentKey, IssueSupportCode, RotateAgentKey } from './agent/agent-request.ts'
export type { SharedKeyUse } from './agent/shared-key.ts'
export type {
  AgentKeyRequest,
  AgentKeyWire,
  BindRequest,
  IssuedAgentKeyAnswer,
  RotateAgentKeyRequest,
  SupportCodeAnswer,
  SupportCodeRequest,
} from './http/agent-wire.ts'

/** How many verified keys are remembered. */
const VERIFIED = 10_000

/**
 * Lets agents in by keys of their own: `pair.agentKeys`, the routes below `/agent-keys`, and guards with `who: 'agent'`.
 *
 * @throws PairError `config_invalid` from `createPair`, which names the option and the mend
 * @example
 * ```ts
 * import { createPair, memoryStore } from '@pair/core'
 * import { agent } from '@pair/core/agent'
 * const secret = crypto.getRandomValues(new Uint8Array(32))
 * const pair = createPair({ secret, store: memoryStore(), scopes: ['jobs:run'], extensions: [agent()] })
 * const { key } = await pair.agentKeys.issue({ agent: 'runner-1', scopes: ['jobs:run'] })
 * ```
 */
export function agent<const S extends string = string>(options: AgentOptions<S> = {}): Extension {
  return {
    name: 'agent',
    open({ ports: all }: House): Opened {
      const outcome = checkAgentOptions(options, all.settings.scopes)
      if (!outcome.ok) throw invalid(outcome.option, outcome.must, outcome.mend)
      const { prefix, shared } = outcome.settings
      const ports = {
        ...all,
        agentKeys: createAgentKeyRecords(all.space, all.records),
        prefix,
        shared,
      }
      const sharing = createSharedKeyService(ports)
      const support = createSupportService(ports)
      const keys = {
        ...createAgentKeysService(ports),
        ...support,
        sharedKeyUse: sharing.sharedKeyUse,
      }
      const cache = createFreshCache<KnownAgent>(all.space.feed, VERIFIED)
      const verifier = createAgentVerifyService({ ...ports, cache, cameShared: sharing.came })
      const { supportCode } = support
      return {
        routes: agentRoutes(keys),
        agents: { verifier, keys: { ...keys, supportCode } },
        tidy: createAgentRetentionService(ports).letGo,
      }
    },
  }
}
