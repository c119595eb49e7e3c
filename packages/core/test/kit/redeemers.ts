import type { AuditEvent } from '../../src/audit/event.ts'
import type { AuthorizedAnswer, PublicKeyJwk } from '../../src/http/wire.ts'
import { createDeviceKey, type DeviceKey } from './device.ts'
import type { LoggedServer } from './newcomers.ts'

/** What somebody was given, as he would bring it. */
export interface Given {
  status: number
  /** The code of the refusal; `null`: there is none. */
  code: string | null
  text: string
  sessionId: string
  deviceId: string
  headers: Record<string, string>
  refreshToken: string | undefined
}

/** Somebody who redeems and may lose the answer: nothing of it is kept but what the test keeps. */
export interface Redeemer {
  key: DeviceKey | null
  redeem(
    server: LoggedServer,
    code: string,
    more?: Readonly<Record<string, unknown>>,
    from?: string,
  ): Promise<Given>
}

/** By its key. */
export async function createKeyedRedeemer(): Promise<Redeemer> {
  const key = await createDeviceKey()
  return redeemer(key, {}, { publicKey: key.jwk })
}

/** Without one; by its `Idempotency-Key`, where it names one. */
export function createNamedRedeemer(name: string | null, transport = 'bearer'): Redeemer {
  return redeemer(null, name === null ? {} : { 'idempotency-key': name }, {}, transport)
}

function redeemer(
  key: DeviceKey | null,
  headers: Record<string, string>,
  named: { publicKey?: PublicKeyJwk },
  transport = 'dpop',
): Redeemer {
  return {
    key,
    async redeem({ call, clock, origin }, code, more = {}, from = '127.0.0.1') {
      const device = { label: 'A device', kind: 'browser', ...named }
      const body = { code, device, transport, ...more }
      const htu = `${origin}/auth/redeem`
      const proof = key && (await key.prove({ htm: 'POST', htu, at: clock(), body }))
      const answer = await call('/auth/redeem', {
        body,
        headers: { ...headers, ...(proof ? { dpop: proof } : {}) },
        info: { remoteAddress: from },
      })
      const given = answer.as<Partial<AuthorizedAnswer> & { code?: string }>()
      const cookie = answer.headers.get('set-cookie')?.split(';', 1)[0]
      const scheme = key ? 'DPoP' : 'Bearer'
      return {
        status: answer.status,
        code: given.code ?? null,
        text: answer.text,
        sessionId: given.session?.id ?? '',
        deviceId: given.session?.device.id ?? '',
        headers:
          cookie === undefined ? { authorization: `${scheme} ${given.accessToken}` } : { cookie },
        refreshToken: given.refreshToken,
      }
    },
  }
}

/** A name that nobody guesses. */
export const NAME = 'a-random-name-of-my-own_0.1~2'

/** Is whoever brings that let in? It is a use of it. */
export async function isLetIn(
  { call, clock, origin }: LoggedServer,
  { headers }: Given,
  key: DeviceKey | null = null,
): Promise<boolean> {
  const token = headers.authorization?.split(' ')[1]
  const htu = `${origin}/auth/session`
  const proof =
    key && (await key.prove({ htm: 'GET', htu, at: clock(), ...(token ? { token } : {}) }))
  const { body } = await call('/auth/session', {
    headers: { ...headers, ...(proof ? { dpop: proof } : {}) },
  })
  return body.authenticated === true
}

/** The sessions that stand, by their ids. */
export async function standing({ pair }: LoggedServer): Promise<string[]> {
  return (await pair.sessions.list()).items.map(({ id }) => id)
}

export async function told({ pair }: LoggedServer, ...types: string[]): Promise<AuditEvent[]> {
  const { items } = await pair.audit.read({ limit: 1_000 })
  return items.filter(({ type }) => types.includes(type))
}
