import { createPair } from '../../src/create-pair.ts'
import { isPairError } from '../../src/errors.ts'
import { agent } from '../../src/agent.ts'
import type { Pair } from '../../src/pair.ts'
import { sqliteStore } from '../../../store-sqlite/src/index.ts'

/** What a process is asked to do, and what became of it. */
export interface Order {
  nth: number
  verb: Verb
  args: string[]
}
export type Told = { ready: true } | { nth: number; gave: unknown } | { nth: number; code: string }
export type Verb = keyof typeof VERBS

const ORIGIN = 'http://localhost'
const [file = '', secret = ''] = process.argv.slice(2)
const pair = createPair({
  secret,
  store: sqliteStore(file),
  scopes: ['notes:read'],
  keyless: 'full',
  limits: { redeem: { max: 100_000 }, typedCodes: { max: 700 } },
  logger: { debug() {}, info() {}, warn() {}, error() {} },
  extensions: [agent()],
}) as unknown as Pair

async function post(path: string, body: object): Promise<never> {
  const request = new Request(`${ORIGIN}/auth/${path}`, {
    method: 'POST',
    body: JSON.stringify(body),
    headers: { 'content-type': 'application/json' },
  })
  const answer = (await pair.handler(request, { remoteAddress: '127.0.0.1' }))!
  const told = (await answer.json()) as { code?: string }
  if (!answer.ok) throw Object.assign(new Error(told.code), { code: told.code })
  return told as never
}

const VERBS = {
  issue: (name = '') => pair.agentKeys.issue({ agent: name }),
  rotate: (id = '') => pair.agentKeys.rotate(id),
  revoke: (id = '') => pair.agentKeys.revoke(id),
  list: async () => {
    const all: unknown[] = []
    let after: string | null = null
    do {
      const page = await pair.agentKeys.list({ limit: 100, ...(after !== null && { after }) })
      all.push(...page.items)
      after = page.next
    } while (after !== null)
    return all
  },
  supportCode: async () => (await pair.agentKeys.supportCode()).typed,
  bind: (code = '', name = '') => post('agent-keys/bind', { code, agent: name }),
  /** Somebody comes in, and gives an agent of that name a key. */
  issueAsOwner: async (name = '') => {
    const { typed } = await pair.codes.issue({
      origin: ORIGIN,
      scopes: ['access:read', 'access:write'],
    })
    const { session } = (await post('redeem', { code: typed, transport: 'bearer' })) as {
      session: { id: `ses_${string}`; device: { id: `dev_${string}` } }
    }
    const by = { kind: 'session', sessionId: session.id, deviceId: session.device.id } as const
    return { ...(await pair.agentKeys.issue({ agent: name }, by)), sessionId: session.id }
  },
  endSession: (id = '') => pair.sessions.revoke(id),
  getsIn: async (key = '') => {
    const request = new Request(`${ORIGIN}/app`, { headers: { authorization: `Bearer ${key}` } })
    return (await pair.guard(request, undefined, { who: 'agent' })).ok
  },
} satisfies Record<string, (...args: string[]) => Promise<unknown>>

const tell = (told: Told): void => void process.send?.(told)
process.on('message', ({ nth, verb, args }: Order) => {
  VERBS[verb](...(args as [string, string])).then(
    (gave) => tell({ nth, gave }),
    (error: unknown) => {
      const known = isPairError(error) || typeof (error as { code?: unknown }).code === 'string'
      tell({ nth, code: known ? (error as { code: string }).code : String(error) })
    },
  )
})
process.on('disconnect', () => process.exit())
await pair.agentKeys.list()
tell({ ready: true })
