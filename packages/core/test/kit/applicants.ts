import type { ApprovalView } from '../../src/approval/approval-view.ts'
import type { AdmissionMode } from '../../src/admission/admission.ts'
import type { PendingWire } from '../../src/http/approval-wire.ts'
import { createDeviceKey, type DeviceKey } from './device.ts'
import {
  createServer,
  type Answer,
  type Call,
  type LoggedOptions,
  type LoggedServer,
  type Newcomer,
} from './newcomers.ts'
import { OWNER, paired } from './owners.ts'

/** Members of the body in place of the usual ones. */
export type Wish = Readonly<Record<string, unknown>>

/** Somebody who waits at the door: keeps its cookies and its claim, and signs with its key where it has one. */
export interface Applicant {
  key: DeviceKey | null
  jar: Map<string, string>
  /** Where it comes from; moves when a test says so. */
  address: string
  /** Of the page that asks; `null`: no browser. */
  origin: string | null
  label: string
  /** What it was last handed with a 202. */
  pending: PendingWire
  /** `POST /request` */
  ask(wish?: Wish): Promise<Answer>
  redeem(code: string, wish?: Wish): Promise<Answer>
  claimOwner(secret: string, wish?: Wish): Promise<Answer>
  /** `POST /claim` with the claim that it was last handed. */
  collect(more?: Wish, call?: Call): Promise<Answer>
  withdraw(more?: Wish): Promise<Answer>
  /** With its cookies, and a proof where there is a key. */
  call(path: string, call?: Call): Promise<Answer>
}

export interface ApplicantWish {
  /** Default: a fresh one; `null`: none. */
  key?: DeviceKey | null
  address?: string
  origin?: string | null
  label?: string
}

export async function createApplicant(
  server: LoggedServer,
  { key, address = '203.0.113.7', origin = null, label = 'A phone' }: ApplicantWish = {},
): Promise<Applicant> {
  const own = key === undefined ? await createDeviceKey() : key
  const jar = new Map<string, string>()
  async function send(path: string, wish: Call, covers: { body?: unknown } = {}): Promise<Answer> {
    const method = wish.method ?? (wish.body === undefined ? 'GET' : 'POST')
    const htu = server.origin + path.split('?', 1)[0]
    const proof = own && (await own.prove({ htm: method, htu, at: server.clock(), ...covers }))
    const answer = await server.call(path, {
      ...wish,
      headers: {
        ...(jar.size > 0 ? { cookie: [...jar].map((pair) => pair.join('=')).join('; ') } : {}),
        ...(proof ? { dpop: proof } : {}),
        ...(applicant.origin === null ? {} : { origin: applicant.origin }),
        ...wish.headers,
      },
      info: { remoteAddress: applicant.address, ...wish.info },
    })
    for (const line of answer.headers.getSetCookie()) {
      const [name = '', value = ''] = line.split(';', 1)[0]!.split('=')
      if (line.includes('Max-Age=0')) jar.delete(name)
      else jar.set(name, value)
    }
    if (answer.status === 202) applicant.pending = answer.as<PendingWire>()
    return answer
  }
  const enter = (path: string, wish: Wish): Promise<Answer> => {
    const device = {
      label: applicant.label,
      kind: 'browser',
      ...(own ? { publicKey: own.jwk } : {}),
    }
    const body = { device, ...wish }
    return send(path, { body }, { body })
  }
  const applicant: Applicant = {
    key: own,
    jar,
    address,
    origin,
    label,
    pending: undefined as never,
    ask: (wish = {}) => enter('/auth/request', wish),
    redeem: (code, wish = {}) => enter('/auth/redeem', { code, ...wish }),
    claimOwner: (secret, wish = {}) => enter('/auth/claim-owner', { secret, ...wish }),
    collect: (more = {}, call = {}) =>
      send('/auth/claim', { ...call, body: { claim: applicant.pending?.claim, ...more } }),
    withdraw: (more = {}) =>
      send('/auth/withdraw', { body: { claim: applicant.pending?.claim, ...more } }),
    call: (path, wish = {}) => send(path, wish),
  }
  return applicant
}

/** A server in that mode whose owner was paired before, by a code. */
export async function openDoor(
  mode: AdmissionMode = 'approval',
  options: LoggedOptions = {},
): Promise<{ server: LoggedServer; owner: Newcomer }> {
  const server = createServer(options)
  const owner = await paired(server, OWNER)
  await server.pair.admission.set(mode)
  return { server, owner }
}

/** All that lists show of requests. */
export async function shown({ pair }: LoggedServer): Promise<ApprovalView[]> {
  return (await pair.approvals.list()).items
}

/** The request that this one waits with, as lists show it now. */
export async function seen(server: LoggedServer, { pending }: Applicant): Promise<ApprovalView> {
  const found = (await shown(server)).find(({ id }) => id === pending.approval.id)
  if (!found) throw new Error(`not listed: ${pending.approval.id}`)
  return found
}

/** The operator approves or rejects what is shown of that request now. */
export async function settle(
  server: LoggedServer,
  verb: 'approve' | 'reject',
  applicant: Applicant,
): Promise<ApprovalView> {
  const { id, digest } = await seen(server, applicant)
  return server.pair.approvals[verb](id, { digest })
}

/** Asks, is approved, and collects. */
export async function letIn(
  server: LoggedServer,
  applicant: Applicant,
  wish: Wish = {},
): Promise<Answer> {
  const asked = await applicant.ask(wish)
  if (asked.status !== 202) throw new Error(`not asked: ${asked.text}`)
  await settle(server, 'approve', applicant)
  const collected = await applicant.collect()
  if (collected.status !== 200) throw new Error(`not let in: ${collected.text}`)
  return collected
}
