import type { AuthorizedAnswer, DeviceKind, RedeemRequest, SessionAnswer } from '@pair/core'
import { PairClientError } from './client-error.ts'
import type { DeviceKeys } from './device-key.ts'
import type { CallOptions, Requests } from './requests.ts'

/** How this device describes itself, and how its session shall travel. */
export interface DeviceFacts {
  readonly label: string
  readonly kind: DeviceKind
  readonly transport: 'cookie' | 'dpop'
}

/**
 * Submits a code once. All that would fail for sure is found before, so that it costs no code.
 *
 * @throws PairClientError of the server, or `code_missing`, `code_malformed`, `key_refused`, `insecure_context`,
 *   `cookie_refused`
 */
export async function submitCode(
  requests: Requests,
  keys: DeviceKeys,
  device: DeviceFacts,
  code: string | undefined,
): Promise<AuthorizedAnswer> {
  const { label, kind, transport } = device
  if (!code) throw new PairClientError('code_missing')
  if (/\p{Surrogate}/u.test(code)) throw new PairClientError('code_malformed')
  const key = await keys.make()
  // without a key the server decides what such a device may have
  if (!key && transport === 'dpop') throw new PairClientError('insecure_context')
  const named = { label, kind, ...(key && { publicKey: key.publicKey }) }
  const body: RedeemRequest = { code, device: named, transport }
  const auth = key ? 'body' : 'plain'
  const answer = await authorize(requests, '/redeem', { auth, body })
  // a browser that drops the cookie would look paired here and nowhere else
  if (answer.accessToken === undefined) {
    const seen = await readSession(requests).catch(() => undefined)
    if (seen?.authenticated === false) throw new PairClientError('cookie_refused')
  }
  await keys.mark(true)
  return answer
}

/** Asks for a session. @throws PairClientError of the server, or `bad_answer` for less than a session */
export async function authorize(
  requests: Requests,
  path: string,
  options: CallOptions,
): Promise<AuthorizedAnswer> {
  const answer = await requests.json<AuthorizedAnswer>('session', 'POST', path, options)
  if (answer.status !== 'authorized') throw new PairClientError('bad_answer')
  return answer
}

/** Who this device is to the server. */
export async function readSession(requests: Requests): Promise<SessionAnswer> {
  const question = { auth: 'plain' } as const
  const answer = await requests.json<SessionAnswer>('authenticated', 'GET', '/session', question)
  // ahead of any proof, so that a wrong clock here costs no refusal
  if (answer.server?.time) requests.syncClock(answer.server.time)
  return answer
}
