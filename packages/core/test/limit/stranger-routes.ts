import { agent } from '../../src/agent.ts'
import { createPair } from '../../src/create-pair.ts'
import type { Extension, House } from '../../src/extension.ts'
import { accessRoutes } from '../../src/http/access-routes.ts'
import { auditRoutes } from '../../src/http/audit-routes.ts'
import { approvalRoutes } from '../../src/http/approval-routes.ts'
import { entryRoutes } from '../../src/http/entry-routes.ts'
import { eventRoutes } from '../../src/http/event-stream.ts'
import { keyRoutes } from '../../src/http/key-routes.ts'
import type { Route } from '../../src/http/route.ts'
import { sessionRoutes } from '../../src/http/session-routes.ts'
import { oauth } from '../../src/oauth.ts'
import { openapi } from '../../src/openapi.ts'
import { relay } from '../../src/relay.ts'
import { memoryStore } from '../../src/storage/memory/memory-store.ts'
import type { LimitClass } from '../../src/limit/limits.ts'
import { wrongCode } from '../kit/guessers.ts'

/** Every route that is always there. */
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
  /** It takes forms, and refuses as OAuth does. */
  isForm?: true
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
  'POST agent-keys/bind': { class: 'redeem', body: { code: wrongCode(1), agent: 'a' } },
  'POST relay/mint': { class: 'poll', body: { request: 'x' } },
  'PATCH sessions/:id': { class: 'change', body: { scopes: [] } },
  'PATCH devices/:id': { class: 'change', body: { label: 'x' } },
}

/** A write of a route that is new is a change of somebody without a session until something else is said here. */
function strangerAt({ method, path }: Pick<Route, 'method' | 'path'>): StrangerRoute {
  const { class: of, body } = OWN[`${method} ${path}`] ?? {
    class: 'change' as const,
    body: method === 'POST' || method === 'PUT' ? {} : undefined,
  }
  return { method, path: path.replace(':id', 'ses_AAAAAAAAAAAAAAAAAAAAAA'), class: of, body }
}

export const STRANGERS: readonly StrangerRoute[] = ALL_ROUTES.filter(
  ({ method }) => method !== 'GET',
).map(strangerAt)

const CLIENT = 'notes-cli'

/** Every extension there is. */
export function everyExtension(): Extension[] {
  const publicKey = { kty: 'OKP', crv: 'Ed25519', x: '11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo' }
  return [
    agent(),
    oauth({ clients: [{ id: CLIENT, label: 'Notes on the command line' }] }),
    relay({ audience: 'https://home.example/auth', relays: [{ id: 'hub', publicKey }] }),
    openapi(),
  ]
}

/** Every route that comes with them, as an instance with all of them has it. */
export const EXTENSION_ROUTES: readonly Route[] = (() => {
  let routes: House['routes'] = () => []
  const looking = {
    name: 'looking' as never,
    open: (house: House) => {
      routes = house.routes
      return {}
    },
  }
  createPair({
    secret: 'a secret of these tests, 32 bytes or more',
    store: memoryStore(),
    extensions: [...everyExtension(), looking],
  })
  return routes().filter((route) => !ALL_ROUTES.includes(route))
})()

const DEVICE_GRANT = 'urn:ietf:params:oauth:grant-type:device_code'
const NAMED = `${'A'.repeat(22)}.${'A'.repeat(43)}`

/** Where a stranger comes with a form. */
const FORMS: readonly StrangerRoute[] = [
  { path: 'device_authorization', class: 'redeem' as const, body: {} },
  {
    path: 'token',
    class: 'redeem' as const,
    body: { grant_type: DEVICE_GRANT, device_code: `apr_${NAMED}` },
  },
  {
    path: 'token',
    class: 'poll' as const,
    body: {
      grant_type: 'refresh_token',
      refresh_token: `ses_${'A'.repeat(22)}.1.${'A'.repeat(43)}`,
    },
  },
].map(({ body, ...route }) => ({
  ...route,
  method: 'POST',
  body: { client_id: CLIENT, ...body },
  isForm: true,
}))

/** The same of what comes with the extensions. */
export const EXTENSION_STRANGERS: readonly StrangerRoute[] = [
  ...EXTENSION_ROUTES.filter(
    ({ method, path }) => method !== 'GET' && !FORMS.some((form) => form.path === path),
  ).map(strangerAt),
  ...FORMS,
]
