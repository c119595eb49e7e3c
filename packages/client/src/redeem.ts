import type { AuthorizedAnswer, DeviceKind, PendingWire, SessionAnswer } from '@pair/core'
import { PairClientError } from './client-error.ts'
import type { DeviceKeys } from './device-key.ts'
import type { CallOptions, Requests } from './requests.ts'

/** How this device describes itself, and how its session shall travel. */
export interface DeviceFacts {
  readonly label: string
  readonly kind: DeviceKind
  readonly transport: 'cookie' | 'dpop'
}

/** A session, or that a person has yet to decide. */
export type EntryAnswer = AuthorizedAnswer | PendingWire

/**
 * Asks once to be let in, with what this device has to show. All that would fail for sure is found before, so that it
 * costs no code.
 *
 * @throws PairClientError of the server, or `key_refused`, `insecure_context`
 */
export async function enter(
  requests: Requests,
  keys: DeviceKeys,
  { label, kind, transport }: DeviceFacts,
  path: string,
  shown: object,
): Promise<EntryAnswer> {
  const key = await keys.make()
  // without a key the server decides what such a device may have
  if (!key && transport === 'dpop') throw new PairClientError('insecure_context')
  const device = { label, kind, ...(key && { publicKey: key.publicKey }) }
  const body = { ...shown, device, transport }
  return await ask(requests, path, { auth: key ? 'body' : 'plain', body })
}

/** Asks for a session. @throws PairClientError of the server, or `bad_answer` for less than a session or a claim to one */
export async function ask(
  requests: Requests,
  path: string,
  options: CallOptions,
): Promise<EntryAnswer> {
  const answer = await requests.json<EntryAnswer>('status', 'POST', path, options)
  // by what it holds: newer servers may have other words for waiting
  if ('claim' in answer ? answer.approval : answer.status === 'authorized' && answer.session)
    return answer
  throw new PairClientError('bad_answer')
}

/** The session that the server keeps for this device's key. @throws PairClientError */
export function askByKey(requests: Requests): Promise<AuthorizedAnswer> {
  return requests.json('session', 'POST', '/renew', { auth: 'alone', body: {} })
}

/** Makes sure that a session has arrived. @throws PairClientError `cookie_refused` */
export async function confirm(
  requests: Requests,
  { accessToken }: AuthorizedAnswer,
): Promise<void> {
  // a browser that drops the cookie would look paired here and nowhere else
  if (accessToken !== undefined) return
  const seen = await readSession(requests).catch(() => undefined)
  if (seen?.authenticated === false) throw new PairClientError('cookie_refused')
}

/** Who this device is to the server. */
export async function readSession(requests: Requests): Promise<SessionAnswer> {
  const answer = await requests.json<SessionAnswer>('authenticated', 'GET', '/session', {
    auth: 'plain',
  })
  // ahead of any proof, so that a wrong clock here costs no refusal
  if (answer.server?.time) requests.syncClock(answer.server.time)
  return answer
}
