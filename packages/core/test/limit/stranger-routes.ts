import { accessRoutes } from '../../src/http/access-routes.ts'
import { auditRoutes } from '../../src/http/audit-routes.ts'
import { approvalRoutes } from '../../src/http/approval-routes.ts'
import { entryRoutes } from '../../src/http/entry-routes.ts'
import { eventRoutes } from '../../src/http/event-stream.ts'
import { keyRoutes } from '../../src/http/key-routes.ts'
import type { Route } from '../../src/http/route.ts'
import { sessionRoutes } from '../../src/http/session-routes.ts'
import type { LimitClass } from '../../src/limit/limits.ts'
import { wrongCode } from '../kit/guessers.ts'

/** Every route that there is. */
export const ALL_ROUTES: readonly Route[] = [
  ...sessionRoutes,
  ...entryRoutes,
  ...accessRoutes,
  ...approvalRoutes,
  ...eventRoutes,
  ...keyRoutes,
  ...auditRoutes,
]

/** What somebody who has nothing sends to a route, and as what it counts. */
export interface StrangerRoute {
  method: string
  path: string
  class: LimitClass
  body: Readonly<Record<string, unknown>> | undefined
}

const device = { label: 'A phone', kind: 'browser' }

/** Those that are not counted as `change`, or need a body. */
const OWN: Readonly<Record<string, Omit<StrangerRoute, 'method' | 'path'>>> = {
  'POST redeem': { class: 'redeem', body: { code: wrongCode(1) } },
  'POST claim-owner': { class: 'redeem', body: { secret: 'A'.repeat(43), device } },
  'POST codes/preview': { class: 'preview', body: { code: wrongCode(1) } },
  'POST request': { class: 'change', body: { device } },
  'POST claim': { class: 'poll', body: { claim: `apr_${'A'.repeat(22)}.${'A'.repeat(43)}` } },
  'POST withdraw': { class: 'change', body: { claim: `apr_${'A'.repeat(22)}.${'A'.repeat(43)}` } },
  'POST tickets': { class: 'change', body: { for: 'socket' } },
  'POST resource-tokens': { class: 'change', body: { resource: 'screen:1', mode: 'view' } },
  'PATCH sessions/:id': { class: 'change', body: { scopes: [] } },
  'PATCH devices/:id': { class: 'change', body: { label: 'x' } },
}

/** A write of a route that is new is a change of somebody without a session until something else is said here. */
export const STRANGERS: readonly StrangerRoute[] = ALL_ROUTES.filter(
  ({ method }) => method !== 'GET',
).map(({ method, path }) => {
  const { class: of, body } = OWN[`${method} ${path}`] ?? {
    class: 'change' as const,
    body: method === 'POST' || method === 'PUT' ? {} : undefined,
  }
  return { method, path: path.replace(':id', 'ses_AAAAAAAAAAAAAAAAAAAAAA'), class: of, body }
})
