import { fixedClock } from '@pair/testkit/app'
import type { AuthorizedAnswer } from '../../src/http/wire.ts'
import { createApplicant, settle } from '../kit/applicants.ts'
import type { StoreKind } from '../kit/stores.ts'
import { NOON } from '../kit/clock.ts'
import { dumpStore } from '../kit/dump.ts'
import { toldOf } from '../kit/guessers.ts'
import {
  createKeyed,
  createServer,
  createStranger,
  secretOf,
  type Answer,
  type LoggedOptions,
  type LoggedServer,
} from '../kit/newcomers.ts'
import { OWNER, paired } from '../kit/owners.ts'
import { keptSecrets } from '../kit/secrets.ts'

/** Two instances of one server on one store: the clock of one is right, that of the other is not. */
export interface Two {
  right: LoggedServer
  wrong: LoggedServer
  /** Moves both. */
  pass(ms: number): void
}

export function openTwo(kind: StoreKind, apartMs: number, options: LoggedOptions = {}): Two {
  const [here, there] = kind.openTwo()
  const storeClock = fixedClock(NOON)
  const resources = { screen: { modes: ['view', 'control'] } }
  const mine = { secret: keptSecrets(), keyless: 'full' as const, resources }
  const shared = { ...mine, ...options, storeClock }
  const right = createServer({ ...shared, store: here, clock: storeClock })
  const wrong = createServer({ ...shared, store: there, clock: fixedClock(NOON + apartMs) })
  return {
    right,
    wrong,
    pass(ms) {
      storeClock.advance(ms)
      wrong.clock.advance(ms)
    },
  }
}

/** A way to something that lets somebody in. */
export interface Mint {
  name: string
  /** Somebody new comes in by it, with a key. */
  isEntry?: true
  /** Prepared at the right instance; answers how it is taken, at either. Answers 2xx with what was minted. */
  prepare(right: LoggedServer): Promise<(at: LoggedServer) => Promise<string>>
}

const SCREEN = { resource: 'screen:left', mode: 'view' }

const asTold = async (answer: Promise<Answer>): Promise<string> => toldOf(await answer)

const inProcess = (made: Promise<unknown>): Promise<string> =>
  made.then(
    () => 'in',
    (error: unknown) => (error as { code?: string }).code ?? String(error),
  )

/** The same somebody at another instance: what he signs and carries stays his. */
function entry(
  name: string,
  path: string,
  body: (right: LoggedServer) => Promise<Record<string, unknown>>,
): Mint {
  return {
    name,
    isEntry: true,
    async prepare(right) {
      const asked = await body(right)
      const { key } = await createKeyed(right)
      const full = { device: { label: 'A device', kind: 'app', publicKey: key!.jwk }, ...asked }
      return async (at) => {
        const target = { htm: 'POST', htu: `${at.origin}/auth/${path}`, at: at.clock() }
        const dpop = await key!.prove({ ...target, body: full })
        return asTold(at.call(`/auth/${path}`, { body: full, headers: { dpop } }))
      }
    },
  }
}

/** A paired device that asks at another instance, with a proof and its cookie. */
async function askAs(
  right: LoggedServer,
  path: string,
  body: unknown,
): Promise<(at: LoggedServer) => Promise<string>> {
  const owner = await paired(right, OWNER)
  return async (at) => {
    const target = { htm: 'POST', htu: `${at.origin}/auth/${path}`, at: at.clock() }
    const headers = { cookie: owner.cookie(), dpop: await owner.key!.prove(target) }
    return asTold(at.call(`/auth/${path}`, { body, headers }))
  }
}

