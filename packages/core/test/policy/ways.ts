import type { Policy } from '../../src/policy/policy.ts'
import { createApplicant, settle } from '../kit/applicants.ts'
import { createServer, type LoggedServer } from '../kit/newcomers.ts'
import { OWNER, paired } from '../kit/owners.ts'

export type Hook = keyof Policy

/** A server whose hooks answer what the test says, and tell what they were told. */
export interface Governed extends LoggedServer {
  /** What every hook does from now on. */
  rule(answer: (hook: Hook) => unknown): void
  told: { hook: Hook; facts: Record<string, unknown> }[]
}

const RESOURCES = { screen: { modes: ['view', 'control'] } } as const
const SCREEN = { resource: 'screen:left', mode: 'view' }

/** Opens one. */
export function govern(options: object = {}): Governed {
  let rule: (hook: Hook) => unknown = () => undefined
  const told: Governed['told'] = []
  const hook = (name: Hook) => (facts: object) => {
    told.push({ hook: name, facts: facts as Record<string, unknown> })
    return rule(name) as undefined
  }
  const names: readonly Hook[] = ['issue', 'admit', 'decide', 'mint', 'renew']
  const policy = Object.fromEntries(names.map((name) => [name, hook(name)]))
  const server = createServer({
    policy,
    resources: RESOURCES,
    keyless: 'full',
    ...options,
  } as never)
  return Object.assign(server, { told, rule: (next: typeof rule) => void (rule = next) })
}

export interface Way {
  name: string
  hook: Hook
  /** Members of what its hook is told. */
  facts: object
  options?: object
  /** Brings all about; what is answered does the thing itself, any number of times. */
  prepare(server: Governed): Promise<() => Promise<{ status: number; text: string }>>
}

/** What a call in process comes to, as the wire would tell it. */
async function inProcess(work: () => Promise<unknown>): Promise<{ status: number; text: string }> {
  return work().then(
    () => ({ status: 200, text: '' }),
    ({ status, code, message }: { status: number; code: string; message: string }) => ({
      status,
      text: JSON.stringify({ code, message }),
    }),
  )
}

/** Everything that a hook is asked before. */
export const WAYS: readonly Way[] = [
  {
    name: 'issuing a code in process',
    hook: 'issue',
    facts: { by: { kind: 'operator' }, label: 'For Ann', scopes: ['notes:read'], uses: 2 },
    prepare: async ({ pair }) => {
      const wish = { label: 'For Ann', scopes: ['notes:read'] as never, uses: 2 }
      return () => inProcess(() => pair.codes.issue(wish))
    },
  },
  {
    name: 'issuing a code by a device',
    hook: 'issue',
    facts: { by: { kind: 'session' }, subject: 'owner' },
    async prepare(server) {
      const owner = await paired(server, OWNER)
      return () => owner.call('/auth/codes', { body: {} })
    },
  },
  {
    name: 'redeeming a code',
    hook: 'admit',
    facts: {
      way: 'code',
      label: 'A phone',
      kind: 'browser',
      scopes: ['notes:read'],
      address: '203.0.113.7',
    },
    async prepare(server) {
      const { typed } = await server.pair.codes.issue({ scopes: ['notes:read'] as never })
      const phone = await createApplicant(server)
      return () => phone.redeem(typed)
    },
  },
  {
    name: 'waiting with a code',
    hook: 'admit',
    facts: { way: 'code', scopes: ['notes:read'] },
    options: { admission: 'code+approval' },
    async prepare(server) {
      const { typed } = await server.pair.codes.issue({ scopes: ['notes:read'] as never })
      const phone = await createApplicant(server)
      return () => phone.redeem(typed)
    },
  },
  {
    name: 'asking a person',
    hook: 'admit',
    facts: { way: 'request', origin: 'http://localhost:3000', codeId: null },
    options: { admission: 'approval' },
    async prepare(server) {
      const phone = await createApplicant(server, { origin: 'http://localhost:3000' })
      return () => phone.ask()
    },
  },
  {
    name: 'collecting what was approved',
    hook: 'admit',
    facts: { way: 'claim', label: 'A phone' },
    options: { admission: 'approval' },
    async prepare(server) {
      const phone = await createApplicant(server)
      await phone.ask()
      await settle(server, 'approve', phone)
      return () => phone.collect()
    },
  },
  {
    name: 'returning',
    hook: 'admit',
    facts: { way: 'return', label: 'A phone' },
    options: { admission: 'approval' },
    async prepare(server) {
      const phone = await createApplicant(server)
      await phone.ask()
      await settle(server, 'approve', phone)
      await phone.collect()
      return () => phone.ask()
    },
  },
  {
    name: 'claiming the server',
    hook: 'admit',
    facts: { way: 'owner', subject: 'owner', codeId: null, approvalId: null },
    options: { admission: 'approval' },
    async prepare(server) {
      const { secret } = (await server.pair.ownerSecret({ origin: server.origin }))!
      const phone = await createApplicant(server)
      return () => phone.claimOwner(secret)
    },
  },
  ...(['approve', 'reject'] as const).map((verb): Way => ({
    name: `deciding: ${verb}`,
    hook: 'decide',
    facts: { verdict: verb, label: 'A phone', address: '203.0.113.7', by: { kind: 'operator' } },
    options: { admission: 'approval' },
    async prepare(server) {
      const phone = await createApplicant(server)
      await phone.ask()
      const [item] = (await server.pair.approvals.list()).items
      return () => inProcess(() => server.pair.approvals[verb](item!.id, { digest: item!.digest }))
    },
  })),
  {
    name: 'minting a ticket',
    hook: 'mint',
    facts: { what: 'ticket', resource: null, mode: null, agent: null },
    async prepare(server) {
      const owner = await paired(server, OWNER)
      return () => owner.call('/auth/tickets', { body: { for: 'stream' } })
    },
  },
  {
    name: 'minting a ticket for a resource',
    hook: 'mint',
    facts: { what: 'ticket', ...SCREEN },
    async prepare(server) {
      const owner = await paired(server, ['screen:view'])
      return () => owner.call('/auth/tickets', { body: { for: 'stream', ...SCREEN } })
    },
  },
  {
    name: 'minting a resource token',
    hook: 'mint',
    facts: { what: 'resource-token', ...SCREEN },
    async prepare(server) {
      const owner = await paired(server, ['screen:view'])
      return () => owner.call('/auth/resource-tokens', { body: SCREEN })
    },
  },
  {
    name: 'renewing by a key',
    hook: 'renew',
    facts: { scopes: OWNER, subject: 'owner' },
    async prepare(server) {
      const owner = await paired(server, OWNER)
      return () => owner.call('/auth/renew', { body: {} })
    },
  },
  {
    name: 'renewing by a refresh token',
    hook: 'renew',
    facts: { thumbprint: null, scopes: ['notes:read'] },
    async prepare(server) {
      const { typed } = await server.pair.codes.issue({ scopes: ['notes:read'] as never })
      const body = { code: typed, transport: 'bearer' }
      const { refreshToken } = (await server.call('/auth/redeem', { body })).body
      return () => server.call('/auth/renew', { body: { refreshToken } })
    },
  },
]
