import { deepStrictEqual } from 'node:assert/strict'
import { oauth } from '@pair/core/oauth'
import type { AdapterCase, Start } from '../adapter-case.ts'
import { app, json, problem, type Expected } from '../expected.ts'
import type { AdapterApp } from '../harness.ts'
import type { Call } from '../send.ts'
import type { Site } from '../site.ts'

const CLIENT = { id: 'notes-cli', label: 'Notes on the command line' }
const OTHER = { id: 'notes-tv', label: 'Notes on the television' }
const DEVICE_GRANT = 'urn:ietf:params:oauth:grant-type:device_code'
const FORM = 'application/x-www-form-urlencoded'

async function startDesk(
  start: Start,
  bodyParser: AdapterApp['bodyParser'] = 'none',
): Promise<Site> {
  const extensions = [oauth({ clients: [CLIENT, OTHER] })]
  return start({ bodyParser, options: { extensions, keyless: 'full' } })
}

type Params = Readonly<Record<string, string>>

/** A form, to the letter where it is a text. */
function form(path: string, params: Params | string, type = FORM): Call {
  const text = typeof params === 'string' ? params : new URLSearchParams(params).toString()
  return { path: `/auth/${path}`, body: Buffer.from(text), headers: { 'content-type': type } }
}

/** A refusal as OAuth has it (RFC 6749 §5.2). */
const refused =
  (error: string, status = 400): Expected =>
  ({ status: got, headers, body }) =>
    deepStrictEqual(
      [got, (body as Params)['error'], headers['content-type'], headers['pragma']],
      [status, error, 'application/json', 'no-cache'],
    )

const NO_CACHE = { pragma: 'no-cache' }

/** What a device is shown, held to the pinned answer. */
async function ask(site: Site): Promise<{ userCode: string; deviceCode: string }> {
  const shown = json(
    200,
    {
      device_code: 'apr_….<secret>.<secret>',
      user_code: '<typed>',
      verification_uri: 'http://<host>/device',
      expires_in: 600,
      interval: 5,
    },
    NO_CACHE,
  )
  const { body } = await site.ask(form('device_authorization', { client_id: CLIENT.id }), shown)
  const { user_code = '', device_code = '' } = body as unknown as Params
  return { userCode: user_code, deviceCode: device_code }
}

const poll = (deviceCode: string, client: string = CLIENT.id): Call =>
  form('token', { grant_type: DEVICE_GRANT, device_code: deviceCode, client_id: client })

const refresh = (token: string, client: string = CLIENT.id): Call =>
  form('token', { grant_type: 'refresh_token', refresh_token: token, client_id: client })

const tokens = json(
  200,
  {
    access_token: '<token>',
    token_type: 'Bearer',
    expires_in: 900,
    scope: 'notes:read notes:write',
    refresh_token: 'ses_….<secret>',
  },
  NO_CACHE,
)

