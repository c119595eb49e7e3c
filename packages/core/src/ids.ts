import { toBase64Url } from './encoding/base64url.ts'
import type { RandomSource } from './ports/runtime.ts'

export type CodeId = `cod_${string}`
export type DeviceId = `dev_${string}`
export type GrantId = `gra_${string}`
export type SessionId = `ses_${string}`
export type EpochId = `epo_${string}`
export type ApprovalId = `apr_${string}`
export type AgentKeyId = `agk_${string}`
export type KeyId = `key_${string}`

type Prefix = 'cod' | 'dev' | 'gra' | 'ses' | 'epo' | 'apr' | 'key' | 'agk'

const ID = /^(?:cod|dev|gra|ses|epo|apr|key|agk)_[A-Za-z0-9_-]{22}$/

/** A fresh id: the prefix and 128 random bits. */
export function newId<P extends Prefix>(prefix: P, random: RandomSource): `${P}_${string}` {
  return `${prefix}_${toBase64Url(random(16))}`
}

/** Is this text shaped like an id with that prefix? Says nothing of whether it exists. */
export function isId<P extends Prefix>(prefix: P, text: string): text is `${P}_${string}` {
  return text.startsWith(`${prefix}_`) && ID.test(text)
}

const AGENT_NAME = /^[A-Za-z0-9._-]{1,64}$/

/** Is this the name of an agent: 1 to 64 of `A-Z a-z 0-9 . _ -`? */
export function isAgentName(value: unknown): value is string {
  return typeof value === 'string' && AGENT_NAME.test(value)
}

/** The RFC 7638 SHA-256 thumbprint of a proof key: base64url, 43 characters. */
export type Thumbprint = string

const THUMBPRINT = /^[A-Za-z0-9_-]{43}$/

export function isThumbprint(text: unknown): text is Thumbprint {
  return typeof text === 'string' && THUMBPRINT.test(text)
}
