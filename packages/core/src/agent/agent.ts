import type { AgentKeyId } from '../ids.ts'
import type { NoStanding } from '../session/standing.ts'
import type { Millis } from '../time.ts'

/** An agent that brought a live credential. */
export interface Agent<S extends string = string> {
  /** The identity that its key is bound to. */
  id: string
  /** `null`: it came with the shared key. */
  keyId: AgentKeyId | null
  /** What its key gives; never `access:*`. */
  scopes: readonly S[]
}

export type VerifiedAgent =
  /** `expiresAt`: `Infinity` where it has no end of its own. */
  | { ok: true; agent: Agent; expiresAt: Millis }
  /** `detail` is the operator's to know. `isGuess`: a well-formed key that leads nowhere. */
  | { ok: false; reason: NoStanding; detail: string; isGuess: boolean }

/** Whether an agent that was let in stands now. */
export type AgentStanding =
  /** `ids`: what that hangs on. A change of one of these is a reason to ask again. */
  | { ok: true; agent: Agent; expiresAt: Millis; ids: readonly string[] }
  | { ok: false; reason: NoStanding }

/** Who knows the credentials of agents. */
export interface AgentVerifier {
  /** Is this text shaped like one? Then it is none of anybody else's. */
  knows(text: string): boolean
  /**
   * `named`: the identity that the request names itself, for a key that is of many; `null`: none. Every refusal is `invalid`:
   * who brings a key that does not count learns no more.
   *
   * @throws PairError `agent_mismatch` where the request names another agent than its key is of; `store_unavailable`
   */
  verify(text: string, named: string | null): Promise<VerifiedAgent>
  /** @throws PairError `store_unavailable` */
  standing(agent: Agent): Promise<AgentStanding>
  /** It was seen. Written once a minute at most; a store that fails here fails nothing else. */
  seen(agent: Agent): void
}
