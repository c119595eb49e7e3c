import { createHash, randomBytes } from 'node:crypto'
import { createPair } from '../../src/create-pair.ts'
import { canonicalJson } from '../../src/encoding/canonical-json.ts'
import type { Pair, RequestInfo } from '../../src/pair.ts'
import type { PairOptions } from '../../src/pair-options.ts'
import type { Clock } from '../../src/ports/runtime.ts'
import type { Store } from '../../src/ports/store.ts'
import { ROOMY } from './roomy.ts'
import { memoryStore } from '../../src/storage/memory/memory-store.ts'

export const HERE = 'http://localhost:3000'
const T0 = 1_800_000_000_000

export interface Call {
  method?: string
  /** Sent as JSON; a string or bytes to the letter. */
  body?: unknown
  headers?: Readonly<Record<string, string>>
  info?: RequestInfo
  /** Where the request goes, if not to `HERE`. */
  at?: string
}

/** JSON in which a test looks wherever it likes. */
// oxlint-disable-next-line typescript/no-explicit-any -- a wrong look fails the test
export type Loose = any

export interface Answer {
  status: number
  headers: Headers
  text: string
  /** The parsed JSON; `undefined` where there is none. */
  body: Loose
}

/** A pair as the wire sees it: requests in, answers out. */
export interface Edge {
  pair: Pair
  store: Store
  /** Moves the clock, which stands otherwise. */
  pass(ms: number): void
  now(): number
  call(path: string, call?: Call): Promise<Answer>
  /** Pairs a device with a key by a start-up code's rights. */
  owner(): Promise<Keyed>
  /** Pairs without a key; answers the Authorization. */
  bearer(): Promise<string>
}

/** A device with a key; `call` signs each request. */
export interface Keyed {
  cookie: string
  sessionId: string
  deviceId: string
  prove(method: string, url: string, more?: Readonly<Record<string, unknown>>): Promise<string>
  call(path: string, call?: Call): Promise<Answer>
  /** The headers of one signed request. */
  headers(method: string, path: string): Promise<Record<string, string>>
}

export const sha256 = (text: string): string =>
  createHash('sha256').update(text).digest('base64url')

/** `storeClock`: the time that the store tells, if not that of the instance's own clock. */
export function createEdge(options: Partial<PairOptions> = {}, storeClock?: Clock): Edge {
  let at = T0
  const clock = options.clock ?? (() => at)
  const store = options.store ?? memoryStore({ clock })
  const pair = createPair<string>({
    secret: 'a secret of these tests, 32 bytes or more',
    scopes: ['notes:read', 'notes:write'],
    logger: { debug() {}, info() {}, warn() {}, error() {} },
    limits: ROOMY,
    ...options,
    clock,
    store: { ...store, time: async () => (storeClock ?? clock)() },
  })
  const edge: Edge = {
    pair,
    store,
    pass: (ms) => void (at += ms),
    now: clock,
    async call(path, call = {}) {
      const response = await pair.handler(toRequest(path, call), {
        remoteAddress: '127.0.0.1',
        ...call.info,
      })
      if (response === null) throw new Error(`not ours: ${path}`)
      return read(response)
    },
    async owner() {
      const scopes = ['notes:read', 'notes:write', 'access:read', 'access:write']
      const { typed } = await pair.codes.issue({ scopes, origin: HERE })
      return pairKeyed(edge, typed)
    },
    async bearer() {
      const { typed } = await pair.codes.issue({ origin: HERE })
      const { body } = await edge.call('/auth/redeem', {
        body: { code: typed, transport: 'bearer' },
      })
      return `Bearer ${body.accessToken}`
    },
  }
  return edge
}

/** Pairs a device with a fresh key by the cookie. */
export async function pairKeyed(
  edge: Pick<Edge, 'call' | 'now'>,
  code: string,
  origin: string = HERE,
): Promise<Keyed> {
  const key = await crypto.subtle.generateKey({ name: 'ECDSA', namedCurve: 'P-256' }, false, [
    'sign',
    'verify',
  ])
  const { x = '', y = '' } = await crypto.subtle.exportKey('jwk', key.publicKey)
  const publicKey = { kty: 'EC', crv: 'P-256', x, y }
  const encode = (value: unknown): string =>
    Buffer.from(JSON.stringify(value)).toString('base64url')
  const prove: Keyed['prove'] = async (htm, htu, more = {}) => {
    const payload = {
      jti: randomBytes(16).toString('base64url'),
      htm,
      htu,
      iat: Math.floor(edge.now() / 1_000),
      ...more,
    }
    const input = `${encode({ typ: 'dpop+jwt', alg: 'ES256', jwk: publicKey })}.${encode(payload)}`
    const signature = await crypto.subtle.sign(
      { name: 'ECDSA', hash: 'SHA-256' },
      key.privateKey,
      Buffer.from(input),
    )
    return `${input}.${Buffer.from(signature).toString('base64url')}`
  }
  const body = { code, device: { label: 'A keyed device', kind: 'browser', publicKey } }
  const dpop = await prove('POST', `${origin}/auth/redeem`, {
    bodyHash: sha256(canonicalJson(body)),
  })
  const paired = await edge.call('/auth/redeem', { body, headers: { dpop } })
  if (paired.status !== 200) throw new Error(`not paired: ${paired.status} ${paired.text}`)
  const cookie = paired.headers.get('set-cookie')!.split(';', 1)[0]!
  const { session } = paired.body
  const headers: Keyed['headers'] = async (method, path) => ({
    cookie,
    dpop: await prove(method, `${origin}${path.split('?', 1)[0]}`),
  })
  return {
    cookie,
    sessionId: session.id,
    deviceId: session.device.id,
    prove,
    headers,
    async call(path, call = {}) {
      const method = call.method ?? (call.body === undefined ? 'GET' : 'POST')
      return edge.call(path, {
        ...call,
        headers: { ...(await headers(method, path)), ...call.headers },
      })
    },
  }
}

/** The request that a call makes. */
export function toRequest(path: string, { method, body, headers, at = HERE }: Call = {}): Request {
  const init: RequestInit & { duplex?: 'half' } = {
    method: method ?? (body === undefined ? 'GET' : 'POST'),
    headers: { ...(body === undefined ? {} : { 'content-type': 'application/json' }), ...headers },
    duplex: 'half',
  }
  const isRaw =
    typeof body === 'string' || body instanceof Uint8Array || body instanceof ReadableStream
  if (body !== undefined) init.body = isRaw ? (body as BodyInit) : JSON.stringify(body)
  return new Request(at + path, init)
}

/** An answer with its text and JSON. */
export async function read(response: Response): Promise<Answer> {
  const text = await response.text()
  const isJson = /\bjson\b/.test(response.headers.get('content-type') ?? '') && text !== ''
  return {
    status: response.status,
    headers: response.headers,
    text,
    body: isJson ? JSON.parse(text) : undefined,
  }
}
