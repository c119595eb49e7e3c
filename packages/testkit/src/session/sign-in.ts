import type { AccessScope, Pair, SessionView } from '@pair/core'
import { createProofKey } from './proof-key.ts'
import { pairDevice, timeOf, withoutSlashes, type SignInPlace } from './pair-device.ts'

export interface SignInOptions<S extends string> extends SignInPlace {
  /** Default: all of the app's. For `access:*` the device needs a key: say `transport: 'dpop'`. */
  scopes?: readonly NoInfer<S>[]
  transport?: 'bearer'
}

export interface KeyedSignInOptions<S extends string> extends SignInPlace {
  /** Default: all of the app's. */
  scopes?: readonly NoInfer<S | AccessScope>[]
  /** `cookie`: a browser with its key. `dpop`: an app with its key. */
  transport: 'cookie' | 'dpop'
}

/** A session without a key: one header carries it. */
export interface SignedIn<S extends string = string> {
  session: SessionView<S | AccessScope>
  headers: { authorization: string }
}

/** A session bound to a key, which signs each request. */
export interface KeyedSignedIn<S extends string = string> {
  session: SessionView<S | AccessScope>
  /**
   * The headers of one request: the credential, and a DPoP proof that holds for this method and URL, once. `url` may be
   * a path below `origin`.
   */
  headers(method: string, url: string): Promise<Record<string, string>>
}

/**
 * A session for a test of your own app: a code is issued and redeemed in process, without network.
 *
 * @example
 * const { headers } = await signIn(pair, { scopes: ['notes:read'] })
 * const answer = await app.request('/notes', { headers })
 *
 * @example A device with a key, for `access:*` and for routes with `proof: 'required'`
 * const owner = await signIn(pair, { scopes: ['access:read'], transport: 'dpop' })
 * const headers = await owner.headers('GET', '/auth/devices')
 * const answer = await app.request('/auth/devices', { headers })
 *
 * @throws Error that names the mend, PairError `invalid_request` for scopes that the pair doesn't know
 */
export function signIn<S extends string>(
  pair: Pair<S>,
  options?: SignInOptions<S>,
): Promise<SignedIn<S>>
export function signIn<S extends string>(
  pair: Pair<S>,
  options: KeyedSignInOptions<S>,
): Promise<KeyedSignedIn<S>>
export async function signIn<S extends string>(
  pair: Pair<S>,
  options: SignInOptions<S> | KeyedSignInOptions<S> = {},
): Promise<SignedIn<S> | KeyedSignedIn<S>> {
  const { transport = 'bearer', origin = 'http://localhost', scopes } = options
  const place = { ...options, origin: withoutSlashes(origin) }
  const keyless = transport === 'bearer'
  const key = keyless ? null : await createProofKey()
  const { link } = await pair.codes.issue({
    origin,
    ...(scopes && { scopes }),
    ...(options.subject !== undefined && { subject: options.subject }),
    ...(options.data !== undefined && { data: options.data }),
  })
  const { accessToken = '', cookie } = await pairDevice(pair, place, { link, transport, key })
  const bearer = { authorization: `Bearer ${accessToken}` }

  const signed = async (method: string, url: string): Promise<Record<string, string>> => {
    if (key === null) return bearer
    const wish = {
      method,
      url: new URL(url.startsWith('/') ? place.origin + url : url),
      at: await timeOf(pair, place),
    }
    if (transport === 'cookie') return { cookie, dpop: await key.prove(wish) }
    return {
      authorization: `DPoP ${accessToken}`,
      dpop: await key.prove({ ...wish, token: accessToken }),
    }
  }

  // asked as a guard of the app will ask, so that what is handed out is known to open
  const auth = await pair.authenticate(
    new Request(new URL('/', origin), { headers: await signed('GET', '/') }),
  )
  if (auth.kind !== 'session')
    throw new Error(
      `signIn: the session is refused (${auth.kind === 'none' ? auth.reason : 'an agent came'}).`,
    )
  const { session } = auth
  const missing = scopes?.filter((scope) => !session.scopes.includes(scope)) ?? []
  // core gives a device without a key less than its code holds, in silence: a test has to hear of it
  if (missing.length > 0)
    throw new Error(
      `signIn: a device without a key is not given ${missing.join(' ')}. Say \`transport: 'dpop'\` or \`'cookie'\`.`,
    )
  return keyless ? { session, headers: bearer } : { session, headers: signed }
}
