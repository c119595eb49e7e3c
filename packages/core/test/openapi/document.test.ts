import { readFileSync } from 'node:fs'
import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js'
import addFormats from 'ajv-formats'
import { beforeAll, describe, expect, test } from 'vitest'
import { ROUTES } from '../../src/http/handler.ts'
import type { Extension, House } from '../../src/extension.ts'
import type { Route } from '../../src/http/route.ts'
import { agent } from '../../src/agent.ts'
import { oauth } from '../../src/oauth.ts'
import { openapi } from '../../src/openapi.ts'
import { operationOf } from '../../src/openapi/document.ts'
import { EXTENSION_OPERATIONS } from '../../src/openapi/extension-operations.ts'
import { OPERATIONS } from '../../src/openapi/operations.ts'
import { TAGS } from '../../src/openapi/tags.ts'
import { relay } from '../../src/relay.ts'
import { createEdge, HERE, type Answer, type Edge, type Keyed, type Loose } from '../kit/edge.ts'

const device = { label: 'A newcomer', kind: 'app' }

const CLIENT = 'tv'

/** Every extension there is, and one that looks at the routes that come of it. */
function everything(): { extensions: Extension[]; routes: () => readonly Route[] } {
  let routes: () => readonly Route[] = () => []
  const looking = {
    name: 'looking' as never,
    open: (house: House) => {
      routes = house.routes
      return {}
    },
  }
  const publicKey = { kty: 'OKP', crv: 'Ed25519', x: '11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo' }
  return {
    extensions: [
      openapi({ title: 'Notes' }),
      agent(),
      oauth({ clients: [{ id: CLIENT, label: 'The television' }] }),
      relay({ relays: [{ id: 'relay.example', publicKey }] }),
      looking,
    ],
    routes: () => routes(),
  }
}

/** One exchange, as it went over the wire. */
interface Exchange {
  method: string
  path: string
  sent: unknown
  answer: Answer
}

interface Recorded {
  edge: Edge
  log: Exchange[]
  routes: () => readonly Route[]
}

function recorded(options: Parameters<typeof createEdge>[0] = {}): Recorded {
  const { extensions, routes } = everything()
  const edge = createEdge({
    extensions,
    resources: { screen: { modes: ['view', 'control'] } },
    publicUrl: 'http://localhost:3000',
    ...options,
  })
  const { call } = edge
  const log: Exchange[] = []
  edge.call = async (path, request = {}) => {
    const answer = await call(path, request)
    const method = request.method ?? (request.body === undefined ? 'GET' : 'POST')
    log.push({ method, path: path.split('?', 1)[0]!, sent: request.body, answer })
    return answer
  }
  return { edge, log, routes }
}

async function documentOf(edge: Edge): Promise<Loose> {
  const { status, body } = await edge.call('/auth/openapi.json')
  expect(status).toBe(200)
  return body
}

/** Members that the document does not name are faults here: it has to tell all there is. */
function strict(schema: Loose): Loose {
  if (Array.isArray(schema)) return schema.map(strict)
  if (typeof schema !== 'object' || schema === null) return schema
  const inner = Object.fromEntries(
    Object.entries(schema).map(([name, part]) => [name, strict(part)]),
  )
  const closes =
    schema.type === 'object' && schema.properties && !('additionalProperties' in schema)
  return closes ? { ...inner, additionalProperties: false } : inner
}

function judge(document: Loose): (pointer: string) => ValidateFunction {
  const ajv = new Ajv2020({ strict: false, allErrors: true })
  addFormats.default(ajv)
  ajv.addSchema({ $id: 'doc', ...strict(document) })
  return (pointer) => ajv.compile({ $ref: `doc#${pointer}` })
}

const escape = (part: string): string => part.replaceAll('~', '~0').replaceAll('/', '~1')

/** Which path of the document an address is of. */
function pathOf(document: Loose, path: string): string | undefined {
  const below = path.replace(/^\/auth(?=\/)/, '')
  if (below in document.paths) return below
  return Object.keys(document.paths).find((pattern) =>
    new RegExp(`^${pattern.replaceAll(/\{\w+\}/g, '[^/]+')}$`).test(below),
  )
}

