import type { JWK } from 'jose'
import { createApplicant, seen, settle, type Applicant, type Wish } from '../kit/applicants.ts'
import type { AuthorizedAnswer } from '../../src/http/wire.ts'
import type { LoggedOptions, LoggedServer } from '../kit/newcomers.ts'
import { createKeptKey, publicPart } from './proofs.ts'

/** Somebody who asked to be let in, with all that it was handed. */
export interface Waiter {
  /** `null`: it has none. */
  key: JWK | null
  /** `name=value` of the cookie that stands for a key; empty where there is one. */
  cookie: string
  claim: string
  approvalId: string
  digest: string
  address: string
}

/** Everybody who asked, by what became of it. */
export type Waiting = Record<string, Waiter>

export interface Asking {
  waiting: Waiting
  applicants: Record<string, Applicant>
  keys: Record<string, JWK | null>
  ask(name: string, wish?: AskWish): Promise<Applicant>
}

export interface AskWish {
  /** Where it asks, if not at the server of the story. */
  at?: LoggedServer
  address?: string
  keyless?: boolean
  kind?: 'browser' | 'app' | 'agent'
  /** The code that it comes with. */
  code?: string
  wish?: Wish
}

/** Lets people ask at that server, each from an address of its own, and keeps what they are handed. */
export function startAsking(server: LoggedServer): Asking {
  const asking: Asking = {
    waiting: {},
    applicants: {},
    keys: {},
    async ask(name, { at = server, address, keyless = false, kind = 'app', code, wish } = {}) {
      const kept = keyless ? null : await createKeptKey()
      const count = Object.keys(asking.applicants).length + 1
      const from = address ?? `203.0.113.${count}`
      const applicant = await createApplicant(at, { key: kept?.key ?? null, address: from })
      const publicKey = kept === null ? {} : { publicKey: publicPart(kept.jwk) }
      const body = { device: { label: `The ${name}`, kind, ...publicKey }, ...wish }
      const answer =
        code === undefined ? await applicant.ask(body) : await applicant.redeem(code, body)
      if (answer.status !== 202) throw new Error(`${name} does not wait: ${answer.text}`)
      asking.applicants[name] = applicant
      asking.keys[name] = kept?.jwk ?? null
      asking.waiting[name] = {
        key: kept?.jwk ?? null,
        cookie: [...applicant.jar].map((pair) => pair.join('=')).join('; '),
        claim: applicant.pending.claim,
        approvalId: applicant.pending.approval.id,
        digest: (await seen(server, applicant)).digest,
        address: from,
      }
      return applicant
    },
  }
  return asking
}

/**
 * Everything that may become of a request. `admit` is told of those who collected. Ends in the mode `code`, as it began;
 * `turn` sets another.
 */
export async function tellOfWaiting(
  server: LoggedServer,
  brief: LoggedServer,
  {
    turn,
    approve,
    issue,
    admit,
  }: {
    turn(mode: 'approval' | 'code+approval' | 'code'): Promise<void>
    /** A device approves, where the operator does otherwise. */
    approve(id: string, digest: string): Promise<void>
    issue(name: string, uses: number): Promise<string>
    admit(name: string, applicant: Applicant, answer: AuthorizedAnswer, key: JWK | null): void
  },
): Promise<Waiting> {
  const { ask, waiting, applicants, keys } = startAsking(server)
  const collect = async (name: string): Promise<void> => {
    const answer = await applicants[name]!.collect()
    if (answer.status !== 200) throw new Error(`${name} is not let in: ${answer.text}`)
    admit(name, applicants[name]!, answer.as<AuthorizedAnswer>(), keys[name] ?? null)
  }

  await turn('approval')
  // Two of one network wait for a while; the third takes the place of the first.
  const near = { at: brief, address: '198.51.100.9' }
  await ask('displaced', near)
  await ask('lapsed', near)
  server.clock.advance(600)
  await ask('lapsed too', near)
  await ask('let lapse', { at: brief })
  await settle(brief, 'approve', applicants['let lapse']!)
  server.clock.advance(1_000)
  await server.pair.sweep()
  // These ran out too, and nobody has told it yet.
  await ask('unheard', { at: brief })
  await ask('uncollected', { at: brief })
  await settle(brief, 'approve', applicants.uncollected!)
  server.clock.advance(1_000)

  await ask('admitted', { kind: 'browser' })
  const { approvalId, digest } = waiting.admitted!
  await approve(approvalId, digest)
  await collect('admitted')
  await ask('agent', { kind: 'agent', wish: { transport: 'dpop', scopes: ['notes:read'] } })
  await settle(server, 'approve', applicants.agent!)
  await collect('agent')
  await ask('guest', { keyless: true, wish: { transport: 'bearer' } })
  await settle(server, 'approve', applicants.guest!)
  await collect('guest')

  await ask('pending')
  await ask('pending without a key', { keyless: true })
  await ask('approved')
  await settle(server, 'approve', applicants.approved!)
  await ask('approved without a key', { keyless: true, wish: { transport: 'bearer' } })
  await settle(server, 'approve', applicants['approved without a key']!)
  await ask('rejected')
  await settle(server, 'reject', applicants.rejected!)
  await ask('taken back')
  await applicants['taken back']!.withdraw()

  await turn('code+approval')
  const holding = async (name: string, uses = 1): Promise<Applicant> =>
    ask(name, { code: await issue(name, uses) })
  await holding('holder')
  await settle(server, 'approve', await holding('promised'))
  await settle(server, 'reject', await holding('burned'))
  await settle(server, 'approve', await holding('doubly', 3))
  await collect('doubly')
  await turn('code')
  return waiting
}

/** Requests that run out in a second. */
export const BRIEF: LoggedOptions = {
  approval: { pendingMs: 1_000, collectMs: 1_000 },
}
