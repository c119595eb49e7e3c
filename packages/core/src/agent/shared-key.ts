import { equalText } from '../encoding/bytes.ts'
import type { Millis } from '../time.ts'
import type { SharedUse } from './agent-key.ts'

/** One key for many agents, which is on its way out. */
export interface SharedKey {
  key: string
  /** When it ends. */
  until: Millis
  scopes: string[]
}

/** How many who came with the shared key are listed. */
export const MOST_SHARED = 200

/** Who came with the shared key. */
export interface SharedKeyUse {
  /** Those who came by their own names, the first first. At most 200 are told apart. */
  agents: { agent: string; firstAt: Millis; lastAt: Millis }[]
  /** No more are listed; there may be others. */
  isFull: boolean
  /** When the shared key ends, or did. */
  until: Millis
}

export function isSharedKey(shared: SharedKey | null, text: string): shared is SharedKey {
  return shared !== null && equalText(shared.key, text)
}

/** The list with that agent in it; `null`: there is no room for one more. */
export function withUse(use: SharedUse | null, agent: string, now: Millis): SharedUse | null {
  const agents = use?.agents ?? []
  const known = agents.find((each) => each.agent === agent)
  if (known) {
    const lastAt = Math.max(now, known.lastAt)
    return { agents: agents.map((each) => (each === known ? { ...known, lastAt } : each)) }
  }
  if (agents.length >= MOST_SHARED) return null
  return { agents: [...agents, { agent, firstAt: now, lastAt: now }] }
}
