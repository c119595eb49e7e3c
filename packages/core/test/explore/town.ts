import type { CodeTry } from '../../src/bootstrap/try-service.ts'
import { parseCode } from '../../src/bootstrap/typed-code.ts'
import type { Attempt } from '../../src/limit/attempt-records.ts'
import type { AdmissionMode } from '../../src/admission/admission.ts'
import type { Actor as By } from '../../src/audit/event.ts'
import type { ApprovalId } from '../../src/ids.ts'
import type { Arrival } from '../../src/session/pairing.ts'
import { thumbprintOf, type Services } from './instance.ts'
import type { Hands } from './live-actor.ts'

/** Somebody with a session, as whom he acts. */
export type Resident = Extract<By, { kind: 'session' }>

/** Who and what is there when a scenario begins. */
export interface Town {
  /** Two people who may do all, each from a device of his own. */
  anna: Resident
  otto: Resident
  /** A guest whose session is renewed by its key, and one whose is renewed by a secret. */
  guest: Resident
  bearer: Resident & { refreshToken: string }
  /** A code for one, and one that Anna issued. */
  code: Code
  annas: Code
  /** Carol's request, where she has asked. */
  request: ApprovalId | null
  claim: string
  /** When that request ends by itself. */
  endsAt: number
  /** Her device, where she is in. */
  carolsDevice: string | null
  /** The code that her device shows, where it asked by the device grant. */
  shown: string | null
  /** Where there are agents: a support code for any, one of Anna's for one, a key of the operator's and one of Anna's. */
  agents: Agents | null
}

export interface Agents {
  support: Code
  annas: Code
  key: string
  annasKey: string
}

export interface Code {
  id: string
  typed: string
  expiresAt: number
}

export const ORIGIN = 'http://localhost'
export const CLIENT = 'notes-cli'

/** Somebody at the door with a key of that name. */
export function arrival(name: string, more: Partial<Arrival['newcomer']> = {}): Arrival {
  return {
    newcomer: {
      label: name,
      kind: 'browser',
      thumbprint: thumbprintOf(name),
      origin: null,
      transport: 'dpop',
      ...more,
    },
    scopes: null,
    nonce: null,
    address: null,
    network: 'home',
    folded: false,
  }
}

/** A code as it is handed in. That it is counted is no part of what holds here: nothing is asked of the store for it. */
export function countedTry(typed: string): CodeTry {
  const code = parseCode(typed)
  if (code.form === 'none') throw new Error('not a code')
  const standing = { name: 'redeem', max: 1, windowMs: 1_000, remaining: 0, resetAt: 1_000 }
  return { attempt: { standing, of: 'typed', place: null } as Attempt, code }
}

/** How far Carol's request is. */
export const STAGES = ['none', 'pending', 'approved', 'rejected', 'collected'] as const
export type Stage = (typeof STAGES)[number]

export interface TownPlan {
  mode: AdmissionMode
  stage: Stage
  /** How many more codes Anna has that nobody used. Default none. */
  codes?: number
  /** How often the code may be redeemed. Default once. */
  uses?: number
  /** Which code Carol comes with, where one is needed. Default the operator's. */
  holding?: 'code' | 'annas'
  /** Who else waits, of the same network. */
  waiting?: readonly string[]
  /** Whether there are agents. */
  agents?: boolean
  /** Whether Carol asks by the device grant. */
  device?: boolean
  /** What is special here, for the names of scenes. */
  note?: string
}

/** Builds a town by the services themselves, one call after the other. */
export async function buildTown({ services }: Hands, plan: TownPlan): Promise<Town> {
  const { mode, codes: more = 0 } = plan
  const { codes, admission } = services
  const issue = async (by?: By, uses = 1): Promise<Code> => {
    const { code, typed } = await codes.issue({ origin: ORIGIN, uses }, by)
    return { id: code.id, typed, expiresAt: code.expiresAt }
  }
  const all = ['access:read', 'access:write', 'notes:read', 'notes:write']
  const anna = await letIn(services, arrival('anna'), all)
  const otto = await letIn(services, arrival('otto'), all)
  const guest = await letIn(services, arrival('guest'), ['notes:read', 'notes:write'])
  const lone = arrival('bearer', { thumbprint: null, transport: 'bearer' })
  const bearer = await letIn(services, lone, ['notes:read', 'notes:write'])
  const code = await issue(undefined, plan.uses)
  const annas = await issue(anna)
  for (let count = 0; count < more; count++) await issue(anna)
  const agents = plan.agents ? await settleAgents(services, anna) : null
  if (mode !== 'code') await admission.set(mode)
  for (const name of plan.waiting ?? []) await services.requester.request(arrival(name))
  const carol = await askedBy(services, plan.holding === 'annas' ? annas : code, plan, anna)
  return { anna, otto, guest, bearer, code, annas, agents, ...carol }
}

