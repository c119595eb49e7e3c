import { pairHono, requireSession } from '@pair/hono'
import { Hono, type MiddlewareHandler } from 'hono'
import { jwt } from 'hono/jwt'
import { createSigner, createVerifier } from 'fast-jwt'
import { getIronSession } from 'iron-session'
import type { Guarded } from './express-apps.ts'
import { startPaired } from './paired.ts'
import { claims, ironCookie, ironOptions, SECRET, startBetterAuth } from './peers.ts'

function appWith(guard: MiddlewareHandler = (_c, next) => next()): Hono {
  return new Hono().get('/notes', guard, (c) => c.json({ notes: [] }))
}

const bearer = (token: string): Record<string, string> => ({ authorization: `Bearer ${token}` })
const tokenOf = (header: string | undefined): string => (header ?? '').slice('Bearer '.length)

/** Lets pass whom `check` does not throw for. */
function guard(check: (header: string | undefined) => unknown): MiddlewareHandler {
  return async (c, next) => {
    try {
      check(c.req.header('authorization'))
    } catch {
      return c.body(null, 401)
    }
    return next()
  }
}

async function betterAuth(port: number, cookieCache: boolean): Promise<Guarded<Hono>> {
  const { auth, cookie } = await startBetterAuth(port, cookieCache)
  const app = appWith(async (c, next) => {
    if (!(await auth.api.getSession({ headers: c.req.raw.headers }))) return c.body(null, 401)
    return next()
  })
  return { app, headers: { cookie } }
}

export const honoApps: Record<string, (port: number) => Promise<Guarded<Hono>>> = {
  bare: async () => ({
    app: new Hono().get('/notes', (c) => c.json({ notes: [] })),
    headers: bearer('a'.repeat(300)),
  }),
  ours: async (port) => {
    const { pair, token } = await startPaired(port)
    return {
      app: appWith(requireSession(pair, { scopes: ['notes:read'] })),
      headers: bearer(token),
    }
  },
  'ours, mounted': async (port) => {
    const { pair, token } = await startPaired(port)
    const app = new Hono().use(pairHono(pair))
    app.get('/notes', requireSession(pair, { scopes: ['notes:read'] }), (c) =>
      c.json({ notes: [] }),
    )
    return { app, headers: bearer(token) }
  },
  'a guard that lets all pass': async () => ({
    app: appWith(async (_c, next) => next()),
    headers: bearer('a'.repeat(300)),
  }),
  'a map by hand': async () => {
    const token = createSigner({ key: SECRET })(claims())
    const seen = new Map([[token, { expiresAt: Date.now() + 3_600_000 }]])
    const app = appWith(
      guard((header) => {
        if (!(Date.now() < (seen.get(tokenOf(header))?.expiresAt ?? 0))) throw new Error('unknown')
      }),
    )
    return { app, headers: bearer(token) }
  },
  'fast-jwt, cached': async () => {
    const verify = createVerifier({ key: SECRET, algorithms: ['HS256'], cache: 1_000 })
    const app = appWith(guard((header) => verify(tokenOf(header))))
    return { app, headers: bearer(createSigner({ key: SECRET })(claims())) }
  },
  'hono/jwt': async () => ({
    app: appWith(jwt({ secret: SECRET, alg: 'HS256' })),
    headers: bearer(createSigner({ key: SECRET })(claims())),
  }),
  'iron-session': async () => {
    const app = appWith(async (c, next) => {
      const { sub } = await getIronSession<{ sub?: string }>(c.req.raw, new Response(), ironOptions)
      return sub === undefined ? c.body(null, 401) : next()
    })
    return { app, headers: { cookie: await ironCookie() } }
  },
  'better-auth, cookie cache': (port) => betterAuth(port, true),
  'better-auth, memory database': (port) => betterAuth(port, false),
}
