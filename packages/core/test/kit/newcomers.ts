import type { RequestInfo } from '../../src/pair.ts'
import { createDeviceKey, type DeviceKey } from './device.ts'
import { addressOf } from './races.ts'
import { ORIGIN, startServer, type Server, type ServerOptions } from './server.ts'

export interface LogLine {
  level: 'debug' | 'info' | 'warn' | 'error'
  message: string
  fields: Readonly<Record<string, unknown>> | undefined
}

export interface Call {
  method?: string
  /** Sent as JSON; a string to the letter. */
  body?: unknown
  headers?: Readonly<Record<string, string>>
  info?: RequestInfo
}

export interface Answer {
  status: number
  headers: Headers
  text: string
  /** The parsed JSON; empty where there is none. */
  body: Readonly<Record<string, unknown>>
  /** The same, as that shape of the wire. */
  as<T>(): T
}

/** A server whose operator keeps the log, spoken to request by request. */
export interface LoggedServer extends Server {
  logs: LogLine[]
  /** One request through the handler; `path` begins behind the origin. */
  call(path: string, call?: Call): Promise<Answer>
  /** An address that nobody came from before. */
  freshAddress(): string
}

export type LoggedOptions = Omit<ServerOptions, 'origin'>

export function createServer(options: LoggedOptions = {}): LoggedServer {
  const logs: LogLine[] = []
  const log =
    (level: LogLine['level']) =>
    (message: string, fields?: Readonly<Record<string, unknown>>): void =>
      void logs.push({ level, message, fields })
  const logger = { debug: log('debug'), info: log('info'), warn: log('warn'), error: log('error') }
  const server = startServer({ publicUrl: ORIGIN, logger, ...options })
  let seen = 0
  return {
    ...server,
    logs,
    call: (path, call) => send(server, path, call),
    freshAddress: () => addressOf(seen++),
  }
}

async function send(
  { pair, origin }: Server,
  path: string,
  { method, body, headers, info }: Call = {},
): Promise<Answer> {
  const request = new Request(origin + path, {
    method: method ?? (body === undefined ? 'GET' : 'POST'),
    headers: { ...(body === undefined ? {} : { 'content-type': 'application/json' }), ...headers },
    ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
  })
  const response = await pair.handler(request, { remoteAddress: '127.0.0.1', ...info })
  if (response === null) throw new Error(`not ours: ${path}`)
  const text = await response.text()
  const isJson = /\bjson\b/.test(response.headers.get('content-type') ?? '')
  const parsed = (isJson && text !== '' ? JSON.parse(text) : {}) as Record<string, unknown>
  return {
    status: response.status,
    headers: response.headers,
    text,
    body: parsed,
    as: <T>() => parsed as T,
  }
}

/** Somebody who comes with a code, from an address of its own: keeps the cookie it is given, and signs with its key where it has one. */
export interface Newcomer {
  key: DeviceKey | null
  /** As it would be sent; empty where there is none. */
  cookie(): string
  /** `more`: members of the body beside the code, in place of the usual ones; `from`: another address than its own. */
  redeem(code: string, more?: Readonly<Record<string, unknown>>, from?: string): Promise<Answer>
  /** With the cookie, and a proof where there is a key. */
  call(path: string, call?: Call): Promise<Answer>
}

/** Somebody without a key. */
export function createStranger(server: LoggedServer): Newcomer {
  return newcomer(server, null)
}

/** Somebody with a key of its own. */
export async function createKeyed(server: LoggedServer): Promise<Newcomer> {
  return newcomer(server, await createDeviceKey())
}

function newcomer(
  { call, clock, origin, freshAddress }: LoggedServer,
  key: DeviceKey | null,
): Newcomer {
  const home = freshAddress()
  let cookie = ''
  async function go(path: string, wish: Call, covers: { body?: unknown }): Promise<Answer> {
    const method = wish.method ?? (wish.body === undefined ? 'GET' : 'POST')
    const htu = origin + path.split('?', 1)[0]
    const proof = key && (await key.prove({ htm: method, htu, at: clock(), ...covers }))
    const headers = {
      ...(cookie ? { cookie } : {}),
      ...(proof ? { dpop: proof } : {}),
      ...wish.headers,
    }
    const info = { remoteAddress: home, ...wish.info }
    const answer = await call(path, { ...wish, headers, info })
    const set = answer.headers.get('set-cookie')
    if (set !== null) cookie = set.includes('Max-Age=0') ? '' : set.split(';', 1)[0]!
    return answer
  }
  return {
    key,
    cookie: () => cookie,
    redeem(code, more = {}, from = home) {
      const device = { label: 'A device', kind: 'browser', ...(key ? { publicKey: key.jwk } : {}) }
      const body = { code, device, ...more }
      return go('/auth/redeem', { body, info: { remoteAddress: from } }, { body })
    },
    call: (path, wish = {}) => go(path, wish, {}),
  }
}

/** The secret that a pairing link carries. */
export function secretOf(link: string): string {
  return new URL(link).hash.replace('#code=', '')
}
