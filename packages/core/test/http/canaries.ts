import { inspect } from 'node:util'
import type { AuthorizedAnswer, TicketAnswer } from '../../src/http/wire.ts'
import type { ResourceTokenAnswer } from '../../src/http/token-wire.ts'
import { toBase64Url } from '../../src/encoding/base64url.ts'
import type { Extension } from '../../src/extension.ts'
import type { Policy } from '../../src/policy/policy.ts'
import type { Store } from '../../src/ports/store.ts'
import { memoryStore } from '../../src/storage/memory/memory-store.ts'
import { deriveKeys, type Signing } from '../../src/token/keys-crypto.ts'
import { createApplicant, settle } from '../kit/applicants.ts'
import { createDeviceKey } from '../kit/device.ts'
import {
  createKeyed,
  createServer,
  createStranger,
  secretOf,
  type LoggedServer,
  type Newcomer,
} from '../kit/newcomers.ts'
import { OWNER, paired } from '../kit/owners.ts'
import { keptSecrets } from '../kit/secrets.ts'
import { ORIGIN, SECRET } from '../kit/server.ts'

/** A secret that was let loose, by what it is. */
export interface Canary {
  what: string
  text: string
}

/** A server, all that may be read of it, and the secrets that nobody may read there. */
export interface Cage {
  server: LoggedServer
  owner: Newcomer
  canaries: Canary[]
  /** What was heard of it so far, by place. */
  heard: Record<'events' | 'refusals' | 'errors' | 'policies', string[]>
  /** From now on these calls of the store fail, and their errors quote what they were called with. */
  setDown(calls: Down): void
  /** One more. @throws where there is none */
  keep(what: string, text: string | undefined): void
}

const SCREEN = { resource: 'screen:left', mode: 'view' }
export const RESOURCES = { screen: { modes: ['view', 'control'] } }

type Down = 'none' | 'all' | 'commit'

/** A store whose driver puts the arguments of the call into its errors. */
function quoting(store: Store): { store: Store; setDown(calls: Down): void } {
  let down: Down = 'none'
  const quoted =
    <A extends unknown[], R>(name: string, call: (...args: A) => Promise<R>) =>
    async (...args: A): Promise<R> => {
      if (down === 'all' || down === name)
        throw new Error(`${name} failed: ${JSON.stringify(args)}`)
      return call(...args)
    }
  return {
    setDown: (calls) => void (down = calls),
    store: {
      ...store,
      read: quoted('read', store.read),
      list: quoted('list', store.list),
      commit: quoted('commit', store.commit),
      increment: quoted('increment', store.increment),
      tail: quoted('tail', store.tail),
    },
  }
}

/** Hooks that keep all that they are told. */
function listening(told: string[]): Policy {
  const hear = (facts: object): void => void told.push(JSON.stringify(facts))
  return { issue: hear, admit: hear, decide: hear, mint: hear, renew: hear }
}

/** Everything of an error: what is hidden, where it was thrown, and what it came from. */
export function allOf(error: unknown): string {
  const { stack = '', cause } = error as { stack?: string; cause?: unknown }
  const shown = inspect(error, { depth: 12, showHidden: true, customInspect: false })
  return [shown, stack, JSON.stringify(error), cause === undefined ? '' : allOf(cause)].join('\n')
}

