import type { Actor } from '../audit/event.ts'
import type { CodeView } from '../bootstrap/code.ts'
import type { AgentKeyView } from './agent-key.ts'
import type { IssueAgentKey, IssueSupportCode, RotateAgentKey } from './agent-request.ts'
import type { SharedKeyUse } from './shared-key.ts'

/** A fresh key with its secret, which is handed out this once. */
export interface IssuedAgentKey<S extends string = string> {
  agentKey: AgentKeyView<S>
  /** `<prefix>_…`: what the agent sends as `Authorization: Bearer`. */
  key: string
}

export interface AgentKeyChanges<S extends string = string> {
  /**
   * Makes a key for an agent. A session gives none of the scopes that it has not, and the key ends with it.
   *
   * @throws PairError `invalid_request`, `insufficient_scope`, `clock_skew`, `store_unavailable`
   */
  issue(request: IssueAgentKey<S>, by?: Actor): Promise<IssuedAgentKey<S>>
  /** Keys that stand now, in the order of their ids. */
  list(page?: {
    after?: string
    limit?: number
  }): Promise<{ items: AgentKeyView<S>[]; next: string | null }>
  /**
   * Makes a new key for the agent of this one, which lives on for the overlap. A key has one heir.
   *
   * @throws PairError `not_found`, `agent_key_rotated`, `invalid_request`, `insufficient_scope`
   */
  rotate(id: string, request?: RotateAgentKey, by?: Actor): Promise<IssuedAgentKey<S>>
  /** Ends one at once; its sockets too. @throws PairError `not_found` where it doesn't stand any more */
  revoke(id: string, by?: Actor): Promise<void>
}

/** A fresh support code with its secret, which is handed out this once. */
export interface IssuedSupportCode {
  code: CodeView
  /** `XXX-XXX-XXX`; longer where the risk budget asks for it. */
  typed: string
}

export interface SupportCodes<S extends string = string> {
  /**
   * Makes a typed code by which one agent gets its first key. It is used once, and lives under the caps of all codes.
   *
   * @throws PairError `invalid_request`, `insufficient_scope`, `clock_skew`, `store_unavailable`
   */
  supportCode(request?: IssueSupportCode<S>, by?: Actor): Promise<IssuedSupportCode>
}

/** The keys of agents, in process. */
export interface AgentKeysService<S extends string = string>
  extends AgentKeyChanges<S>, SupportCodes<S> {
  /** Who comes with the deprecated shared key; `null`: there is none. @throws PairError `store_unavailable` */
  sharedKeyUse(): Promise<SharedKeyUse | null>
}
