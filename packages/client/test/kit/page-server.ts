import type { EntryRequest, PublicKeyJwk, RedeemRequest, SessionWire } from '@pair/core'
import { thumbprint } from '../../src/device-key.ts'
import {
  createPairClient,
  type KeyStore,
  type PairClient,
  type PairClientOptions,
} from '../../src/index.ts'
import { createPendingDesk, type PendingDesk } from './pending-desk.ts'

export const ORIGIN = 'http://localhost:3000'

/**
 * What a page sees of a server, for tests inside a browser: there a script may neither set nor read `Set-Cookie`, so that
 * the real server can't run in the page. It believes every proof; judging them is not what these tests show.
 */
export interface PageServer {
  log: string[]
  /** Codes that are good once. */
  codes: Set<string>
  /** Where a request waits that was made without a code. */
  desk: PendingDesk
  /** Called for each request before it is answered. */
  before(hook: (() => Promise<void> | void) | undefined): void
  /** Called before each answer goes back. */
  after(hook: (() => Promise<void> | void) | undefined): void
  /** A page of the one browser that this server knows. */
  open(options?: PairClientOptions): PairClient
}

export function createPageServer(keyStore: KeyStore): PageServer {
  const log: string[] = []
  const codes = new Set<string>()
  const sessions = new Map<string, SessionWire>()
  let cookie: SessionWire | undefined
  const desk = createPendingDesk()
  let asked: EntryRequest | undefined
  let hook: (() => Promise<void> | void) | undefined
  let afterwards: (() => Promise<void> | void) | undefined

  async function redeem(request: Request): Promise<Response> {
    const redeemed = (await request.json()) as RedeemRequest
    if (!codes.delete(redeemed.code)) return refuse('code_invalid')
    return desk.confirms ? desk.pending() : authorize(await pair(redeemed))
  }

  async function pair({
    device,
    transport = 'cookie',
  }: Pick<RedeemRequest, 'device' | 'transport'>): Promise<SessionWire> {
    const key = device?.publicKey ? await thumbprint(device.publicKey) : null
    const session: SessionWire = {
      id: `ses_${sessions.size}`,
      subject: 'owner',
      scopes: [],
      transport,
      device: {
        id: `dev_${key}`,
        label: device?.label ?? '',
        kind: 'browser',
        thumbprint: key,
        createdAt: '',
      },
      createdAt: '',
      expiresAt: null,
      data: null,
    }
    if (key !== null) sessions.set(key, session)
    return session
  }

  function authorize(session: SessionWire): Response {
    if (session.transport === 'cookie') cookie = session
    const token = session.transport === 'dpop' ? { accessToken: session.device.thumbprint } : {}
    return Response.json({ status: 'authorized', session, credentialExpiresAt: '', ...token })
  }

  async function answer(request: Request): Promise<Response> {
    const { pathname } = new URL(request.url)
    const token = /^DPoP (.+)$/.exec(request.headers.get('authorization') ?? '')?.[1]
    const session = token === undefined ? cookie : sessions.get(token)
    const server = { version: 1, time: new Date().toISOString(), admission: 'code' }
    switch (pathname) {
      case '/auth/session':
        return Response.json(
          session ? { authenticated: true, session, server } : { authenticated: false, server },
        )
      case '/auth/redeem':
        return await redeem(request)
      case '/auth/request':
        asked = (await request.json()) as EntryRequest
        return desk.pending()
      case '/auth/claim':
        return await desk.claim(request.signal, async () => authorize(await pair(asked ?? {})))
      case '/auth/withdraw':
        desk.decide('withdrawn')
        return new Response(null, { status: 204 })
      case '/auth/renew': {
        const known = sessions.get(await keyOf(request))
        return known ? authorize(known) : refuse('session_invalid')
      }
      case '/auth/logout':
        cookie = undefined
        sessions.delete(session?.device.thumbprint ?? '')
        return new Response(null, { status: 204 })
      default:
        return session ? new Response('fine') : refuse('session_required')
    }
  }

  return {
    log,
    codes,
    desk,
    before: (next) => void (hook = next),
    after: (next) => void (afterwards = next),
    open: (options = {}) =>
      createPairClient({
        baseUrl: ORIGIN,
        keyStore,
        async fetch(input, init) {
          const request = new Request(input, init)
          log.push(`${request.method} ${new URL(request.url).pathname}`)
          await hook?.()
          const response = await answer(request)
          await afterwards?.()
          return response
        },
        ...options,
      }),
  }
}

async function keyOf(request: Request): Promise<string> {
  const header = request.headers.get('dpop')?.split('.')[0] ?? ''
  const { jwk } = JSON.parse(atob(header.replaceAll('-', '+').replaceAll('_', '/'))) as {
    jwk: PublicKeyJwk
  }
  return await thumbprint(jwk)
}

function refuse(code: string): Response {
  return Response.json({ code, detail: 'No.', hint: '', status: 401 }, { status: 401 })
}
