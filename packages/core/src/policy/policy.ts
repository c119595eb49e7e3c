import type { Actor } from '../audit/event.ts'
import type { DeviceKind } from '../device/device.ts'
import type { Grant } from '../grant/grant.ts'
import type { ApprovalId, CodeId, DeviceId, SessionId, Thumbprint } from '../ids.ts'
import type { ResourceAccess } from '../resource/resource.ts'
import type { Newcomer } from '../session/pairing.ts'
import type { Session, Transport } from '../session/session.ts'
import type { Millis } from '../time.ts'

/** A code that is about to be made. */
export interface CodeFacts {
  by: Actor
  label: string | null
  scopes: readonly string[]
  subject: string
  /** `null`: any number until it expires. */
  uses: number | null
  expiresAt: Millis
}

/**
 * Somebody who is about to come in, or to ask for it. By `code`: with a code, or answered again; `request`: asks to be let in by a
 * person; `device-grant`: the same by the device grant; `claim`: collects what a person approved; `owner`: claims the server;
 * `return`: a device that a person let in before.
 */
export interface NewcomerFacts {
  way: 'code' | 'request' | 'device-grant' | 'claim' | 'owner' | 'return'
  label: string
  kind: DeviceKind
  /** That of its key, which is proven; `null`: it has none. */
  thumbprint: Thumbprint | null
  origin: string | null
  transport: Transport
  address: string | null
  subject: string
  /** What it would get. */
  scopes: readonly string[]
  codeId: CodeId | null
  approvalId: ApprovalId | null
}

/** A request that is about to be decided. */
export interface DecisionFacts {
  by: Actor
  verdict: 'approve' | 'reject'
  approvalId: ApprovalId
  digest: string
  label: string
  kind: DeviceKind
  thumbprint: Thumbprint | null
  address: string | null
  /** What is given; of a rejection what was asked for. */
  scopes: readonly string[]
}

/** A ticket, a resource token or the key of an agent that is about to be made. */
export interface MintFacts {
  what: 'ticket' | 'resource-token' | 'agent-key'
  /** The session that it is for, or that issues it; `null`: the operator issues it. */
  sessionId: SessionId | null
  deviceId: DeviceId | null
  scopes: readonly string[]
  /** The one that it is for; `null`: for none. */
  resource: string | null
  mode: string | null
  /** The identity that the key is for; `null`: it is no key of an agent. */
  agent: string | null
}

/** A session that is about to get a fresh credential. */
export interface RenewalFacts {
  sessionId: SessionId
  deviceId: DeviceId
  label: string
  thumbprint: Thumbprint | null
  address: string | null
  subject: string
  scopes: readonly string[]
}

/** What each hook is told. */
export interface PolicyFacts {
  issue: CodeFacts
  admit: NewcomerFacts
  decide: DecisionFacts
  mint: MintFacts
  renew: RenewalFacts
}

/** Nothing: it may go on. A sentence: it may not, and that is why; the operator alone reads it. */
export type PolicyAnswer = string | void | Promise<string | void>

/**
 * What the app has to say before something is given, all else being right. Each hook is told what is about to happen, frozen and
 * without secrets. It answers nothing to go on, or a sentence for the operator to refuse; whoever asked hears `policy_refused`.
 * One that throws, takes over two seconds or answers anything else refuses too. What is refused is not used up.
 *
 * A hook is asked before the commit that makes true what it was told, and again where that commit was lost to a rival: it may be
 * asked more than once for one thing, so it only looks. Nothing is asked before something is taken away.
 */
export interface Policy {
  /** Before a code is issued. */
  issue?(facts: Readonly<CodeFacts>): PolicyAnswer
  /** Before somebody comes in, or begins to wait for it. */
  admit?(facts: Readonly<NewcomerFacts>): PolicyAnswer
  /** Before a request is approved or rejected. */
  decide?(facts: Readonly<DecisionFacts>): PolicyAnswer
  /** Before a ticket, a resource token or the key of an agent is made. */
  mint?(facts: Readonly<MintFacts>): PolicyAnswer
  /** Before a session is renewed. */
  renew?(facts: Readonly<RenewalFacts>): PolicyAnswer
}

/** Asks the hook of that name, where there is one. @throws PairError `policy_refused` */
export type AskPolicy = <N extends keyof Policy>(hook: N, facts: PolicyFacts[N]) => Promise<void>

/** What is told of somebody at the door: none of what he carries. */
export function newcomerFacts(
  way: NewcomerFacts['way'],
  { label, kind, thumbprint, origin, transport }: Newcomer,
  told: Pick<NewcomerFacts, 'address' | 'subject' | 'scopes' | 'codeId' | 'approvalId'>,
): NewcomerFacts {
  const { address, subject, scopes, codeId, approvalId } = told
  const who = { label, kind, thumbprint, origin, transport }
  return { way, ...who, address, subject, scopes, codeId, approvalId }
}

/** What is told of a ticket or a resource token for that session. */
export function mintFacts(
  what: 'ticket' | 'resource-token',
  { session, grant }: { session: Session; grant: Grant },
  resource: ResourceAccess | null,
): MintFacts {
  return {
    what,
    sessionId: session.id,
    deviceId: session.deviceId,
    scopes: grant.scopes,
    resource: resource?.name ?? null,
    mode: resource?.mode ?? null,
    agent: null,
  }
}

/** All hooks that there are. */
export const POLICY_HOOKS: readonly (keyof Policy)[] = ['issue', 'admit', 'decide', 'mint', 'renew']
