import type { ProblemWire } from '@pair/core'
import {
  PairClientError,
  readObject,
  readProblem,
  toClientError,
  toRefusal,
} from './client-error.ts'
import type { DeviceKeys } from './device-key.ts'
import { type Endpoints, resolve } from './endpoints.ts'
import { createProof } from './proof.ts'

/** How long one of our own routes may take. */
const PATIENCE_MS = 15_000

/** What this page holds for its server; it ends with the page. */
export interface Credentials {
  /** The access token of the transport `dpop`. */
  token: string | undefined
  /** How far the clock of the server is ahead of ours. Milliseconds. */
  skewMs: number
}

export interface RequestPorts {
  at(): Endpoints
  fetch: typeof globalThis.fetch
  keys: DeviceKeys
  credentials: Credentials
  /** A session is needed that is not there: was one found? */
  recover(): Promise<boolean>
}

export interface CallOptions {
  body?: unknown
  /**
   * `signed`, the default: credential and proof, and what ran out is renewed · `plain`: the credential as it is ·
   * `alone`: a proof and nothing else · `body`: the same, and it covers the body.
   */
  auth?: 'signed' | 'plain' | 'alone' | 'body'
  signal?: AbortSignal
  accept?: string
}

export interface Requests {
  /** As the platform's fetch, with what the server needs to know us. */
  fetch(input: string | URL | Request, init?: RequestInit): Promise<Response>
  /** One of our own routes: a good answer, or an error. */
  call(method: string, path: string, options?: CallOptions): Promise<Response>
  /** The same, read as an object that has this member at least. */
  json<T>(member: keyof T, method: string, path: string, options?: CallOptions): Promise<T>
  /** Seconds since 1970 by the clock of the server. */
  now(): number
  syncClock(time: string): void
}

interface Outgoing {
  url: URL
  init: RequestInit & { method: string }
  /** Where the app gave a Request: a copy of it goes out each time. */
  request?: Request | undefined
  proof: boolean
  /** Whether the token goes along. */
  token: boolean
  /** Whether a session that is missing is looked for. */
  recover: boolean
  /** The body that the proof covers. */
  covered?: unknown
  /** What the server gave for the next proof alone: later ones go by the clock that was set right. */
  nonce?: string | undefined
}

const MOVED = [301, 302, 303, 307, 308]

/** A stream is read once; it can't be sent again. */
function isStream(body: unknown): boolean {
  return body instanceof ReadableStream || Symbol.asyncIterator in Object(body)
}

export function createRequests(ports: RequestPorts): Requests {
  const { keys, credentials } = ports
  const now = (): number => Math.floor((Date.now() + credentials.skewMs) / 1000)

  function syncClock(time: string): void {
    const skew = Date.parse(time) - Date.now()
    if (Number.isFinite(skew)) credentials.skewMs = skew
  }

  async function once(out: Outgoing): Promise<Response> {
    const { url, init, request } = out
    const { method } = init
    const headers = new Headers(init.headers ?? request?.headers)
    // a credential that the app sends itself is its own affair; only a token that waits for its proof is proven
    const own = headers.get('authorization')
    const bound = headers.has('dpop') ? undefined : /^DPoP (\S+)$/.exec(own ?? '')?.[1]
    const token = own === null && out.token ? credentials.token : bound
    const key = out.proof || token ? await keys.current() : null
    if (key) {
      headers.set(
        'dpop',
        await createProof(key, {
          method,
          url,
          at: now(),
          token,
          body: out.covered,
          nonce: out.nonce,
        }),
      )
      if (token) headers.set('authorization', `DPoP ${token}`)
    }
    const given = init.redirect ?? request?.redirect ?? 'follow'
    // a proof that followed a redirect would be handed to whom it was not made for
    const redirect = key && given === 'follow' ? 'manual' : given
    const sameOrigin = globalThis.location?.origin === url.origin
    const credentialsMode = init.credentials ?? (sameOrigin ? 'same-origin' : 'include')
    let response: Response
    try {
      const full = { ...init, headers, redirect, credentials: credentialsMode }
      response = await ports.fetch(request ? request.clone() : url.href, full)
    } catch (error) {
      if ((init.signal ?? request?.signal)?.aborted) throw error
      throw toClientError(error)
    }
    const { status } = response
    const moved = response.type === 'opaqueredirect' || MOVED.includes(status)
    if (moved && redirect !== given) throw new PairClientError('redirected', { status })
    return response
  }

  /** Sends, and where the refusal names a remedy of ours, mends that and sends again: each remedy once. */
  async function exchange(out: Outgoing): Promise<Response> {
    const tried = new Set<string>()
    for (;;) {
      const response = await once(out)
      if (response.status !== 401) return response
      const problem = await readProblem(response.clone())
      if (!problem || !(await mend(out, problem, tried)) || isStream(out.init.body)) return response
      await response.body?.cancel()
    }
  }

  async function mend(out: Outgoing, problem: ProblemWire, tried: Set<string>): Promise<boolean> {
    const { code, time, nonce } = problem
    const ofSession = code.startsWith('session_')
    const remedy = ofSession ? 'session' : code
    if (tried.has(remedy)) return false
    tried.add(remedy)
    if (ofSession) return out.recover && (await ports.recover())
    if (code === 'proof_required' && !out.proof) return (out.proof = !!(await keys.current()))
    // the time is told beside refused proofs alone
    if (time === undefined) return false
    syncClock(time)
    out.nonce = nonce
    return true
  }

  async function call(method: string, path: string, options: CallOptions = {}): Promise<Response> {
    const { body, auth = 'signed', accept = 'application/json' } = options
    const json = body ? JSON.stringify(body) : null
    const init = {
      method,
      headers: { accept, ...(json && { 'content-type': 'application/json' }) },
      cache: 'no-store',
      body: json,
      signal: options.signal ?? AbortSignal.timeout(PATIENCE_MS),
    } as const
    const out: Outgoing = {
      url: new URL(ports.at().auth + path),
      init,
      proof: auth !== 'plain',
      token: auth === 'signed' || auth === 'plain',
      recover: auth === 'signed',
      covered: auth === 'body' ? body : undefined,
    }
    const response = await exchange(out).catch((error: unknown) => {
      throw toClientError(error)
    })
    if (!response.ok) throw await toRefusal(response)
    return response
  }

  return {
    now,
    syncClock,
    call,
    json: async (member, ...asked) => await readObject(await call(...asked), member),
    async fetch(input, init = {}) {
      const request = input instanceof Request ? input : undefined
      const url = resolve(ports.at(), request ? request.url : (input as string | URL))
      const method = (init.method ?? request?.method ?? 'GET').toUpperCase()
      const proof = url.href.startsWith(`${ports.at().auth}/`)
      return await exchange({
        url,
        init: { ...init, method },
        request,
        proof,
        token: true,
        recover: true,
      })
    },
  }
}
