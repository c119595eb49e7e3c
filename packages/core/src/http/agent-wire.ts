import type { CodeWire } from './wire.ts'

/** `POST /agent-keys` */
export interface AgentKeyRequest {
  /** Whose key it is: 1 to 64 of `A-Z a-z 0-9 . _ -`. */
  agent: string
  /** At most 80 characters. */
  label?: string
  /** App scopes, none above those of who asks. Default: none. */
  scopes?: string[]
  /** RFC 3339. Default: it has no end of its own. */
  expiresAt?: string
}

/** `POST /agent-keys/:id/rotate` */
export interface RotateAgentKeyRequest {
  /** How long the old key is taken beside the new one: 0 to 2,592,000. Default a day. */
  overlapSeconds?: number
  /** RFC 3339. Default: it lives as long as the old one was to. */
  expiresAt?: string
}

/** `POST /agent-keys/codes` */
export interface SupportCodeRequest {
  /** The one agent that may come by it. Default: any that has no key. */
  agent?: string
  label?: string
  /** App scopes of the key, none above those of who asks. Default: none. */
  scopes?: string[]
  /** 30 to 3,600. Default 600. */
  expiresInSeconds?: number
  /** How long the key lives. Default: until it is revoked. */
  keySeconds?: number
}

/** `POST /agent-keys/bind` */
export interface BindRequest {
  /** A support code, in any spelling. */
  code: string
  /** The name that the key is bound to. */
  agent: string
}

export interface AgentKeyWire {
  id: string
  agent: string
  label: string | null
  scopes: string[]
  /** Who issued it, and ends it by his own end; `null`: the operator. */
  issuedBy: { sessionId: string; deviceId: string } | null
  /** The key that it took the place of. */
  predecessor: string | null
  /** The key that takes its place. */
  successor: string | null
  createdAt: string
  /** `null`: it has no end of its own. */
  expiresAt: string | null
  /** To the minute; `null`: never. */
  lastUsedAt: string | null
}

/** The one answer that holds the key. */
export interface IssuedAgentKeyAnswer {
  agentKey: AgentKeyWire
  /** What the agent sends as `Authorization: Bearer`. */
  key: string
}

/** The one answer that holds the code. */
export interface SupportCodeAnswer {
  code: CodeWire
  /** `XXX-XXX-XXX` */
  typed: string
}
