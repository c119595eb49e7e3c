import * as z from 'zod/mini'
import type { AgentKeysService, IssuedAgentKey } from '../agent/agent-keys.ts'
import type { AgentKeyView } from '../agent/agent-key.ts'
import type { BindService } from '../agent/support-service.ts'
import { PairError } from '../errors.ts'
import { parseRfc3339, SECOND, toRfc3339, type Millis } from '../time.ts'
import type {
  AgentKeyRequest,
  AgentKeyWire,
  BindRequest,
  IssuedAgentKeyAnswer,
  RotateAgentKeyRequest,
  SupportCodeAnswer,
  SupportCodeRequest,
} from './agent-wire.ts'
import {
  actorOf,
  json,
  noContent,
  pageOf,
  READ,
  taking,
  WRITE,
  type Route,
  type Visit,
} from './route.ts'
import { toCode } from './views.ts'

const name = z.string().check(z.maxLength(64))
const label = z.optional(z.string())
const scopes = z.optional(z.array(z.string().check(z.maxLength(64))).check(z.maxLength(64)))
const instant = z.optional(z.string().check(z.maxLength(40)))

export const AgentKeyBody: z.ZodMiniType<AgentKeyRequest> = z.object({
  agent: name,
  label,
  scopes,
  expiresAt: instant,
}) as z.ZodMiniType<AgentKeyRequest>

export const RotateAgentKeyBody: z.ZodMiniType<RotateAgentKeyRequest> = z.object({
  overlapSeconds: z.optional(z.int().check(z.gte(0), z.lte(2_592_000))),
  expiresAt: instant,
}) as z.ZodMiniType<RotateAgentKeyRequest>

export const SupportCodeBody: z.ZodMiniType<SupportCodeRequest> = z.object({
  agent: z.optional(name),
  label,
  scopes,
  expiresInSeconds: z.optional(z.int().check(z.gte(30), z.lte(3_600))),
  keySeconds: z.optional(z.int().check(z.gte(1), z.lte(3_153_600_000))),
}) as z.ZodMiniType<SupportCodeRequest>

export const BindBody: z.ZodMiniType<BindRequest> = z.object({
  code: z.string().check(z.maxLength(128)),
  agent: name,
})

/** The keys of agents, for who may read or change who has access; and the way to a first one, by a support code. */
export function agentRoutes(keys: AgentKeysService & BindService): readonly Route[] {
  async function list(visit: Visit): Promise<Response> {
    await visit.require(READ)
    const { items, next } = await keys.list(pageOf(visit, 'agk'))
    return json({ items: items.map(toAgentKey), next })
  }

  async function issue(visit: Visit, read: () => AgentKeyRequest): Promise<Response> {
    const auth = await visit.require(WRITE)
    const { expiresAt, ...request } = read()
    const wish = { ...request, ...endOf(expiresAt) }
    return json(toIssuedKey(await keys.issue(wish, actorOf(auth, visit.facts))), {}, 201)
  }

  async function rotate(visit: Visit, read: () => RotateAgentKeyRequest): Promise<Response> {
    const auth = await visit.require(WRITE)
    const { overlapSeconds, expiresAt } = read()
    const wish = {
      ...(overlapSeconds === undefined ? {} : { overlapMs: overlapSeconds * SECOND }),
      ...endOf(expiresAt),
    }
    const made = await keys.rotate(visit.id, wish, actorOf(auth, visit.facts))
    return json(toIssuedKey(made), {}, 201)
  }

  async function revoke(visit: Visit): Promise<Response> {
    const auth = await visit.require(WRITE)
    await keys.revoke(visit.id, actorOf(auth, visit.facts))
    return noContent()
  }

  async function support(visit: Visit, read: () => SupportCodeRequest): Promise<Response> {
    const auth = await visit.require(WRITE)
    const { expiresInSeconds, keySeconds, ...request } = read()
    const wish = {
      ...request,
      ...(expiresInSeconds === undefined ? {} : { expiresInMs: expiresInSeconds * SECOND }),
      ...(keySeconds === undefined ? {} : { keyMs: keySeconds * SECOND }),
    }
    const { code, typed } = await keys.supportCode(wish, actorOf(auth, visit.facts))
    const answer: SupportCodeAnswer = { code: toCode(code), typed }
    return json(answer, {}, 201)
  }

  async function bind(visit: Visit, read: () => BindRequest): Promise<Response> {
    const { code, agent } = read()
    const { address, network, folded } = visit.facts
    const by = { agent, address, network, folded }
    const tried = await keys.beginBind(by, code)
    visit.tell(tried.attempt.standing)
    return json(toIssuedKey(await keys.bind(by, tried)), {}, 201)
  }

  return [
    { method: 'GET', path: 'agent-keys', handle: list },
    { method: 'POST', path: 'agent-keys', ...taking(AgentKeyBody, issue) },
    { method: 'POST', path: 'agent-keys/codes', ...taking(SupportCodeBody, support) },
    { method: 'POST', path: 'agent-keys/bind', ...taking(BindBody, bind) },
    { method: 'POST', path: 'agent-keys/:id/rotate', ...taking(RotateAgentKeyBody, rotate) },
    { method: 'DELETE', path: 'agent-keys/:id', handle: revoke },
  ]
}

/** @throws PairError `invalid_request` */
function endOf(text: string | undefined): { expiresAt?: Millis } {
  if (text === undefined) return {}
  const expiresAt = parseRfc3339(text)
  if (expiresAt === null)
    throw new PairError('invalid_request', { message: '`expiresAt` must be an RFC 3339 instant.' })
  return { expiresAt }
}

function toAgentKey({ createdAt, expiresAt, lastUsedAt, ...view }: AgentKeyView): AgentKeyWire {
  return {
    ...view,
    createdAt: toRfc3339(createdAt),
    expiresAt: toRfc3339(expiresAt),
    lastUsedAt: toRfc3339(lastUsedAt),
  }
}

function toIssuedKey({ agentKey, key }: IssuedAgentKey): IssuedAgentKeyAnswer {
  return { agentKey: toAgentKey(agentKey), key }
}
