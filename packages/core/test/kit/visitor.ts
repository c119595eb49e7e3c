import type { IssueCode } from '../../src/bootstrap/code-request.ts'
import { sha256Base64Url } from '../../src/encoding/bytes.ts'
import type { AuthorizedAnswer, TicketAnswer, Transport } from '../../src/http/wire.ts'
import type { AccessScope, RequestInfo } from '../../src/pair.ts'
import type { DeviceKey } from './device.ts'
import type { Scope, Server } from './server.ts'

export interface Answer<T> {
  status: number
  headers: Headers
  text: string
  body: T
}

export interface CallOptions {
  body?: unknown
  /** `true`: a right one for this request. */
  proof?: boolean | string
  authorization?: string | null
  headers?: Record<string, string>
  /** Whether the jar's cookies go along. Default: yes. */
  cookies?: boolean
  info?: RequestInfo
}

/** Somebody who talks to a server: a cookie jar, maybe a device key, maybe an access token. */
export interface Visitor {
  jar: Map<string, string>
  key: DeviceKey | null
  accessToken: string | undefined
  refreshToken: string | undefined
  /** The session that it was last given. */
  session: AuthorizedAnswer['session']
  /** The value of its one cookie. */
  cookie(): string
  /** The `Cookie` header that the jar makes. */
  cookieHeader(): string
  request(method: string, path: string, options?: CallOptions): Promise<Request>
  /** A call below the base path. */
  call<T = Record<string, unknown>>(
    method: string,
    path: string,
    options?: CallOptions,
  ): Promise<Answer<T>>
  redeem(
    code: string,
    wish?: { transport?: Transport; scopes?: string[]; label?: string },
  ): Promise<Answer<AuthorizedAnswer>>
  ticket(use?: 'socket' | 'stream'): Promise<string>
}

export function createVisitor(
  server: Server,
  key: DeviceKey | null = null,
  info?: RequestInfo,
): Visitor {
  const { pair, clock, origin } = server
  const visitor: Visitor = {
    jar: new Map(),
    key,
    accessToken: undefined,
    refreshToken: undefined,
    session: undefined as never,
    cookie: () => [...visitor.jar.values()][0] ?? '',
    cookieHeader: () => [...visitor.jar].map(([name, value]) => `${name}=${value}`).join('; '),
    async request(method, path, { body, proof, authorization, headers = {}, cookies = true } = {}) {
      const url = new URL(path, origin)
      const all = new Headers({ host: url.host, ...headers })
      if (cookies && visitor.jar.size > 0) all.set('cookie', visitor.cookieHeader())
      const scheme = key === null ? 'Bearer' : 'DPoP'
      const authorized =
        authorization === undefined && visitor.accessToken !== undefined
          ? `${scheme} ${visitor.accessToken}`
          : authorization
      if (typeof authorized === 'string') all.set('authorization', authorized)
      if (typeof proof === 'string') all.set('dpop', proof)
      if (proof === true && key) {
        const token = typeof authorized === 'string' ? authorized.split(' ')[1] : undefined
        const covers = path.endsWith('/redeem') ? { body } : {}
        all.set(
          'dpop',
          await key.prove({
            htm: method,
            htu: origin + url.pathname,
            at: clock(),
            ...covers,
            ...(token === undefined ? {} : { token }),
          }),
        )
      }
      if (body !== undefined) all.set('content-type', 'application/json')
      return new Request(url, {
        method,
        headers: all,
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      })
    },
    async call<T>(method: string, path: string, options: CallOptions = {}): Promise<Answer<T>> {
      const request = await visitor.request(method, `/auth${path}`, options)
      const response = await pair.handler(request, options.info ?? info)
      if (!response) throw new Error(`${path} is not a route below the base path`)
      for (const line of response.headers.getSetCookie()) {
        const [pairText = ''] = line.split(';')
        const at = pairText.indexOf('=')
        if (/Max-Age=0/.test(line)) visitor.jar.delete(pairText.slice(0, at))
        else visitor.jar.set(pairText.slice(0, at), pairText.slice(at + 1))
      }
      const text = await response.text()
      const isJson = /\bjson\b/.test(response.headers.get('content-type') ?? '')
      return {
        status: response.status,
        headers: response.headers,
        text,
        body: (isJson && text !== '' ? JSON.parse(text) : {}) as T,
      }
    },
    async redeem(code, { transport, scopes, label = 'A device' } = {}) {
      const device = { label, kind: 'browser', ...(key === null ? {} : { publicKey: key.jwk }) }
      const body = {
        code,
        device,
        ...(transport === undefined ? {} : { transport }),
        ...(scopes === undefined ? {} : { scopes }),
      }
      const answer = await visitor.call<AuthorizedAnswer>('POST', '/redeem', {
        body,
        proof: key !== null,
        authorization: null,
      })
      if (answer.status === 200) {
        visitor.session = answer.body.session
        visitor.accessToken = answer.body.accessToken
        visitor.refreshToken = answer.body.refreshToken
      }
      return answer
    },
    async ticket(use = 'socket') {
      const answer = await visitor.call<TicketAnswer>('POST', '/tickets', {
        body: { for: use },
        proof: key !== null,
      })
      if (answer.status !== 200) throw new Error(`no ticket: ${answer.text}`)
      return answer.body.ticket
    },
  }
  return visitor
}

export const ALL_SCOPES = ['notes:read', 'notes:write', 'access:read', 'access:write'] as const

export interface PairWish {
  key?: DeviceKey | null
  transport?: Transport
  code?: IssueCode<Scope | AccessScope>
  info?: RequestInfo
}

/** A visitor who redeemed a fresh code of the operator's with all scopes. */
export async function pairVisitor(
  server: Server,
  { key = null, transport, code = {}, info }: PairWish = {},
): Promise<Visitor> {
  const issued = await server.pair.codes.issue({
    scopes: ALL_SCOPES,
    origin: server.origin,
    ...code,
  })
  const visitor = createVisitor(server, key, info)
  const answer = await visitor.redeem(issued.typed, transport === undefined ? {} : { transport })
  if (answer.status !== 200) throw new Error(`not paired: ${answer.text}`)
  return visitor
}

/** What a `hello` frame of that ticket is. */
export async function helloFrame(
  server: Server,
  key: DeviceKey,
  ticket: string,
  path = '/live',
): Promise<string> {
  const proof = await key.prove({
    htm: 'GET',
    htu: server.origin + path,
    at: server.clock(),
    claims: { ath: sha256Base64Url(ticket) },
  })
  return JSON.stringify({ type: 'hello', proof })
}
