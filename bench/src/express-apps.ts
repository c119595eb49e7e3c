import { pairExpress, requireSession } from '@pair/express'
import { fromNodeHeaders } from 'better-auth/node'
import express, { type Express, type RequestHandler } from 'express'
import { createVerifier, createSigner } from 'fast-jwt'
import { getIronSession } from 'iron-session'
import jsonwebtoken from 'jsonwebtoken'
import { startPaired } from './paired.ts'
import { claims, ironCookie, ironOptions, SECRET, startBetterAuth } from './peers.ts'

/** An app with one route, and the headers that open it. */
export interface Guarded<App> {
  app: App
  headers: Record<string, string>
}

const notes: RequestHandler = (_req, res) => void res.json({ notes: [] })

function appWith(...guards: RequestHandler[]): Express {
  return express().get('/notes', ...guards, notes)
}

const bearer = (token: string): Record<string, string> => ({ authorization: `Bearer ${token}` })
const tokenOf = (header: string | undefined): string => (header ?? '').slice('Bearer '.length)

/** Lets pass whom `check` does not throw for. */
function guard(check: (header: string | undefined) => unknown): RequestHandler {
  return (req, res, next) => {
    try {
      check(req.headers.authorization)
    } catch {
      res.sendStatus(401)
      return
    }
    next()
  }
}

async function betterAuth(port: number, cookieCache: boolean): Promise<Guarded<Express>> {
  const { auth, cookie } = await startBetterAuth(port, cookieCache)
  const app = appWith(async (req, res, next) => {
    const session = await auth.api.getSession({ headers: fromNodeHeaders(req.headers) })
    if (session) next()
    else res.sendStatus(401)
  })
  return { app, headers: { cookie } }
}

export const expressApps: Record<string, (port: number) => Promise<Guarded<Express>>> = {
  bare: async () => ({ app: appWith(), headers: bearer('a'.repeat(300)) }),
  ours: async (port) => {
    const { pair, token } = await startPaired(port)
    return {
      app: appWith(requireSession(pair, { scopes: ['notes:read'] })),
      headers: bearer(token),
    }
  },
  'ours, mounted': async (port) => {
    const { pair, token } = await startPaired(port)
    const app = express().use(pairExpress(pair))
    app.get('/notes', requireSession(pair, { scopes: ['notes:read'] }), notes)
    return { app, headers: bearer(token) }
  },
  'a guard that lets all pass': async () => ({
    app: appWith(async (_req, _res, next) => next()),
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
  jsonwebtoken: async () => {
    const app = appWith(guard((header) => jsonwebtoken.verify(tokenOf(header), SECRET)))
    return { app, headers: bearer(jsonwebtoken.sign(claims(), SECRET)) }
  },
  'iron-session': async () => {
    const app = appWith(async (req, res, next) => {
      const { sub } = await getIronSession<{ sub?: string }>(req, res, ironOptions)
      if (sub === undefined) res.sendStatus(401)
      else next()
    })
    return { app, headers: { cookie: await ironCookie() } }
  },
  'better-auth, cookie cache': (port) => betterAuth(port, true),
  'better-auth, memory database': (port) => betterAuth(port, false),
}
