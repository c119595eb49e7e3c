import { setTimeout } from 'node:timers/promises'
import type { ApprovalItemWire } from '../../src/http/approval-wire.ts'
import type { Need } from '../../src/pair.ts'
import { createApplicant, seen, settle } from '../kit/applicants.ts'
import { createStranger, type Answer, type LoggedServer } from '../kit/newcomers.ts'
import { askToken, LIVE, presented, sealedTicket, viewOf, WALL } from '../kit/screens.ts'
import { helloFrame, type Visitor } from '../kit/visitor.ts'
import { CLIENT, DEVICE_GRANT } from '../oauth/desk.ts'
import type { Kind } from './hanging.ts'

let names = 0
const freshName = (): string => `agent-${names++}`
const bearer = (text: unknown): Record<string, string> => ({
  authorization: `Bearer ${String(text)}`,
})

async function enters(
  { pair }: LoggedServer,
  headers: Record<string, string>,
  need: Need = {},
  query = '',
): Promise<boolean> {
  const guarded = await pair.guard(new Request(LIVE + query, { headers }), undefined, need as never)
  return guarded.ok
}

/** Posts in its name; the body of the answer, or `null` where it was refused. */
async function post(
  by: Visitor,
  path: string,
  body: unknown,
): Promise<Record<string, string> | null> {
  const { status, body: said } = await by.call<Record<string, string>>('POST', path, {
    body,
    proof: true,
  })
  return status < 300 ? said : null
}

/** Of an upgrade by that ticket: does a socket open, with its proof where there is a key? */
async function opens(
  server: LoggedServer,
  by: Visitor,
  ticket: string,
  need = {},
): Promise<boolean> {
  const guard = await server.pair.openSocket(
    new Request(`${LIVE}?ticket=${ticket}`),
    undefined,
    need,
  )
  if (guard instanceof Response) return false
  let isReady = false
  const attached = guard.attach({ send() {}, close() {} }, () => void (isReady = true))
  if (by.key) await attached.receive(await helloFrame(server, by.key, ticket))
  return isReady
}

const KEY_NEED: Need = { who: 'agent' }