/** What is wrong with the answers, beside the document; none: nothing. */
function faults(document: Loose, log: readonly Exchange[]): string[] {
  const at = judge(document)
  return log.flatMap(({ method, path, answer }) => {
    const known = pathOf(document, path)
    const operation = known && document.paths[known][method.toLowerCase()]
    if (!operation) return [`${method} ${path} is not told of`]
    const { status } = answer
    const told = String(status) in operation.responses ? String(status) : `${String(status)[0]}XX`
    const response = operation.responses[told]
    if (!response) return [`${method} ${path} answers ${status}, which is not told of`]
    const base = response.$ref
      ? response.$ref.slice(1)
      : `/paths/${escape(known)}/${method.toLowerCase()}/responses/${told}`
    const shared = response.$ref?.split('/').at(-1)
    const { content } = shared ? document.components.responses[shared] : response
    if (!content) return answer.text === '' ? [] : [`${method} ${path} has a body`]
    const [type = ''] = Object.keys(content)
    if (!answer.headers.get('content-type')?.startsWith(type))
      return [`${method} ${path} is of the type ${answer.headers.get('content-type')}`]
    const validate = at(`${base}/content/${escape(type)}/schema`)
    return validate(answer.body)
      ? []
      : [`${method} ${path} ${status}: ${JSON.stringify(validate.errors?.slice(0, 3))}`]
  })
}

describe('DESIGN §5 openapi.json', () => {
  test('NET-06 is not there without the extension, and tells a stranger of routes alone', async () => {
    const bare = createEdge()
    expect((await bare.call('/auth/openapi.json')).status).toBe(404)
    const { edge } = recorded()
    await edge.owner()
    const { text } = await edge.call('/auth/openapi.json')
    for (const word of ['notes:read', 'owner@', 'ses_', 'dev_', 'screen'])
      expect(text, word).not.toContain(word)
  })

  test('tells of every route, and of none that is not there', () => {
    const allRoutes = recorded().routes()
    expect(allRoutes.length).toBeGreaterThan(ROUTES.length + 10)
    const untold = allRoutes.filter((route) => operationOf(route) === undefined)
    expect(untold.map(({ method, path }) => `${method} ${path}`)).toEqual([])
    const told = { ...OPERATIONS, ...EXTENSION_OPERATIONS }
    const met = new Set(allRoutes.map(operationOf))
    expect(Object.values(told).filter((operation) => !met.has(operation))).toEqual([])
    const ids = Object.values(told).map(({ id }) => id)
    expect(new Set(ids).size).toBe(ids.length)
    for (const { tag } of Object.values(told)) expect(TAGS[tag], tag).toBeDefined()
  })

  test('tells of a body exactly where a route takes one', async () => {
    const { edge, routes } = recorded()
    const document = await documentOf(edge)
    for (const { method, path, body, readsBody } of routes()) {
      const pattern = path.replace(/^\/?/, '/').replaceAll(/:(\w+)/g, '{$1}')
      const told = document.paths[pattern][method.toLowerCase()].requestBody !== undefined
      expect(told, `${method} ${path}`).toBe(body !== undefined || readsBody === true)
    }
  })

  describe('answers hold to it, member by member', () => {
    let document: Loose
    let log: Exchange[]
    let events: ReturnType<Edge['pair']['audit']['read']>

    beforeAll(async () => {
      const run = recorded()
      log = run.log
      await story(run.edge)
      document = await documentOf(run.edge)
      events = run.edge.pair.audit.read({ limit: 500 })
    })

    test('NET-05 of a run over the routes, refusals too', () => {
      expect(faults(document, log)).toEqual([])
    })

    test('of which every route was met, and every status that is told of', () => {
      const met = new Set(
        log.map(
          ({ method, path, answer }) => `${method} ${pathOf(document, path)} ${answer.status}`,
        ),
      )
      const told = Object.entries<Loose>(document.paths).flatMap(([path, entry]) =>
        Object.entries<Loose>(entry).flatMap(([method, { responses }]) =>
          Object.keys(responses ?? {})
            .filter((status) => !status.endsWith('XX'))
            .map((status) => `${method.toUpperCase()} ${path} ${status}`),
        ),
      )
      expect(told.filter((one) => !met.has(one))).toEqual(UNMET)
    })

    test('and a member that it does not tell of, or one of another type, is found', () => {
      const { answer } = log.find(({ path, method }) => path === '/auth/codes' && method === 'GET')!
      const changed = (body: unknown): Exchange => ({
        method: 'GET',
        path: '/auth/codes',
        sent: undefined,
        answer: { ...answer, body },
      })
      expect(faults(document, [changed({ ...answer.body, more: 1 })])).toHaveLength(1)
      expect(faults(document, [changed({ ...answer.body, next: 7 })])).toHaveLength(1)
      expect(faults(document, [changed({ items: answer.body.items })])).toHaveLength(1)
    })

    test('EVT-02 the events of that run carry nothing that docs/events.md does not tell of', async () => {
      const page = readFileSync('docs/events.md', 'utf8')
      const { items } = await events
      expect(new Set(items.map(({ type }) => type)).size).toBeGreaterThan(15)
      for (const { id: _, at: __, actor: ___, type, detail = {}, ...ids } of items) {
        const row = page.split('\n').find((line) => line.startsWith(`| \`${type}\` `)) ?? ''
        const told = [...row.matchAll(/`(\w+)`/g)].map(([, name]) => name)
        expect(told, type).toEqual(expect.arrayContaining(Object.keys({ ...ids, ...detail })))
      }
    })

    test('NET-03 what it says of a body is what the route judges by', () => {
      const at = judge(document)
      const bodies = log.filter(({ sent }) => typeof sent === 'object' && sent !== null)
      expect(bodies.length).toBeGreaterThan(20)
      for (const { method, path, sent, answer } of bodies) {
        const known = pathOf(document, path)!
        const pointer = `/paths/${escape(known)}/${method.toLowerCase()}/requestBody`
        const { requestBody } = document.paths[known][method.toLowerCase()]
        if (!requestBody) continue
        const fits = at(`${pointer}/content/application~1json/schema`)(sent)
        // What does not fit is refused; what fits may be for other reasons.
        if (!fits) expect(answer.status, `${method} ${path} ${JSON.stringify(sent)}`).toBe(400)
        if (answer.status < 400) expect(fits, `${method} ${path}`).toBe(true)
      }
      expect(bodies.some(({ answer }) => answer.status === 400)).toBe(true)
    })
  })
})