async function collecting(
  right: LoggedServer,
  held: boolean,
): Promise<(at: LoggedServer) => Promise<string>> {
  await right.pair.admission.set(held ? 'code+approval' : 'approval')
  const applicant = await createApplicant(right)
  const asked = held
    ? await applicant.redeem((await right.pair.codes.issue()).typed)
    : await applicant.ask()
  if (asked.status !== 202) throw new Error(asked.text)
  await settle(right, 'approve', applicant)
  const { claim } = applicant.pending
  return async (at) => {
    const target = { htm: 'POST', htu: `${at.origin}/auth/claim`, at: at.clock() }
    const headers = { dpop: await applicant.key!.prove(target) }
    return asTold(at.call('/auth/claim', { body: { claim }, headers }))
  }
}

export const MINTS: readonly Mint[] = [
  entry('a typed code', 'redeem', async ({ pair }) => ({ code: (await pair.codes.issue()).typed })),
  entry('a link', 'redeem', async ({ pair }) => ({
    code: secretOf((await pair.codes.issue()).link),
  })),
  {
    name: 'a code without a key',
    async prepare({ pair }) {
      const { typed } = await pair.codes.issue()
      return (at) => asTold(createStranger(at).redeem(typed))
    },
  },
  entry('a code that a person decides on', 'redeem', async ({ pair }) => {
    const { typed } = await pair.codes.issue()
    await pair.admission.set('code+approval')
    return { code: typed }
  }),
  entry('a request', 'request', async ({ pair }) => {
    await pair.admission.set('approval')
    return {}
  }),
  {
    name: 'a request without a key',
    async prepare({ pair }) {
      await pair.admission.set('approval')
      const device = { label: 'A device', kind: 'app' }
      return (at) => asTold(at.call('/auth/request', { body: { device } }))
    },
  },
  { name: 'a claim', prepare: (right) => collecting(right, false) },
  { name: 'a claim with a held code', prepare: (right) => collecting(right, true) },
  entry('the first owner', 'claim-owner', async (right) => {
    const found = await right.pair.ownerSecret({ origin: right.origin })
    return { secret: found!.secret }
  }),
  { name: 'renewal by a key', prepare: (right) => askAs(right, 'renew', {}) },
  {
    name: 'renewal by a refresh token',
    async prepare(right) {
      const { typed } = await right.pair.codes.issue()
      const answer = await createStranger(right).redeem(typed, { transport: 'bearer' })
      const { refreshToken } = answer.as<AuthorizedAnswer>()
      return (at) => asTold(at.call('/auth/renew', { body: { refreshToken } }))
    },
  },
  {
    name: 'renewal by a cookie',
    async prepare(right) {
      const stranger = createStranger(right)
      await stranger.redeem((await right.pair.codes.issue()).typed)
      const headers = { cookie: stranger.cookie() }
      return (at) => asTold(at.call('/auth/renew', { body: {}, headers }))
    },
  },
  { name: 'a ticket', prepare: (right) => askAs(right, 'tickets', { for: 'socket' }) },
  {
    name: 'a ticket for a resource',
    prepare: (right) => askAs(right, 'tickets', { for: 'socket', ...SCREEN }),
  },
  { name: 'a resource token', prepare: (right) => askAs(right, 'resource-tokens', SCREEN) },
  { name: 'a generation of keys', prepare: (right) => askAs(right, 'keys/rotate', {}) },
  {
    name: 'a generation of keys in process',
    prepare: async () => (at) => inProcess(at.pair.signingKeys.rotate()),
  },
  { name: 'a code of a device', prepare: (right) => askAs(right, 'codes', {}) },
  { name: 'a code in process', prepare: async () => (at) => inProcess(at.pair.codes.issue()) },
  {
    name: 'a start-up code',
    prepare: async () => (at) => inProcess(at.pair.startupCode({ origin: at.origin })),
  },
]

/** What is kept of who may come in; spent proofs and who was seen are nothing of it. */
export async function keptIn({ store }: LoggedServer): Promise<string[]> {
  const rows = await dumpStore(store)
  return rows
    .filter(({ key }) => !['proof', 'presence'].includes(key[1] ?? ''))
    .map(({ key, value }) => `${key.join('/')} ${value}`)
}