async function letIn(
  { codes, redeemer }: Services,
  who: Arrival,
  scopes: string[],
): Promise<Resident & { refreshToken: string }> {
  const { typed } = await codes.issue({ origin: ORIGIN, scopes })
  const answer = await redeemer.redeem(who, countedTry(typed))
  if (answer.status !== 'authorized') throw new Error('a resident was not let in')
  const { session, refreshToken } = answer
  return {
    kind: 'session',
    sessionId: session.id,
    deviceId: session.device.id,
    refreshToken: refreshToken ?? '',
  }
}

async function settleAgents({ support, agentKeys }: Services, anna: Resident): Promise<Agents> {
  const scopes = ['notes:read', 'notes:write']
  const codeOf = async (by?: By, agent?: string): Promise<Code> => {
    const wish = { scopes, ...(agent === undefined ? {} : { agent }) }
    const { code, typed } = await support.supportCode(wish, by)
    return { id: code.id, typed, expiresAt: code.expiresAt }
  }
  const keyOf = async (agent: string, by?: By): Promise<string> =>
    (await agentKeys.issue({ agent, scopes }, by)).agentKey.id
  return {
    support: await codeOf(),
    annas: await codeOf(anna, 'robot'),
    key: await keyOf('worker'),
    annasKey: await keyOf('helper', anna),
  }
}

/** Carol's device asks by the device grant, and shows a code. */
export async function askByDevice(
  { requester, deviceGrants }: Services,
  who: Arrival,
): Promise<{ answer: Awaited<ReturnType<Services['requester']['request']>>; shown: string }> {
  const { text, digest } = await deviceGrants.drawUserCode()
  const arrival = { ...who, deviceGrant: { clientId: CLIENT, userCode: digest } }
  return { answer: await requester.request(arrival), shown: text }
}

async function askedBy(
  all: Services,
  code: Code,
  { mode, stage, device }: TownPlan,
  by: Resident,
): Promise<Pick<Town, 'request' | 'claim' | 'endsAt' | 'carolsDevice' | 'shown'>> {
  const { redeemer, requester, decider, approvals, collector } = all
  if (stage === 'none')
    return { request: null, claim: '', endsAt: code.expiresAt, carolsDevice: null, shown: null }
  const who = arrival('carol')
  const byDevice = device ? await askByDevice(all, who) : null
  const shown = byDevice?.shown ?? null
  const answer =
    mode === 'approval'
      ? (byDevice?.answer ?? (await requester.request(who)))
      : await redeemer.redeem(who, countedTry(code.typed))
  if (answer.status !== 'pending') throw new Error('Carol does not wait')
  const { id } = answer.approval
  const asked = {
    request: id,
    claim: answer.claim,
    endsAt: answer.approval.expiresAt,
    carolsDevice: null,
    shown,
  }
  if (stage === 'pending') return asked
  const item = (await approvals.list()).items.find((each) => each.id === id)!
  const { digest } = item
  if (stage === 'rejected') {
    await decider.reject(id, { digest }, by)
    return asked
  }
  const typed = shown === null ? {} : { userCode: shown }
  const { expiresAt } = await decider.approve(id, { digest, ...typed }, by)
  const endsAt = expiresAt ?? asked.endsAt
  if (stage === 'approved') return { ...asked, endsAt }
  const collected = await collector.collect({
    claim: answer.claim,
    by: { thumbprint: thumbprintOf('carol') },
    nonce: null,
    address: null,
  })
  if (collected.status !== 'authorized') throw new Error('Carol was not let in')
  return { ...asked, endsAt, carolsDevice: collected.session.device.id }
}
