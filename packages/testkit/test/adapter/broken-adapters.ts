import type { Pair, RequestInfo } from '@pair/core'
import type { AdapterHarness, AdapterScope } from '@pair/testkit'

type AppPair = Pair<AdapterScope>

/** An adapter with one fault, by what it does wrong with the pair that it is given. */
export interface BrokenAdapter {
  /** What it does. */
  fault: string
  /** The case that must not hold for it, by how its name begins. */
  fails: string
  damage(pair: AppPair): Partial<AppPair>
}

/** The same harness with this fault. */
export function broken(harness: AdapterHarness, { damage }: BrokenAdapter): AdapterHarness {
  return {
    start: (app) => harness.start({ ...app, pair: { ...app.pair, ...damage(app.pair) } }),
  }
}

/** Shows the pair other requests than those that came. */
function asking(
  change: (request: Request, info: RequestInfo) => [Request, RequestInfo],
): BrokenAdapter['damage'] {
  // The adapter that is broken here shows whole requests to guards too.
  return (pair) => ({
    handler: (request, info = {}) => pair.handler(...change(request, info)),
    identify: (request, info = {}) => pair.identify(...change(request as Request, info)),
    guard: (request, info, need) => pair.guard(...change(request as Request, info ?? {}), need),
    openSocket: (request, info, need) => pair.openSocket(...change(request, info ?? {}), need),
  })
}

/** Tells the pair other things of the socket and the body. */
function telling(
  change: (info: RequestInfo, request: Request) => RequestInfo,
): BrokenAdapter['damage'] {
  return asking((request, info) => [request, change(info, request)])
}

/** Hands on other headers. */
function heading(change: (headers: Headers) => void): BrokenAdapter['damage'] {
  return asking((request, info) => {
    const headers = new Headers(request.headers)
    change(headers)
    return [new Request(request, { headers }), info]
  })
}

/** Sends other answers than the pair's. */
function answering(change: (headers: Headers) => void): BrokenAdapter['damage'] {
  return (pair) => ({
    async handler(request, info) {
      const answer = await pair.handler(request, info)
      if (answer !== null) change(answer.headers)
      return answer
    },
  })
}