/** All that hangs on a session. */
export const KINDS: readonly Kind[] = [
  {
    name: 'a cookie',
    prepare: async (server, by) => async () => {
      if (!(await post(by, '/renew', {}))) return null
      const cookie = by.cookieHeader()
      return () => enters(server, { cookie })
    },
  },
  {
    name: 'an access token',
    transport: 'dpop',
    prepare: async (server, by) => async () => {
      const { body } = await by.call<{ accessToken?: string }>('POST', '/renew', {
        body: {},
        proof: true,
        authorization: null,
      })
      const token = body.accessToken
      return token === undefined
        ? null
        : async () => enters(server, await presented(server, by, token))
    },
  },
  {
    name: 'a refresh token',
    transport: 'bearer',
    prepare: async (_, by) => async () => {
      const refreshToken = (await post(by, '/renew', { refreshToken: by.refreshToken }))
        ?.refreshToken
      return refreshToken === undefined
        ? null
        : async () => (await post(by, '/renew', { refreshToken })) !== null
    },
  },
  {
    name: 'a ticket for a socket',
    prepare: async (server, by) => async () => {
      const ticket = (await post(by, '/tickets', { for: 'socket' }))?.ticket
      return ticket === undefined ? null : () => opens(server, by, ticket)
    },
  },
  {
    name: 'a ticket for a stream',
    transport: 'bearer',
    prepare: async (server, by) => async () => {
      const ticket = (await post(by, '/tickets', { for: 'stream' }))?.ticket
      return ticket === undefined ? null : () => enters(server, {}, {}, `?ticket=${ticket}`)
    },
  },
  {
    name: 'a ticket for a resource',
    prepare: async (server, by) => async () => {
      const ticket = await sealedTicket(by, WALL, 'control').catch(() => null)
      return ticket === null ? null : () => opens(server, by, ticket, viewOf(WALL, 'control'))
    },
  },
  {
    name: 'a resource token',
    prepare: async (server, by) => async () => {
      const { resourceToken } = (await askToken(by, WALL, 'view')).body
      return resourceToken
        ? async () =>
            enters(server, await presented(server, by, resourceToken), viewOf(WALL) as Need)
        : null
    },
  },
  {
    name: 'an open socket',
    transport: 'bearer',
    prepare: async (server, by) => {
      const ticket = await by.ticket()
      return async () => {
        const guard = await server.pair.openSocket(
          new Request(`${LIVE}?ticket=${ticket}`),
          undefined,
          {},
        )
        if (guard instanceof Response) return null
        let isClosed = false
        const attached = guard.attach({ send() {}, close: () => void (isClosed = true) }, () => {})
        return async () => {
          // On another instance it is heard of within a second.
          for (let ms = 0; ms < 2_000 && !isClosed; ms += 10) await setTimeout(10)
          return !isClosed && (await attached.receive('x'))
        }
      }
    },
  },
  {
    name: 'a code',
    prepare: async (server, by) => async () => {
      const typed = (await post(by, '/codes', {}))?.typed
      return typed === undefined
        ? null
        : async () => (await createStranger(server).redeem(typed)).status === 200
    },
  },
  {
    name: 'a claim that waits with its code',
    mode: 'code+approval',
    prepare: async (server, by) => {
      const { typed = '' } = (await post(by, '/codes', {})) ?? {}
      const applicant = await createApplicant(server, { address: server.freshAddress() })
      return async () => {
        if ((await applicant.redeem(typed)).status !== 202) return null
        return async () => {
          await settle(server, 'approve', applicant).catch(() => {})
          return (await applicant.collect()).status === 200
        }
      }
    },
  },
  {
    name: 'a claim that it approved',
    mode: 'approval',
    prepare: async (server, by) => {
      const applicant = await createApplicant(server, { address: server.freshAddress() })
      await applicant.ask({ scopes: ['notes:read'] })
      const { id, digest } = await seen(server, applicant)
      return async () =>
        (await post(by, `/approvals/${id}/approve`, { digest })) &&
        (async () => (await applicant.collect()).status === 200)
    },
  },
  {
    name: 'a device grant that it approved',
    mode: 'approval',
    prepare: async (server, by) => {
      const form = (path: string, params: Record<string, string>): Promise<Answer> =>
        server.call(path, {
          method: 'POST',
          body: new URLSearchParams({ client_id: CLIENT.id, ...params }).toString(),
          headers: { 'content-type': 'application/x-www-form-urlencoded' },
          info: { remoteAddress: server.freshAddress() },
        })
      const { device_code, user_code: userCode } = (
        await form('/auth/device_authorization', { scope: 'notes:read' })
      ).body as Record<string, string>
      const { id, digest } = (await post(by, '/device', {
        userCode,
      })) as unknown as ApprovalItemWire
      const collect = { grant_type: DEVICE_GRANT, device_code: device_code! }
      return async () =>
        (await post(by, `/approvals/${id}/approve`, { digest, userCode })) &&
        (async () => (await form('/auth/token', collect)).status === 200)
    },
  },
  {
    name: 'the key of an agent',
    prepare: async (server, by) => async () => {
      const key = (await post(by, '/agent-keys', { agent: freshName() }))?.key
      return key === undefined ? null : () => enters(server, bearer(key), KEY_NEED)
    },
  },
  {
    name: 'the key of an agent that it rotated',
    prepare: async (server, by) => {
      const { agentKey } = await server.pair.agentKeys.issue({ agent: freshName() })
      return async () => {
        const key = (await post(by, `/agent-keys/${agentKey.id}/rotate`, {}))?.key
        return key === undefined ? null : () => enters(server, bearer(key), KEY_NEED)
      }
    },
  },
  {
    name: 'a support code',
    prepare: async (server, by) => async () => {
      const code = (await post(by, '/agent-keys/codes', {}))?.typed
      const body = { code, agent: freshName() }
      return code === undefined
        ? null
        : async () => (await server.call('/auth/agent-keys/bind', { body })).status === 201
    },
  },
  {
    name: 'the key of an agent that came by its support code',
    prepare: async (server, by) => {
      const code = (await post(by, '/agent-keys/codes', {}))?.typed
      return async () => {
        const body = { code, agent: freshName() }
        // wrong codes lock an address, and those whose issuer has ended are such
        const info = { remoteAddress: server.freshAddress() }
        const { status, body: said } = await server.call('/auth/agent-keys/bind', { body, info })
        return status === 201 ? () => enters(server, bearer(said.key), KEY_NEED) : null
      }
    },
  },
]
