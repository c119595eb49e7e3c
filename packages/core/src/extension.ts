import type { AgentKeysService } from './agent/agent-keys.ts'
import type { AgentVerifier } from './agent/agent.ts'
import type { AllPorts } from './create-ports.ts'
import type { HttpParts, Route } from './http/route.ts'

/** A part of @pair that not everyone needs: `agent()`, `oauth()`, `openapi()`, `relay()` of the entries by these names. */
export interface Extension {
  readonly name: 'agent' | 'oauth' | 'openapi' | 'relay'
  /** Called once, by `createPair`. */
  readonly open: (house: never) => object
}

/** What an extension is built on. */
export interface House {
  ports: AllPorts
  parts: HttpParts
  /** All routes of the instance, once every extension is open. */
  routes: () => readonly Route[]
}

/** What an extension adds. */
export interface Opened {
  /** Below the base path; a path that begins with a slash is a whole one. */
  routes?: readonly Route[]
  agents?: { verifier: AgentVerifier; keys: AgentKeysService }
  /** Called by each sweep, before anything is forgotten. */
  tidy?(): Promise<void>
}
