import { isPairError, PairError } from '../errors.ts'
import type { RequestInfo } from '../pair.ts'
import { accessRoutes } from './access-routes.ts'
import { auditRoutes } from './audit-routes.ts'
import { approvalRoutes } from './approval-routes.ts'
import { entryRoutes } from './entry-routes.ts'
import type { Visits } from './visit.ts'
import { readBody } from './body.ts'
import { NOWHERE } from './request-facts.ts'
import { eventRoutes } from './event-stream.ts'
import { keyRoutes } from './key-routes.ts'
import { checkOrigin, preflight } from './origin-rules.ts'
import type { HttpParts, Route, Visit } from './route.ts'
import { sessionRoutes } from './session-routes.ts'

/** The routes that are always there. */
export const ROUTES: readonly Route[] = [
  ...sessionRoutes,
  ...entryRoutes,
  ...accessRoutes,
  ...approvalRoutes,
  ...eventRoutes,
  ...keyRoutes,
  ...auditRoutes,
]

/** What a URL may hold that reads otherwise once it is parsed: a base path may come out of it that was not there. */
const ODD = /[\\\s]|\/(?:\.|%2e)/i

/** Whether a URL, or its path, is one of ours: below the base path, or a whole path of one of these routes. */
export function createOwns(
  basePath: string,
  routes: readonly Route[],
): (target: string) => boolean {
  const whole = new Set(routes.map(({ path }) => path).filter(isWhole))
  return (target) => {
    // Nearly all are the app's: those are not even parsed.
    if (!target.includes(basePath) && !ODD.test(target)) return false
    if (!URL.canParse(target, NOWHERE)) return false
    const { pathname } = new URL(target, NOWHERE)
    return pathname === basePath || pathname.startsWith(`${basePath}/`) || whole.has(pathname)
  }
}

function isWhole(path: string): boolean {
  return path.startsWith('/')
}

/** Answers the requests below the base path; `null`: not ours. Whatever a request holds, it is answered. */
export function createHandler(
  parts: HttpParts,
  visits: Visits,
  owns: (target: string) => boolean,
  routes: readonly Route[],
): (request: Request, info?: RequestInfo) => Promise<Response | null> {
  const { basePath } = parts.settings
  return async (request, info) => {
    if (!owns(request.url)) return null
    const { pathname } = new URL(request.url)
    const answer = await visits.answer(request, info, async (facts, open) => {
      const early = preflight(facts, parts.settings)
      if (early) return early
      checkOrigin(facts, parts.settings)
      const { route, id } = match(routes, request.method, pathname, basePath)
      const visit = await open()
      /** Who has no session is limited in all that he writes. */
      const require: Visit['require'] = (need) =>
        visit.require(need).catch(async (error: unknown) => {
          // Whose session is over hears that: he comes with what we signed, and pairs or renews by it.
          const isStranger = isPairError(error) && /^session_(?:required|invalid)$/.test(error.code)
          if (route.method !== 'GET' && isStranger) {
            const standing = await parts.limiter.countRefused(facts)
            if (standing !== null) visit.tell(standing)
          }
          throw error
        })
      const body =
        route.method === 'GET' || route.method === 'DELETE' || route.readsBody
          ? {}
          : await readBody(request, info)
      return route.handle({ ...visit, require, id, body })
    })
    return request.method === 'HEAD' ? withoutBody(answer) : answer
  }
}

/** @throws PairError `not_found`, `method_not_allowed` */
function match(
  routes: readonly Route[],
  method: string,
  pathname: string,
  basePath: string,
): { route: Route; id: string } {
  const wanted = method === 'HEAD' ? 'GET' : method
  const whole = pathname.split('/')
  const below = pathname.startsWith(`${basePath}/`)
    ? pathname.slice(basePath.length + 1).split('/')
    : []
  const allowed: string[] = []
  for (const route of routes) {
    // Each at its own place: what is left behind the base path and a slash too many is no whole path.
    const id = matchPath(route.path.split('/'), isWhole(route.path) ? whole : below)
    if (id === null) continue
    if (route.method === wanted) return { route, id }
    allowed.push(route.method, ...(route.method === 'GET' ? ['HEAD'] : []))
  }
  if (allowed.length === 0) throw new PairError('not_found')
  // A static route hides the pattern beside it: both count as known here, which a stranger may learn from the documentation.
  throw new PairError('method_not_allowed', { members: { allow: [...new Set(allowed)] } })
}

function matchPath(pattern: readonly string[], segments: readonly string[]): string | null {
  if (pattern.length !== segments.length) return null
  let id = ''
  for (const [at, part] of pattern.entries()) {
    const segment = segments[at] ?? ''
    if (part === ':id') id = segment
    else if (part !== segment) return null
  }
  return id
}

async function withoutBody(response: Response): Promise<Response> {
  await response.body?.cancel()
  return new Response(null, { status: response.status, headers: response.headers })
}