/** Opens a cage in which one secret of each kind lives; those that can be used once are spent or not, as they come. */
export async function openCage(
  signing: Signing,
  extensions: readonly Extension[] = [],
): Promise<Cage> {
  const { store, setDown } = quoting(memoryStore())
  const kept = keptSecrets()
  const heard: Cage['heard'] = { events: [], refusals: [], errors: [], policies: [] }
  const server = createServer({
    store,
    secret: kept,
    signing,
    resources: RESOURCES,
    keyless: 'full',
    audit: { chain: true },
    extensions,
    policy: listening(heard.policies),
  } as Parameters<typeof createServer>[0])
  const { pair, clock } = server
  pair.on('change', (event) => void heard.events.push(allOf(event)))
  pair.on('refused', (refusal) => void heard.refusals.push(allOf(refusal)))
  const canaries: Canary[] = []
  const keep = (what: string, text: string | undefined): void => {
    if (text === undefined || text === '') throw new Error(`there is no ${what}`)
    canaries.push({ what, text })
    // The part that is secret, where a name stands before it.
    const part = text.split('.').at(-1)!
    if (part !== text && part.length > 20) canaries.push({ what: `the end of ${what}`, text: part })
  }
  const keepBytes = (what: string, bytes: Uint8Array): void => {
    keep(what, toBase64Url(bytes))
    keep(what, Buffer.from(bytes).toString('hex'))
    keep(what, Buffer.from(bytes).toString('base64').replace(/=+$/, ''))
    keep(what, Array.from(bytes).join(', '))
  }

  keep('the master secret', SECRET)
  const master = new TextEncoder().encode(SECRET)
  keepBytes('the master secret as bytes', master)
  const derived = deriveKeys(master, 'pair')
  keepBytes('the key of refresh tokens', derived.refresh)
  keepBytes('the key of nonces', derived.nonce)
  for (const { id } of await pair.signingKeys.list()) {
    const { session, resource, approval, codePepper } = deriveKeys(master, 'pair', id)
    for (const { key } of [session, resource, approval]) keepBytes('a signing key', key)
    keepBytes('the key of codes', codePepper)
  }

  const claimed = (await pair.ownerSecret({ origin: ORIGIN }))!
  keep('the owner secret', claimed.secret)

  const owner = await paired(server, OWNER)
  keep('a cookie', owner.cookie().split('=')[1])
  const ticket = await owner.call('/auth/tickets', { body: { for: 'socket' } })
  keep('a ticket', ticket.as<TicketAnswer>().ticket)
  const token = await owner.call('/auth/resource-tokens', { body: SCREEN })
  keep('a resource token', token.as<ResourceTokenAnswer>().resourceToken)
  const at = { htm: 'GET', htu: `${ORIGIN}/auth/session`, at: clock() }
  const proof = await owner.key!.prove(at)
  keep('a proof', proof)
  const spent = await server.call('/auth/session', {
    headers: { dpop: proof, cookie: owner.cookie() },
  })
  if (!spent.text.includes('"authenticated":true')) throw new Error(spent.text)

  const idempotencyKey = 'canary-of-the-idempotency-key'
  keep('an Idempotency-Key', idempotencyKey)
  for (const transport of ['bearer', 'dpop', 'cookie']) {
    const issued = await pair.codes.issue({ scopes: ['notes:read'] })
    keep('a typed code', issued.typed)
    keep('a typed code without dashes', issued.typed.replaceAll('-', ''))
    keep('the secret of a link', secretOf(issued.link))
    const who = transport === 'bearer' ? createStranger(server) : await createKeyed(server)
    const device = { label: 'A device', kind: 'app' }
    const answer =
      transport === 'bearer'
        ? await server.call('/auth/redeem', {
            body: { code: issued.typed, device, transport },
            headers: { 'idempotency-key': idempotencyKey },
          })
        : await who.redeem(issued.typed, { transport })
    if (answer.status !== 200) throw new Error(answer.text)
    const { accessToken, refreshToken } = answer.as<AuthorizedAnswer>()
    if (transport === 'cookie') keep('a cookie', who.cookie().split('=')[1])
    else keep('an access token', accessToken)
    if (transport !== 'bearer') continue
    keep('a refresh token', refreshToken)
    const renewed = await server.call('/auth/renew', { body: { refreshToken } })
    keep('a refresh token', renewed.as<AuthorizedAnswer>().refreshToken)
    keep('an access token', renewed.as<AuthorizedAnswer>().accessToken)
  }
  const live = await pair.codes.issue()
  keep('a live typed code', live.typed)
  keep('the secret of a live link', secretOf(live.link))

  await pair.admission.set('approval')
  for (const key of [await createDeviceKey(), null]) {
    const applicant = await createApplicant(server, { key })
    await applicant.ask({ nonce: 'a nonce of its own' })
    keep('a claim', applicant.pending.claim)
    keep('the proof that somebody waits', applicant.pending.proof)
    for (const value of applicant.jar.values()) keep('the cookie of a claim', value)
    if (key === null) continue
    await settle(server, 'approve', applicant)
    await applicant.collect()
  }
  await pair.admission.set('code')
  return { server, owner, canaries, heard, setDown, keep }
}