const withParser = (bodyParser: AdapterApp['bodyParser']): readonly AdapterCase[] => {
  const where = bodyParser === 'none' ? 'that is ours to read' : 'that a form parser read before us'
  return [
    {
      name: `NET-03 RFC 8628 by a form ${where} a device shows a code, is let in by who types it, and is renewed for its client alone`,
      async holds(start) {
        const site = await startDesk(start, bodyParser)
        const owner = await site.join({ keyed: true })
        await site.pair.admission.set('approval')
        const { userCode, deviceCode } = await ask(site)
        await site.ask(poll(deviceCode), refused('authorization_pending'))
        await site.ask(poll(deviceCode), refused('slow_down'))
        await site.ask(poll(deviceCode, OTHER.id), refused('invalid_grant'))
        const typed = await site.askAs(
          owner,
          { path: '/auth/device', body: { userCode } },
          ({ status, body }) =>
            deepStrictEqual(
              [status, (body as Params)['clientId'], (body as Params)['label']],
              [200, CLIENT.id, CLIENT.label],
            ),
        )
        const { id, digest } = typed.body as unknown as Params
        const path = `/auth/approvals/${id}/approve`
        await site.askAs(owner, { path, body: { digest } }, problem(403, 'user_code_required'))
        await site.askAs(owner, { path, body: { digest, userCode } }, ({ status }) =>
          deepStrictEqual(status, 200),
        )
        site.pass(30_000)
        const { body } = await site.ask(poll(deviceCode), tokens)
        const { access_token, refresh_token = '' } = body as unknown as Params
        await site.ask(poll(deviceCode), refused('invalid_grant'))
        const headers = { authorization: `Bearer ${access_token}` }
        await site.ask(
          { path: '/notes', headers },
          app(200, {
            subject: 'owner',
            scopes: ['notes:read', 'notes:write'],
            device: CLIENT.label,
            proven: false,
          }),
        )
        await site.ask(refresh(refresh_token, OTHER.id), refused('invalid_grant'))
        await site.ask(
          { path: '/auth/renew', body: { refreshToken: refresh_token } },
          problem(401, 'session_invalid'),
        )
        await site.ask(refresh(refresh_token), tokens)
      },
    },
    {
      name: `NET-03 RFC 6749 a form ${where} is refused where a parameter is there twice, none is known, or the client is another`,
      async holds(start) {
        const site = await startDesk(start, bodyParser)
        await site.pair.admission.set('approval')
        const at = (params: Params | string): Call => form('device_authorization', params)
        for (const text of [
          `client_id=${CLIENT.id}&client_id=${CLIENT.id}`,
          `client_id=${CLIENT.id}&scope=notes%3Aread&scope=notes%3Awrite`,
          `client_id=${CLIENT.id}&scope=%00`,
        ])
          await site.ask(at(text), refused('invalid_request'))
        await site.ask(at(''), refused('invalid_client'))
        await site.ask(at({ client_id: 'nobody' }), refused('invalid_client'))
        await site.ask(at({ client_id: CLIENT.id, client_secret: 'x' }), refused('invalid_client'))
        await site.ask(
          at({ client_id: CLIENT.id, scope: 'access:write' }),
          refused('invalid_scope'),
        )
        await site.ask(form('token', { client_id: CLIENT.id }), refused('invalid_request'))
        await site.ask(
          form('token', { client_id: CLIENT.id, grant_type: 'password' }),
          refused('unsupported_grant_type'),
        )
        const large = { client_id: CLIENT.id, x: 'x'.repeat(16_384) }
        await site.ask(at(large), refused('invalid_request', 413))
        deepStrictEqual((await site.pair.approvals.list()).items, [])
        await ask(site)
      },
    },
  ]
}

/** Devices without a browser. */
export const deviceGrantCases: readonly AdapterCase[] = [
  ...withParser('none'),
  ...withParser('form'),
  {
    name: 'NET-03 a form of another media type, or that a parser of JSON stood before, is what it is',
    async holds(start) {
      const site = await startDesk(start, 'json')
      await site.pair.admission.set('approval')
      await ask(site)
      const params = { client_id: CLIENT.id }
      for (const type of ['text/plain', 'multipart/form-data; boundary=x'])
        await site.ask(form('device_authorization', params, type), refused('invalid_request'))
      const body = { client_id: CLIENT.id }
      await site.ask({ path: '/auth/device_authorization', body }, refused('invalid_request'))
      await ask(site)
    },
  },
  {
    name: 'NET-04 the metadata of the device grant is at its own path alone, and names where we are',
    async holds(start) {
      const site = await startDesk(start)
      const path = '/.well-known/oauth-authorization-server/auth'
      const issuer = 'http://<host>/auth'
      await site.ask({ path }, ({ status, body }) => {
        const { issuer: said, token_endpoint, device_authorization_endpoint } = body as Params
        deepStrictEqual(
          [status, said, token_endpoint, device_authorization_endpoint],
          [200, issuer, `${issuer}/token`, `${issuer}/device_authorization`],
        )
      })
      for (const other of [`/auth${path}`, `/auth/${path}`])
        await site.ask({ path: other }, problem(404, 'not_found'))
      await site.ask({ path: `${path}/x` }, app(404, { app: 'nothing here' }))
    },
  },
]
