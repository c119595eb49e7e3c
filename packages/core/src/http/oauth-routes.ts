import * as z from 'zod/mini'
import { cleanLabel } from '../encoding/text.ts'
import { PairError } from '../errors.ts'
import type { Thumbprint } from '../ids.ts'
import { isAccessScope } from '../grant/scopes.ts'
import { findClient, type OAuthClient } from '../oauth/clients.ts'
import { formatDeviceCode } from '../oauth/device-code.ts'
import type { DeviceGrantService } from '../oauth/device-grant-service.ts'
import { ALGORITHMS } from '../proof/proof-key.ts'
import type { Arrival } from '../session/pairing.ts'
import type { Settings } from '../settings.ts'
import { SECOND } from '../time.ts'
import { refusal, refuseClient } from './oauth-answers.ts'
import { readForm, type Form } from './oauth-form.ts'
import { grantToken, GRANTS } from './oauth-token.ts'
import { typed } from './oauth-typed.ts'
import { json, taking, WRITE, type Route, type Visit } from './route.ts'
import { toApproval } from './views.ts'

/** What the routes of the device grant are built on. */
export interface OAuthHouse {
  clients: readonly OAuthClient[]
  /** Where a person types the code of a device: a path of the app. */
  verificationPath: string
  grants: DeviceGrantService
}

/** `POST /device`: the code that a device shows, as somebody typed it. */
export interface UserCodeRequest {
  userCode: string
}

export const UserCodeBody: z.ZodMiniType<UserCodeRequest> = z.object({
  userCode: z.string().check(z.maxLength(128)),
})

/**
 * The device grant (RFC 8628), its metadata (RFC 8414), and the one route by which a person looks at what a device asks.
 * There is no `verification_uri_complete`: a code that comes with a link is typed by nobody.
 */
export function oauthRoutes(house: OAuthHouse, settings: Settings): Route[] {
  const { grants } = house
  const asClient =
    (handle: (visit: Visit, client: OAuthClient, form: Form) => Promise<Response>) =>
    async (visit: Visit): Promise<Response> => {
      try {
        const form = await readForm(visit)
        return await handle(visit, requireClient(visit, form, house.clients), form)
      } catch (error) {
        return refuseClient(visit, error)
      }
    }
  return [
    {
      method: 'POST',
      path: 'device_authorization',
      readsBody: true,
      handle: asClient((visit, client, form) => askForDevice(visit, client, form, house)),
    },
    {
      method: 'POST',
      path: 'token',
      readsBody: true,
      handle: asClient((visit, client, form) => grantToken(visit, client, form, grants)),
    },
    {
      method: 'POST',
      path: 'device',
      ...taking(UserCodeBody, async (visit, read) => {
        await visit.require(WRITE)
        const { userCode } = read()
        const find = typed(visit, userCode, (attempt) => grants.find(attempt, userCode))
        return json(toApproval(await find))
      }),
    },
    ...wellKnownPaths(settings).map((path): Route => ({
      method: 'GET',
      path,
      handle: async (visit) => json(metadata(visit)),
    })),
  ]
}

/** RFC 8414 §3.1: before the path of the issuer; also as a proxy hands it on that takes the public path away. */
function wellKnownPaths({ basePath, publicUrl }: Settings): string[] {
  const prefix = publicUrl === undefined ? '' : new URL(publicUrl).pathname.replace(/\/$/, '')
  const paths = [basePath, prefix + basePath]
  return [...new Set(paths)].map((path) => `/.well-known/oauth-authorization-server${path}`)
}

function metadata({ facts, parts: { settings } }: Visit): object {
  const issuer = facts.linkBase + settings.basePath
  return {
    issuer,
    device_authorization_endpoint: `${issuer}/device_authorization`,
    token_endpoint: `${issuer}/token`,
    jwks_uri: `${issuer}/jwks.json`,
    scopes_supported: settings.scopes,
    // there is no authorization endpoint
    response_types_supported: [],
    grant_types_supported: GRANTS,
    token_endpoint_auth_methods_supported: ['none'],
    dpop_signing_alg_values_supported: Object.values(ALGORITHMS).flat(),
  }
}

/** @throws PairError `invalid_client`: unknown, or with credentials, which no client has here */
function requireClient({ facts }: Visit, form: Form, clients: readonly OAuthClient[]): OAuthClient {
  const id = form.get('client_id')
  if (facts.request.headers.has('authorization') || form.has('client_secret'))
    throw refusal('invalid_client', 'Clients are public here: send `client_id` alone.')
  const client = id === undefined ? null : findClient(clients, id)
  if (client === null) throw refusal('invalid_client', 'No client of that id is registered.')
  return client
}

async function askForDevice(
  visit: Visit,
  client: OAuthClient,
  form: Form,
  { grants, verificationPath }: OAuthHouse,
): Promise<Response> {
  const { parts, facts, credentials } = visit
  const { text, digest } = await grants.drawUserCode()
  const withKey = (thumbprint: Thumbprint | null): Arrival => ({
    newcomer: {
      label: cleanLabel(client.label) ?? client.id,
      kind: 'app',
      thumbprint,
      origin: facts.request.headers.get('origin'),
      transport: thumbprint === null ? 'bearer' : 'dpop',
    },
    scopes: scopesOf(client, form.get('scope'), parts.settings),
    nonce: null,
    address: facts.address,
    network: facts.network,
    folded: facts.folded,
    deviceGrant: { clientId: client.id, userCode: digest },
  })
  const count = async (): Promise<void> => visit.tell(await parts.limiter.count('redeem', facts))
  let arrival = withKey(null)
  if (credentials.proof === null) await count()
  else {
    const target = {
      method: facts.method,
      url: facts.externalUrl,
      ath: null,
      bodyHash: null,
      thumbprint: null,
    }
    // Who is not let into the queue leaves nothing behind, not even a spent proof.
    await parts.proofs.prove(credentials.proof, target, async (thumbprint) => {
      await count()
      arrival = withKey(thumbprint)
      await parts.requester.rehearse(arrival)
      return 'newcomer'
    })
  }
  const answer = await parts.requester.request(arrival)
  if (answer.status !== 'pending')
    throw new PairError('internal', { reason: 'a device grant that nobody decided' })
  const { approval, claim, cookie } = answer
  return json(
    {
      device_code: formatDeviceCode({ claim, cookie: cookie?.text ?? null }),
      user_code: text,
      verification_uri: facts.linkBase + verificationPath,
      expires_in: Math.max(1, Math.floor((approval.expiresAt - parts.clock()) / SECOND)),
      interval: Math.ceil((await grants.intervalOf(approval.id)) / SECOND),
    },
    { pragma: 'no-cache' },
  )
}

/** What a client asks for: at most what it is registered for; `null`: all of the app's. @throws PairError `invalid_scope` */
function scopesOf(
  { scopes: own }: OAuthClient,
  scope: string | undefined,
  settings: Settings,
): readonly string[] | null {
  if (scope === undefined) return own ?? null
  const allowed = own ?? settings.scopes.filter((name) => !isAccessScope(name))
  // RFC 6749 §3.3: in any order, and as often as anybody likes.
  const asked = [...new Set(scope.split(' ').filter(Boolean))]
  if (!asked.every((name) => allowed.includes(name)))
    throw refusal('invalid_scope', 'This client may not ask for all of that.')
  return asked
}
