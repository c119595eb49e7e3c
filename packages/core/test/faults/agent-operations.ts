import type { IssuedAgentKeyAnswer, SupportCodeAnswer } from '../../src/http/agent-wire.ts'
import type { Pair } from '../../src/pair.ts'
import { ORIGIN } from '../kit/server.ts'
import { letterOf, toRequest } from '../records/letters.ts'
import type { Story } from '../records/story.ts'
import type { OperationMakers, Rest } from './makers.ts'
import type { Stage } from './stage.ts'
import type { Gave } from './truths.ts'

const AGENT = { who: 'agent' } as const
const SHARED = 'the-shared-key-of-this-story-0123456789'

type Made = { key: string }

/** A request of an agent with that key. */
function agentRequest(key: string, more: Record<string, string> = {}): Request {
  return new Request(`${ORIGIN}/app`, { headers: { authorization: `Bearer ${key}`, ...more } })
}

/** Is an agent with that key let in? */
export async function agentGetsIn(pair: Pair, key: string): Promise<boolean> {
  return (await pair.guard(agentRequest(key), { remoteAddress: '127.9.9.9' }, AGENT)).ok
}

/** An agent of that name gets a key by this support code. */
async function binds({ truth }: Stage, code: string, agent: string): Promise<boolean> {
  const letter = await letterOf(0, 'POST', '/auth/agent-keys/bind', { body: { code, agent } })
  return (await truth.handler(toRequest(letter), { remoteAddress: '127.9.9.8' }))?.status === 201
}

/** Every way to a key of an agent and every use of one, each with a call that is right in this story. */
export async function agentOperations(
  { agents }: Story,
  { wire, route, call, asks, socket }: OperationMakers,
): Promise<void> {
  const { keys, codes } = agents!
  const { lasting, given, bound } = keys as Record<string, { key: string; id: string }>
  const known = Object.values(keys).map(({ id }) => id)
  const scopes = ['notes:read']
  const fresh = { agent: 'fresh', scopes }

  /** No key stands that did not before, and the one that may have been rotated stands as it did. */
  const noKeyNew = async ({ truth }: Stage): Promise<boolean> => {
    const { items } = await truth.agentKeys.list()
    const old = items.find(({ id }) => id === lasting!.id)
    const isOld = old !== undefined && old.successor === null && old.expiresAt === null
    return isOld && items.every(({ id }) => known.includes(id))
  }
  const keyWorks: Rest = {
    mints: true,
    isTrue: ({ truth }, { key }: Made) => agentGetsIn(truth, key),
    isUndone: noKeyNew,
  }
  /** Both count for the overlap; with none the new one alone. */
  const rotates = (isKept: boolean): Rest => ({
    ...keyWorks,
    isTrue: async ({ truth }, { key }: Made) =>
      (await agentGetsIn(truth, key)) && (await agentGetsIn(truth, lasting!.key)) === isKept,
  })
  /** At every instance: also at the one that was asked, which may remember it. */
  const isOut = ({ key }: { key: string }): Rest => ({
    isTrue: async ({ truth, pair }) =>
      !(await agentGetsIn(truth, key)) && !(await agentGetsIn(pair, key)),
  })
  const onWire = ({ isTrue, ...rest }: Rest): Rest => ({
    ...rest,
    isTrue: (stage, { body }: Gave) => isTrue!(stage, body),
  })
  const bindsOnce: Rest = {
    isTrue: async (stage, { typed }: { typed: string }) =>
      (await binds(stage, typed, 'newcomer')) && !(await binds(stage, typed, 'another')),
  }

  // giving and taking
  call('agentKeys.issue', ({ agentKeys }) => agentKeys.issue(fresh as never), keyWorks)
  call('agentKeys.list', ({ agentKeys }) => agentKeys.list())
  call('agentKeys.rotate', ({ agentKeys }) => agentKeys.rotate(lasting!.id), rotates(true))
  call(
    'agentKeys.rotate without an overlap',
    ({ agentKeys }) => agentKeys.rotate(lasting!.id, { overlapMs: 0 }),
    rotates(false),
  )
  call('agentKeys.revoke', ({ agentKeys }) => agentKeys.revoke(lasting!.id), isOut(lasting!))
  call(
    'agentKeys.supportCode',
    ({ agentKeys }) => agentKeys.supportCode({ scopes } as never),
    bindsOnce,
  )
  call('agentKeys.sharedKeyUse', ({ agentKeys }) => agentKeys.sharedKeyUse())
  const made = onWire(keyWorks)
  await route('list of agent keys', 'GET', '/agent-keys')
  await route('a key', 'POST', '/agent-keys', made, { body: fresh satisfies object })
  await route(
    'another key for an agent',
    'POST',
    `/agent-keys/${lasting!.id}/rotate`,
    onWire(rotates(true)),
    { body: {} },
  )
  await route('the end of a key', 'DELETE', `/agent-keys/${given!.id}`, isOut(given!))
  await route('a support code', 'POST', '/agent-keys/codes', onWire(bindsOnce), {
    body: { scopes } satisfies object,
  })
  for (const name of ['a code', 'the named code']) {
    const code = codes[name === 'a code' ? 'any' : 'named']!
    wire(`bind by ${name}`, {
      ...made,
      isTrue: async (stage, { body }: Gave<IssuedAgentKeyAnswer & SupportCodeAnswer>) =>
        (await agentGetsIn(stage.truth, body.key)) && !(await binds(stage, code, 'another')),
    })
  }

  // coming with one
  const named = { 'pair-agent': 'old' }
  asks('guard for an agent', (pair) => pair.guard(agentRequest(bound!.key), undefined, AGENT))
  asks('guard for an agent whose issuer has to stand', (pair) =>
    pair.guard(agentRequest(given!.key), undefined, AGENT),
  )
  asks('guard for an agent with the shared key', (pair) =>
    pair.guard(agentRequest(SHARED, named), undefined, AGENT),
  )
  call('authenticate an agent', (pair) => pair.authenticate(agentRequest(bound!.key)))
  socket('openSocket, attach, receive: an agent', () => agentRequest(given!.key), AGENT)
}