/**
 * Told of, and met elsewhere: a known device that comes again; a claim whose client hung up; the owner, who needs a
 * `SecretSource`; a stream; a relay that signs.
 */
const UNMET = [
  'POST /request 200',
  'POST /claim 204',
  'POST /claim-owner 200',
  'GET /access/events 200',
  'POST /relay/mint 200',
]

async function story(edge: Edge): Promise<void> {
  const { pair } = edge
  const owner = await edge.owner()
  const post = (path: string, body: unknown = {}): Promise<Answer> =>
    owner.call(`/auth/${path}`, { method: 'POST', body })
  const get = (path: string): Promise<Answer> => owner.call(`/auth/${path}`)
  await edge.call('/auth/session')
  await edge.call('/auth/session', { headers: { authorization: 'Bearer x' } })
  for (const path of [
    'session',
    'access',
    'codes',
    'sessions',
    'devices',
    'approvals',
    'admission',
  ])
    await get(path)
  for (const path of ['health', 'jwks.json', 'openapi.json', 'codes'])
    await edge.call(`/auth/${path}`)

  const issued = await post('codes', {
    label: 'For a phone',
    uses: 2,
    session: { slidingSeconds: null },
  })
  await post('codes', { uses: 'many' })
  await post('codes', { expiresInSeconds: 1 })
  const code = issued.body.typed
  await edge.call('/auth/codes/preview', { body: { code } })
  await edge.call('/auth/redeem', { body: { code, transport: 'post' } })
  const bearer = await edge.call('/auth/redeem', { body: { code, device, transport: 'bearer' } })
  const headers = { authorization: `Bearer ${bearer.body.accessToken}` }
  await edge.call('/auth/tickets', { method: 'POST', headers, body: { for: 'socket' } })
  await edge.call('/auth/tickets', {
    method: 'POST',
    headers,
    body: { for: 'socket', mode: 'view' },
  })
  await get('codes')
  await get('sessions')
  await owner.call(`/auth/codes/${issued.body.code.id}`, { method: 'DELETE' })
  await post('tickets', { for: 'stream' })
  await post('resource-tokens', { resource: 'screen:left', mode: 'view' })
  await post('resource-tokens', { resource: 'screen:left' })
  await post('keys/rotate')
  await post('keys/rotate', { old: 'burn' })
  await post('renew')

  await agents(edge, owner)
  const { id } = bearer.body.session
  await owner.call(`/auth/sessions/${id}`, { method: 'PATCH', body: { scopes: ['notes:read'] } })
  await owner.call(`/auth/sessions/${id}`, { method: 'PATCH', body: {} })
  const deviceId = bearer.body.session.device.id
  await owner.call(`/auth/devices/${deviceId}`, { method: 'PATCH', body: { label: 'Renamed' } })
  await owner.call(`/auth/sessions/${id}`, { method: 'DELETE' })
  await owner.call(`/auth/devices/${deviceId}`, { method: 'DELETE' })
  await owner.call('/auth/devices/dev_nobody', { method: 'DELETE' })

  const { version } = (await get('admission')).body
  const admission = { method: 'PUT', body: { mode: 'code+approval', version } }
  await owner.call('/auth/admission', admission)
  await owner.call('/auth/admission', admission)
  await owner.call('/auth/admission', { method: 'PUT', body: { mode: 'open', version } })

  const { typed } = await pair.codes.issue({ scopes: ['notes:read'], origin: HERE, uses: 5 })
  const ask = async (): Promise<{ id: string; claim: string; cookie: string; digest: string }> => {
    const asked = await edge.call('/auth/redeem', { body: { code: typed, device } })
    const { items } = (await get('approvals')).body
    const item = items.find(({ id: one }: Loose) => one === asked.body.approval.id)
    const cookie = asked.headers.get('set-cookie')!.split(';', 1)[0]!
    return { id: item.id, digest: item.digest, claim: asked.body.claim, cookie }
  }
  const claim = ({ claim: text, cookie }: Loose): Promise<Answer> =>
    edge.call('/auth/claim', { body: { claim: text }, headers: { cookie } })
  const first = await ask()
  await claim(first)
  await post(`approvals/${first.id}/approve`, { digest: 'x' })
  await post(`approvals/${first.id}/approve`, { digest: first.digest })
  await get('approvals')
  await claim(first)
  await claim(first)
  const second = await ask()
  await post(`approvals/${second.id}/reject`, { digest: second.digest, reason: 'not mine' })
  await claim(second)
  await owner.call(`/auth/approvals/${second.id}`, { method: 'DELETE' })
  edge.pass(11 * 60_000)
  await post('renew')
  await pair.admission.set('approval')
  const asked = await edge.call('/auth/request', { body: { device } })
  const cookie = asked.headers.get('set-cookie')!.split(';', 1)[0]!
  await edge.call('/auth/withdraw', { body: { claim: asked.body.claim }, headers: { cookie } })
  await edge.call('/auth/request', { body: { device: { label: 'x' } } })
  await edge.call('/auth/claim-owner', { body: { secret: 'x', device } })

  await get('audit')
  await get('audit/refusals')
  await owner.call('/auth/audit?limit=0')
  await edge.call('/auth/relay')
  await edge.call('/auth/relay/mint', { body: { request: 'a.b.c' } })
  await edge.call('/.well-known/oauth-authorization-server/auth')
  await deviceGrant(edge, owner)
  await post('sessions/revoke-others')
  await pair.admission.set('code')
  const other = await edge.owner()
  await other.call('/auth/logout', { method: 'POST', body: {} })
  await other.call('/auth/access')
  await post('sessions/revoke-all')
}

