import { agent } from '../../src/agent.ts'
import type { Extension } from '../../src/extension.ts'
import type { IssuedAgentKeyAnswer } from '../../src/http/agent-wire.ts'
import type { LoggedServer } from '../kit/newcomers.ts'
import { ORIGIN } from '../kit/server.ts'
import { createVisitor, type Visitor } from '../kit/visitor.ts'
import type { Door, Seen } from './doors.ts'
import type { LetterWish } from './letters.ts'

/** The agents of a story, and what each was given. */
export interface Agents {
  keys: Record<string, { key: string; id: string }>
  /** Support codes that nobody used, as they are typed. */
  codes: Record<string, string>
}

const SHARED = 'the-shared-key-of-this-story-0123456789'

export function storyAgents(): Extension {
  return agent({ sharedKey: { key: SHARED, until: 1_999_000_000_000, scopes: ['notes:read'] } })
}

const guardOf = (key: string, name?: string): Request =>
  new Request(`${ORIGIN}/app`, {
    headers: {
      authorization: `Bearer ${key}`,
      ...(name === undefined ? {} : { 'pair-agent': name }),
    },
  })

/** Lives through one of everything that is kept of agents. */
export async function tellOfAgents(server: LoggedServer, owner: Visitor): Promise<Agents> {
  const { pair, clock } = server
  const keys: Agents['keys'] = {}
  const keep = async (name: string, made: Promise<{ key: string; agentKey: { id: string } }>) => {
    const { key, agentKey } = await made
    keys[name] = { key, id: agentKey.id }
    return agentKey.id
  }
  const scopes = ['notes:read'] as never
  await keep('lasting', pair.agentKeys.issue({ agent: 'lasting', label: 'Lasting', scopes }))
  const { body } = await owner.call<IssuedAgentKeyAnswer>('POST', '/agent-keys', {
    body: {
      agent: 'given',
      scopes: ['notes:read'],
      expiresAt: new Date(clock() + 3_600_000).toISOString(),
    },
    proof: true,
  })
  await keep('given', Promise.resolve(body))
  const rotated = await keep('rotated', pair.agentKeys.issue({ agent: 'turned', scopes }))
  await keep('heir', pair.agentKeys.rotate(rotated))
  const revoked = await keep('revoked', pair.agentKeys.issue({ agent: 'gone', scopes }))
  await pair.agentKeys.revoke(revoked)
  const used = await pair.agentKeys.supportCode({ agent: 'bound', scopes, keyMs: 7_200_000 })
  const bind = { code: used.typed, agent: 'bound' }
  const bound = await createVisitor(server).call<IssuedAgentKeyAnswer>('POST', '/agent-keys/bind', {
    body: bind,
  })
  await keep('bound', Promise.resolve(bound.body))
  const codes = {
    any: (await pair.agentKeys.supportCode({ scopes })).typed,
    named: (await pair.agentKeys.supportCode({ agent: 'named', scopes, keyMs: 60_000 })).typed,
  }
  for (const { key } of Object.values(keys)) await pair.guard(guardOf(key), undefined, AGENT)
  await pair.guard(guardOf(SHARED, 'old'), undefined, AGENT)
  // Told behind the answer.
  while (((await pair.agentKeys.sharedKeyUse())?.agents.length ?? 0) === 0)
    await new Promise((resolve) => setTimeout(resolve, 1))
  return { keys, codes }
}

const AGENT = { who: 'agent' } as const

/** What they could send at its end. */
export async function writeAgentLetters(
  { codes }: Agents,
  write: (name: string, method: string, path: string, wish?: LetterWish) => Promise<void>,
): Promise<void> {
  const binds: [string, string, string][] = [
    ['the named code by another', codes['named']!, 'other'],
    ['a code for an agent that has a key', codes['any']!, 'lasting'],
    ['a code for an agent that was bound', codes['any']!, 'bound'],
    ['the named code', codes['named']!, 'named'],
    ['a code', codes['any']!, 'newcomer'],
    ['a code again', codes['any']!, 'newcomer'],
  ]
  for (const [name, code, who] of binds)
    await write(`bind by ${name}`, 'POST', '/auth/agent-keys/bind', { body: { code, agent: who } })
  await write('support code as a pairing code', 'POST', '/auth/redeem', {
    body: { code: codes['any'] },
  })
}

/** Their ways in. */
export function agentDoors(
  { keys }: Agents,
  handle: (name: string, read?: (body: never) => Partial<Seen>) => Door,
): Door[] {
  const come = (name: string, request: () => Request): Door => ({
    name,
    async go(pair) {
      const guarded = await pair.guard(request(), { remoteAddress: '127.9.9.9' }, AGENT)
      if (!guarded.ok) return { in: false, answer: guarded.response.status }
      const { agent: found, credentialExpiresAt: until } = guarded.auth
      return {
        in: true,
        answer: 200,
        scopes: [...found.scopes],
        ...(until < Infinity && { until }),
      }
    },
  })
  const made = ({ agentKey }: IssuedAgentKeyAnswer): Partial<Seen> => ({
    scopes: agentKey.scopes,
    ...(agentKey.expiresAt !== null && { until: Date.parse(agentKey.expiresAt) }),
  })
  return [
    {
      name: 'agent keys',
      async go({ agentKeys }) {
        const { items } = await agentKeys.list()
        return { in: true, answer: 'done', items: items.map((item) => JSON.stringify(item)) }
      },
    },
    {
      name: 'who comes with the shared key',
      async go({ agentKeys }) {
        const use = await agentKeys.sharedKeyUse()
        return { in: use !== null && use.agents.length > 0, answer: 'done' }
      },
    },
    ...Object.entries(keys).map(([name, { key }]) => come(`agent ${name}`, () => guardOf(key))),
    come('agent with the shared key', () => guardOf(SHARED, 'old')),
    ...['lasting', 'gone', 'turned'].map((name) =>
      come(`the shared key of ${name}`, () => guardOf(SHARED, name)),
    ),
    handle('support code as a pairing code'),
    ...[
      'the named code by another',
      'a code for an agent that has a key',
      'a code for an agent that was bound',
      'the named code',
      'a code',
      'a code again',
    ].map((name) => handle(`bind by ${name}`, made)),
  ]
}
