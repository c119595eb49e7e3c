import type { ApprovalItemWire } from '../../src/http/approval-wire.ts'
import { oauth, type OAuthOptions } from '../../src/oauth.ts'
import type { AdmissionMode } from '../../src/admission/admission.ts'
import type { DeviceKey } from '../kit/device.ts'
import {
  createServer,
  type Answer,
  type Call,
  type LoggedOptions,
  type LoggedServer,
  type Newcomer,
} from '../kit/newcomers.ts'
import { OWNER, paired } from '../kit/owners.ts'

export const CLIENT = { id: 'notes-cli', label: 'Notes on the command line' } as const
export const DEVICE_GRANT = 'urn:ietf:params:oauth:grant-type:device_code'

/** Where the device of these tests is. */
export const DEVICE_AT = '198.51.100.23'

export type Params = Readonly<Record<string, string>>

/** What a device is told by `/device_authorization`. */
export interface Shown {
  device_code: string
  user_code: string
  verification_uri: string
  expires_in: number
  interval: number
}

/** A server at whose door a device without a browser asks, and its owner, who sits elsewhere. */
export interface Desk {
  server: LoggedServer
  owner: Newcomer
  /** Sends a form. */
  form(path: string, params: Params, call?: Call): Promise<Answer>
  /** `POST /device_authorization`; with a key it is proven. */
  ask(params?: Params, key?: DeviceKey): Promise<Answer>
  /** The same, where it is to wait. */
  shown(params?: Params, key?: DeviceKey): Promise<Shown>
  /** `POST /token` with that device code. */
  poll(deviceCode: string, key?: DeviceKey, more?: Params): Promise<Answer>
  /** The error that this poll is told, or `in`. */
  told(deviceCode: string, key?: DeviceKey): Promise<string>
  /** The owner types a code. */
  type(userCode: string): Promise<Answer>
  /** The owner types a code, and approves or rejects what it is shown. */
  decide(verb: 'approve' | 'reject', userCode: string): Promise<Answer>
}

export interface DeskOptions extends LoggedOptions {
  mode?: AdmissionMode
  oauth?: Partial<OAuthOptions>
}

/** An instance with the device grant. */
export function createDeskServer({
  oauth: wish,
  ...options
}: Omit<DeskOptions, 'mode'> = {}): LoggedServer {
  return createServer({ extensions: [oauth({ clients: [CLIENT], ...wish })], ...options })
}

export async function openDesk({ mode = 'approval', ...options }: DeskOptions = {}): Promise<Desk> {
  const server = createDeskServer(options)
  const owner = await paired(server, OWNER)
  await server.pair.admission.set(mode)
  return deskOf(server, owner)
}

export function deskOf(server: LoggedServer, owner: Newcomer): Desk {
  const desk: Desk = {
    server,
    owner,
    form: (path, params, call = {}) =>
      server.call(path, {
        method: 'POST',
        body: new URLSearchParams(params).toString(),
        ...call,
        headers: { 'content-type': 'application/x-www-form-urlencoded', ...call.headers },
        info: { remoteAddress: DEVICE_AT, ...call.info },
      }),
    ask: async (params = {}, key) =>
      desk.form(
        '/auth/device_authorization',
        { client_id: CLIENT.id, ...params },
        await by(key, 'device_authorization'),
      ),
    async shown(params, key) {
      const answer = await desk.ask(params, key)
      if (answer.status !== 200) throw new Error(`it does not wait: ${answer.text}`)
      return answer.as<Shown>()
    },
    poll: async (deviceCode, key, more = {}) =>
      desk.form(
        '/auth/token',
        { grant_type: DEVICE_GRANT, device_code: deviceCode, client_id: CLIENT.id, ...more },
        await by(key, 'token'),
      ),
    async told(deviceCode, key) {
      const { status, body } = await desk.poll(deviceCode, key)
      return status === 200 ? 'in' : String(body.error)
    },
    type: (userCode) => owner.call('/auth/device', { body: { userCode } }),
    async decide(verb, userCode) {
      const found = await desk.type(userCode)
      if (found.status !== 200) throw new Error(`not found: ${found.text}`)
      const { id, digest } = found.as<ApprovalItemWire>()
      const body = { digest, ...(verb === 'approve' ? { userCode } : {}) }
      const decided = await owner.call(`/auth/approvals/${id}/${verb}`, { body })
      if (decided.status !== 200) throw new Error(`not decided: ${decided.text}`)
      return decided
    },
  }
  async function by(key: DeviceKey | undefined, path: string): Promise<Call> {
    if (key === undefined) return {}
    const htu = `${server.origin}/auth/${path}`
    return { headers: { dpop: await key.prove({ htm: 'POST', htu, at: server.clock() }) } }
  }
  return desk
}