async function agents(edge: Edge, owner: Keyed): Promise<void> {
  const post = (path: string, body: unknown = {}): Promise<Answer> =>
    owner.call(`/auth/agent-keys${path}`, { method: 'POST', body })
  const issued = await post('', { agent: 'runner-1', scopes: ['notes:read'] })
  await post('', { agent: 'runner 1' })
  await post('', { agent: 7 })
  await owner.call('/auth/agent-keys')
  const rotated = await post(`/${issued.body.agentKey.id}/rotate`, { overlapSeconds: 60 })
  await post(`/${issued.body.agentKey.id}/rotate`)
  await owner.call(`/auth/agent-keys/${rotated.body.agentKey.id}`, { method: 'DELETE' })
  const code = await post('/codes', { agent: 'runner-2' })
  await edge.call('/auth/agent-keys/bind', { body: { code: code.body.typed, agent: 'runner-2' } })
  await edge.call('/auth/agent-keys/bind', { body: { code: code.body.typed, agent: 'runner-2' } })
  const headers = { authorization: `Bearer ${rotated.body.key}` }
  await edge.call('/auth/session', { headers })
}

async function deviceGrant(edge: Edge, owner: Keyed): Promise<void> {
  await edge.pair.admission.set('approval')
  const form = (path: string, fields: Readonly<Record<string, string>>): Promise<Answer> =>
    edge.call(`/auth/${path}`, {
      body: new URLSearchParams({ client_id: CLIENT, ...fields }).toString(),
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
    })
  await form('device_authorization', { client_id: 'nobody' })
  const { body } = await form('device_authorization', { scope: 'notes:read' })
  const grant = {
    grant_type: 'urn:ietf:params:oauth:grant-type:device_code',
    device_code: body.device_code,
  }
  await form('token', grant)
  const found = await owner.call('/auth/device', {
    method: 'POST',
    body: { userCode: body.user_code },
  })
  await owner.call('/auth/device', { method: 'POST', body: {} })
  const { id, digest } = found.body
  await owner.call(`/auth/approvals/${id}/approve`, {
    method: 'POST',
    body: { digest, userCode: body.user_code },
  })
  edge.pass(10_000)
  await form('token', grant)
  await form('token', grant)
}
