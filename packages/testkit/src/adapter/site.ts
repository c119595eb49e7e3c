import { strictEqual } from 'node:assert/strict'
import { createPair, memoryStore, type AppLimit, type Pair, type PairOptions } from '@pair/core'
import { fixedClock } from '../runtime/fixed-clock.ts'
import { createCertificate } from './certificate.ts'
import { openStream, type EventStream } from './event-stream.ts'
import type { Expected } from './expected.ts'
import type { AdapterApp, AdapterHarness, AdapterScope } from './harness.ts'
import { turnedAway } from './knock.ts'
import { send, type Answer, type Call } from './send.ts'
import { toTold, type Told } from './told.ts'
import { openTalk, type Talk } from './talk.ts'
import { pairVisitor, type AnyScope, type Door, type Newcomer, type Visitor } from './visitor.ts'

/** One server under test. Its clock stands still until it is moved. */
export interface Site extends Door {
  pair: Pair<AdapterScope>
  /** Where the socket really is. */
  origin: string
  host: string
  /** What the app's guarded routes and its socket were reached with, in order. */
  reached: string[]
  /** Moves the clock. Milliseconds. */
  pass(ms: number): void
  /** Sends a request, holds its answer to the pinned one and writes it down. */
  ask(call: Call, expected: Expected): Promise<Answer>
  /** The same for a request of this visitor, signed where it has a key. */
  askAs(visitor: Visitor, call: Call, expected: Expected): Promise<Answer>
  /** Asks for a socket, which must be refused, and for this reason. */
  refuse(knocking: Call, status: number, code: string): Promise<void>
  /** A fresh typed code. */
  code(scopes?: readonly AnyScope[]): Promise<string>
  /** Pairs a device by a fresh code. */
  join(newcomer?: Newcomer, scopes?: readonly AnyScope[]): Promise<Visitor>
  /** A ticket of this visitor's. */
  ticket(visitor: Visitor, use: 'socket' | 'stream', headers?: Call['headers']): Promise<string>
  /** Opens a stream. */
  follow(path: string, headers: Readonly<Record<string, string>>): Promise<EventStream>
  /** A socket that must open. */
  talk(path: string, headers?: Readonly<Record<string, string>>): Promise<Talk>
}

export interface SiteOptions {
  options?: Partial<PairOptions<AdapterScope>>
  bodyParser?: AdapterApp['bodyParser']
  encrypted?: boolean
  /** The rule of the app's own limit. Default: three a minute. */
  limit?: AppLimit
  /** What clients see, where a proxy stands in front: its requests carry that Host. */
  seenAs?: string
  /** Lines that a proxy in front adds to each request. */
  forwarded?: Readonly<Record<string, string>>
}

/** Every code here gives all scopes unless told otherwise; a device without a key gets those of the app. */
const ALL: readonly AnyScope[] = ['notes:read', 'notes:write', 'access:read', 'access:write']

const MANY = { max: 1_000_000 }
/** Cases of something else ask as often as they like, and are told nothing of it. */
const ROOMY = { redeem: MANY, preview: MANY, change: MANY, poll: MANY, headers: 'none' } as const

const NOON = Date.UTC(2026, 0, 1, 12)

