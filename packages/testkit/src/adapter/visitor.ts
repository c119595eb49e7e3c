import type { AccessScope, DeviceId, SessionId, Transport } from '@pair/core'
import { createProofKey, type ProofKey } from '../session/proof-key.ts'
import type { AdapterScope } from './harness.ts'
import type { Answer, Call } from './send.ts'

/** What a code is asked to give. */
export type AnyScope = AdapterScope | AccessScope

/** What a proof has beside the method and the path. */
export interface Proven {
  /** What it is made over: a ticket; `null`: nothing. Default: the access token. */
  over?: string | null
  /** Claims that stand in place of the right ones. */
  claims?: Readonly<Record<string, unknown>>
}

/** A device that paired, and what its requests carry. */
export interface Visitor {
  sessionId: SessionId
  deviceId: DeviceId
  /** Its Authorization or Cookie line, without a proof. */
  credential: Readonly<Record<string, string>>
  /** Empty where the credential is a cookie. */
  accessToken: string
  /** A proof of its key for one request. Without a key none is needed: the empty text. */
  prove(method: string, path: string, proven?: Proven): Promise<string>
  /** The credential, with a fresh proof where it has a key. */
  headers(method: string, path: string): Promise<Record<string, string>>
}

/** Where it pairs. */
export interface Door {
  /** What the device sees in its address bar, with the sub-path. */
  seenAs: string
  now(): number
  send(call: Call): Promise<Answer>
}

export interface Newcomer {
  transport?: Transport
  /** Whether it brings a key. Default: where the transport is `dpop`. */
  keyed?: boolean
  /** Default `A device`. */
  label?: string
  /** The one that it brings. Default: a fresh one. */
  key?: ProofKey | null
}

/** The request by which a newcomer comes in, and the key that it names. */
export interface Entrance {
  call: Call
  key: ProofKey | null
}

/** Comes to that path as a device, with these members beside it. */
export async function entrance(
  door: Door,
  path: string,
  members: Readonly<Record<string, unknown>>,
  {
    transport = 'cookie',
    keyed = transport === 'dpop',
    label = 'A device',
    key: own,
  }: Newcomer = {},
): Promise<Entrance> {
  const key = keyed ? (own ?? (await createProofKey())) : null
  // names in the order of RFC 8785, so that this text is what the proof covers
  const device = { kind: 'browser', label, ...(key && { publicKey: key.publicKey }) }
  const all = Object.entries({ device, transport, ...members })
  const body = Object.fromEntries(all.sort(([a], [b]) => (a < b ? -1 : 1)))
  if (key === null) return { call: { path, body }, key }
  const dpop = await key.prove({
    method: 'POST',
    url: new URL(door.seenAs + path),
    at: door.now(),
    body: JSON.stringify(body),
  })
  return { call: { path, body, headers: { dpop } }, key }
}

/** The request that redeems a code. */
export function redemption(door: Door, code: string, newcomer: Newcomer = {}): Promise<Entrance> {
  return entrance(door, '/auth/redeem', { code }, newcomer)
}

/** Pairs a device by the code. */
export async function pairVisitor(
  door: Door,
  code: string,
  newcomer: Newcomer = {},
): Promise<Visitor> {
  const { call, key } = await redemption(door, code, newcomer)
  return toVisitor(door, key, await door.send(call))
}

/** The device that an answer to its redemption made. */
export function toVisitor(door: Door, key: ProofKey | null, paired: Answer): Visitor {
  const { session, accessToken = '', tokenType } = paired.body ?? {}
  if (session === undefined) throw new Error(`not paired: ${paired.status} ${paired.text}`)
  const [cookie = ''] = [paired.headers['set-cookie'] ?? ''].flat()
  const credential: Visitor['credential'] =
    session.transport === 'cookie'
      ? { cookie: cookie.split(';', 1)[0] ?? '' }
      : { authorization: `${tokenType} ${accessToken}` }
  const visitor: Visitor = {
    sessionId: session.id as SessionId,
    deviceId: session.device.id as DeviceId,
    credential,
    accessToken,
    async prove(method, path, { over = accessToken || null, claims = {} } = {}) {
      if (key === null) return ''
      const url = new URL(door.seenAs + path)
      const token = over === null ? {} : { token: over }
      return key.prove({ method, url, at: door.now(), claims, ...token })
    },
    headers: async (method, path) =>
      key === null ? { ...credential } : { ...credential, dpop: await visitor.prove(method, path) },
  }
  return visitor
}
