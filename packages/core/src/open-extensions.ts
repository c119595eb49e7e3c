import type { AgentKeysService } from './agent/agent-keys.ts'
import type { AgentVerifier } from './agent/agent.ts'
import { PairError } from './errors.ts'
import { ROUTES } from './http/handler.ts'
import type { Extension, House, Opened } from './extension.ts'
import type { Route } from './http/route.ts'
import { invalid } from './invalid-option.ts'

/** All that the extensions of one instance add. */
interface Added {
  /** All of the instance, also those that are always there. */
  routes: readonly Route[]
  agents: AgentVerifier | null
  agentKeys: AgentKeysService
  tidy(): Promise<void>
}

/** @throws PairError `config_invalid` for what is no extension, or is there twice */
export function openExtensions(
  extensions: readonly Extension[] = [],
  house: Omit<House, 'routes'>,
): Added {
  if (!Array.isArray(extensions) || !extensions.every(isExtension))
    throw invalid('extensions', 'be a list of extensions', 'extensions: [agent()]')
  if (new Set(extensions.map(({ name }) => name)).size !== extensions.length)
    throw invalid('extensions', 'name each extension once', 'extensions: [agent(), oauth()]')
  const routes: Route[] = [...ROUTES]
  const opened = extensions.map(
    ({ open }) => open({ ...house, routes: () => routes } satisfies House as never) as Opened,
  )
  routes.push(...opened.flatMap((one) => one.routes ?? []))
  const agents = opened.find((one) => one.agents)?.agents
  return {
    routes,
    agents: agents?.verifier ?? null,
    agentKeys: agents?.keys ?? withoutAgents(),
    async tidy() {
      for (const one of opened) await one.tidy?.()
    },
  }
}

function isExtension(value: unknown): value is Extension {
  return (
    typeof value === 'object' &&
    value !== null &&
    'name' in value &&
    'open' in value &&
    typeof value.open === 'function'
  )
}

/** Stands where the service would: each call says what is missing. */
function withoutAgents(): AgentKeysService {
  const refuse = async (): Promise<never> => {
    throw new PairError('config_invalid', {
      message: '`pair.agentKeys` needs an extension.',
      hint: 'Add `agent()` of `@pair/core/agent` to `extensions`.',
    })
  }
  return {
    issue: refuse,
    list: refuse,
    rotate: refuse,
    revoke: refuse,
    supportCode: refuse,
    sharedKeyUse: refuse,
  }
}