export const brokenAdapters: readonly BrokenAdapter[] = [
  {
    fault: 'forgets the address of the peer',
    fails: 'LIM-06',
    damage: telling(({ encrypted = false }) => ({ encrypted })),
  },
  {
    fault: 'takes TLS for plain http',
    fails: 'SES-02 over https',
    damage: telling((info) => ({ ...info, encrypted: false })),
  },
  {
    fault: 'believes any proxy',
    fails: 'NET-04 a proxy that nobody declared',
    damage: telling((info, { headers }) => ({
      ...info,
      encrypted: headers.get('x-forwarded-proto') === 'https',
    })),
  },
  {
    fault: 'hands on no body that was parsed',
    fails: 'NET-03 a body that a body parser read before us pairs',
    damage: telling(({ encrypted = false }) => ({ encrypted })),
  },
  {
    fault: 'keeps the first of two Authorization lines',
    fails: 'SEC-10 a credential that is there twice is 400',
    damage: heading((headers) => {
      const [first] = headers.get('authorization')?.split(', ') ?? []
      if (first !== undefined) headers.set('authorization', first)
    }),
  },
  {
    fault: 'keeps the first of two lines of an upgrade',
    fails: 'SEC-10 a credential that is there twice opens no socket',
    damage: heading((headers) => {
      const [first] = headers.get('dpop')?.split(', ') ?? []
      if (first !== undefined) headers.set('dpop', first)
    }),
  },
  {
    fault: 'drops the Host',
    fails: 'NET-02 a Host that is not ours',
    damage: heading((headers) => headers.set('host', 'localhost')),
  },
  {
    fault: 'drops the Origin',
    fails: 'SEC-22 pages of other origins',
    damage: heading((headers) => headers.delete('origin')),
  },
  {
    fault: 'drops the Origin of an upgrade',
    fails: 'WS-03',
    damage: heading((headers) => headers.delete('origin')),
  },
  {
    fault: 'does not tell that a client hung up',
    fails: 'APP-11 who hangs up',
    damage: asking((request, info) => [
      new Request(request, { signal: new AbortController().signal }),
      info,
    ]),
  },
  {
    fault: 'keeps one of two cookies that are set at once',
    fails: 'APP-02 a request by cookie',
    damage: answering((headers) => {
      const [first, ...others] = headers.getSetCookie()
      if (first !== undefined && others.length > 0) headers.set('set-cookie', first)
    }),
  },
  {
    fault: 'leaves out when to come again',
    fails: 'APP-09 two wait',
    damage: answering((headers) => headers.delete('retry-after')),
  },
  {
    fault: 'takes a PUT for a POST',
    fails: 'APP-01 the admission is read',
    damage: asking((request, info) => [
      request.method === 'PUT' ? new Request(request, { method: 'POST' }) : request,
      info,
    ]),
  },
  {
    fault: 'asks for no scope',
    fails: 'SES-10',
    damage: (pair) => ({
      guard: (request, info) => pair.guard(request, info, {}),
    }),
  },
  {
    fault: 'asks for no proof',
    fails: 'POP-01 a proof is for one key',
    damage: (pair) => ({
      guard: (request, info, { scopes = [] }) => pair.guard(request, info, { scopes }),
    }),
  },
  {
    fault: 'asks for anyone where it should for agents',
    fails: 'AGT-03 SES-04 an agent passes',
    damage: (pair) => ({
      guard: (request, info, need) => pair.guard(request, info, { ...need, who: 'any' as never }),
    }),
  },
  {
    fault: 'asks for any agent where it should for one',
    fails: 'AGT-02',
    damage: (pair) => ({
      guard: (request, info, { who, scopes = [] }) =>
        pair.guard(request, info, { scopes, ...(who && { who: who as never }) }),
    }),
  },
  {
    fault: 'keeps to itself that a shared key ends',
    fails: 'AGT-03 the shared key',
    damage: (pair) => ({
      async guard(request, info, need) {
        const guarded = await pair.guard(request, info, need)
        return guarded.ok ? { ok: true, auth: guarded.auth } : guarded
      },
    }),
  },
  {
    fault: 'opens sockets of agents to people',
    fails: 'AGT-03 AGT-04 SES-12',
    damage: (pair) => ({
      openSocket: (request, info, need) =>
        pair.openSocket(request, info, { ...need, who: 'any' as never }),
    }),
  },
  {
    fault: 'answers what is the app’s',
    fails: 'NET-01 what is below the base path',
    damage: (pair) => ({
      owns: () => true,
      handler: async (request, info) =>
        (await pair.handler(request, info)) ?? new Response(null, { status: 404 }),
    }),
  },
  {
    fault: 'lets answers be cached',
    fails: 'NET-06',
    damage: answering((headers) => headers.delete('cache-control')),
  },
  {
    fault: 'takes the attributes off the cookie',
    fails: 'SES-02 over plain http',
    damage: answering((headers) => {
      const cookie = headers.get('set-cookie')
      if (cookie !== null) headers.set('set-cookie', cookie.replace('; HttpOnly', ''))
    }),
  },
  {
    fault: 'lets frames pass before the hello',
    fails: 'WS-02 a socket by the ticket of a cookie device',
    damage: (pair) => ({
      async openSocket(request, info, need) {
        const guard = await pair.openSocket(request, info, need)
        if (guard instanceof Response) return guard
        return {
          auth: guard.auth,
          attach(socket, ready) {
            const attached = guard.attach(socket, () => {})
            ready()
            return { ...attached, receive: async () => true }
          },
        }
      },
    }),
  },
  {
    fault: 'closes sockets with a code of its own',
    fails: 'SES-12 sockets of a session that is revoked',
    damage: (pair) => ({
      async openSocket(request, info, need) {
        const guard = await pair.openSocket(request, info, need)
        if (guard instanceof Response) return guard
        return {
          auth: guard.auth,
          attach: (socket, ready) =>
            guard.attach({ send: socket.send, close: () => socket.close(1000, '') }, ready),
        }
      },
    }),
  },
]
