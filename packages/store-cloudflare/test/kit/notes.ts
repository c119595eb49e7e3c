import { createPair, type Pair, type Store } from '@pair/core'
import { signIn } from '@pair/testkit/app'

/** The app that the tests talk to: it pairs, guards its notes, and lets the test do what its operator would. */
export function createNotes(store: Store): (request: Request) => Promise<Response> {
  const pair: Pair<'notes'> = createPair({
    secret: 'a secret of this test, which no server has',
    store,
    scopes: ['notes'],
    keyless: 'full',
    logger: { debug() {}, info() {}, warn() {}, error() {} },
  })
  return async (request) => {
    const { origin, pathname, searchParams } = new URL(request.url)
    const info = { remoteAddress: request.headers.get('x-from') ?? '' }
    const answer = await pair.handler(request, info)
    if (answer) return answer
    switch (pathname) {
      case '/notes': {
        const guarded = await pair.guard(request, info, { scopes: ['notes'] })
        return guarded.ok ? new Response('notes') : guarded.response
      }
      case '/operator/issue':
        return Response.json((await pair.codes.issue({ scopes: ['notes'], origin })).link)
      case '/operator/revoke':
        await pair.sessions.revoke(searchParams.get('session') ?? '')
        return Response.json(null)
      case '/operator/devices': {
        const { items } = await pair.devices.list({ limit: 1_000 })
        return Response.json(items.map(({ label }) => label))
      }
      case '/operator/watcher': {
        const scopes = ['access:read'] as const
        const { session, headers } = await signIn(pair, { origin, transport: 'dpop', scopes })
        const stream = `${origin}/auth/access/events`
        return Response.json({ session: session.id, stream, headers: await headers('GET', stream) })
      }
      default:
        return new Response(null, { status: 404 })
    }
  }
}