/** Starts the app of the scenario; `closing` is told how to end it, `told` each answer that was asked for. */
export async function startSite(
  harness: AdapterHarness,
  {
    options = {},
    bodyParser = 'none',
    encrypted = false,
    limit = { name: 'limited', max: 3 },
    seenAs,
    forwarded = {},
  }: SiteOptions,
  closing: (close: () => Promise<void>) => void,
  tell: (told: Told) => void,
): Promise<Site> {
  const standing = fixedClock(NOON)
  const clock = options.clock ?? standing
  const pair = createPair<AdapterScope>({
    secret: 'the secret of this scenario, 32 bytes or more',
    scopes: ['notes:read', 'notes:write'],
    logger: { debug() {}, info() {}, warn() {}, error() {} },
    limits: ROOMY,
    ...options,
    // It tells the time of this site, whoever made it.
    store: { ...(options.store ?? memoryStore()), time: async () => clock() },
    clock,
  })
  closing(() => pair.close())
  const refusals: string[] = []
  pair.on('refused', ({ code }) => void refusals.push(code))
  const reached: string[] = []
  const tls = encrypted ? createCertificate() : null
  const served = await harness.start({ pair, bodyParser, tls, limit, ...behaviour(reached) })
  closing(() => served.close())
  const external = seenAs ?? served.origin
  const lines = seenAs === undefined ? {} : { host: new URL(seenAs).host }

  const site: Site = {
    pair,
    origin: served.origin,
    host: new URL(served.origin).host,
    seenAs: external,
    reached,
    now: clock,
    pass: standing.advance,
    send: (call) =>
      send(
        served.origin,
        { ...lines, ...call, headers: { ...forwarded, ...call.headers } },
        tls?.cert,
      ),
    async ask(call, expected) {
      const answer = await site.send(call)
      const told = toTold(answer)
      tell(told)
      naming(call, () => expected(told))
      return answer
    },
    async askAs(visitor, call, expected) {
      const method = call.method ?? (call.body === undefined ? 'GET' : 'POST')
      const headers = { ...(await visitor.headers(method, call.path)), ...call.headers }
      return site.ask({ ...call, headers }, expected)
    },
    async refuse(knocking, status, code) {
      const told = toTold(await site.send(knocking))
      tell({ ...told, body: '' }) // which not every server sends
      naming(knocking, () => {
        turnedAway(status, code)(told)
        strictEqual(refusals.at(-1), code)
      })
    },
    code: async (scopes = ALL) => (await pair.codes.issue({ scopes, origin: external })).typed,
    join: async (newcomer, scopes) => pairVisitor(site, await site.code(scopes), newcomer),
    async ticket(visitor, use, headers = {}) {
      const path = '/auth/tickets'
      const all = { ...(await visitor.headers('POST', path)), ...headers }
      const { body, text } = await site.send({ path, body: { for: use }, headers: all })
      if (typeof body?.ticket !== 'string') throw new Error(`no ticket: ${text}`)
      return body.ticket
    },
    async follow(path, headers) {
      const stream = await openStream(served.origin + path, headers)
      closing(async () => stream.cut())
      return stream
    },
    async talk(path, headers = {}) {
      const talk = await openTalk(served.origin + path, headers, tls?.cert)
      closing(async () => talk.cut())
      return talk
    },
  }
  return site
}

/** Puts the request before what is said of its answer. */
function naming({ method, path, host, headers }: Call, check: () => void): void {
  try {
    check()
  } catch (error) {
    const request = JSON.stringify({ method, path, host, headers })
    if (error instanceof Error) error.message = `The answer to ${request}: ${error.message}`
    throw error
  }
}

/** What the app does, written down as it does it. */
function behaviour(
  reached: string[],
): Pick<AdapterApp, 'show' | 'screenNeed' | 'agentNeed' | 'greet' | 'reply'> {
  return {
    agentNeed: (name) => ({ agent: name }),
    screenNeed: (id) => ({ resource: `screen:${id}`, mode: 'view' }),
    show(auth) {
      reached.push('route')
      if (auth.kind === 'none') return auth
      if (auth.kind === 'agent') {
        const { id, scopes } = auth.agent
        return { kind: auth.kind, agent: id, scopes }
      }
      const { subject, scopes, device } = auth.session
      const { resource } = auth
      return {
        subject,
        scopes,
        device: device.label,
        proven: auth.proven,
        ...(resource && { resource }),
      }
    },
    greet(auth) {
      reached.push('socket')
      return `hello ${auth.kind === 'agent' ? auth.agent.id : auth.session.device.label}`
    },
    reply(auth, frame) {
      const text = typeof frame === 'string' ? frame : `${frame.byteLength} bytes`
      reached.push(text)
      if (text === 'boom') throw new Error('of the app')
      const { scopes } = auth.kind === 'agent' ? auth.agent : auth.session
      return `${scopes.join(' ')}: ${text}`
    },
  }
}
