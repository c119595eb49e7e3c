import type { Expected } from './expected.ts'
import type { Answer, Call } from './send.ts'
import type { Site } from './site.ts'
import { entrance, type Door, type Newcomer } from './visitor.ts'
import type { ProofKey } from '../session/proof-key.ts'

/** A device whose request waits for a decision. */
export interface Applicant {
  /** Of its request. */
  id: string
  /** What it collects with. */
  claim: string
  key: ProofKey | null
  /** The cookie that stands for a key, where it has none. */
  cookie: Readonly<Record<string, string>>
  /** Its request to `claim` or `withdraw`, proven by its key or cookie. */
  call(route: 'claim' | 'withdraw', body?: object): Promise<Call>
}

/** Asks to be let in, without a code; the answer is held to the pinned one. */
export async function apply(
  site: Site,
  newcomer: Newcomer,
  expected: Expected,
  members: Readonly<Record<string, unknown>> = {},
): Promise<{ answer: Answer; key: ProofKey | null }> {
  const { call, key } = await entrance(site, '/auth/request', members, newcomer)
  return { answer: await site.ask(call, expected), key }
}

/** The device whose request that answer told of. */
export function toApplicant(door: Door, key: ProofKey | null, asked: Answer): Applicant {
  const { approval, claim } = asked.body ?? {}
  if (approval === undefined || claim === undefined)
    throw new Error(`does not wait: ${asked.status} ${asked.text}`)
  const [line = ''] = [asked.headers['set-cookie'] ?? ''].flat()
  const cookie = key === null ? { cookie: line.split(';', 1)[0] ?? '' } : {}
  return {
    id: approval.id,
    claim,
    key,
    cookie,
    async call(route, body = {}) {
      const path = `/auth/${route}`
      const url = new URL(door.seenAs + path)
      const proof = key && { dpop: await key.prove({ method: 'POST', url, at: door.now() }) }
      return { path, body: { claim, ...body }, headers: { ...cookie, ...proof } }
    },
  }
}

/** Who waits for a decision, with nothing of it written down. */
export async function wait(site: Site, newcomer: Newcomer = {}): Promise<Applicant> {
  const { call, key } = await entrance(site, '/auth/request', {}, newcomer)
  return toApplicant(site, key, await site.send(call))
}

/** What whoever decides sees of it now. */
export async function digestOf(site: Site, { id }: Pick<Applicant, 'id'>): Promise<string> {
  const { items } = await site.pair.approvals.list()
  return items.find((item) => item.id === id)?.digest ?? ''
}
