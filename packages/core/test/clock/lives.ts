import type { IssueCode } from '../../src/bootstrap/code-request.ts'
import type { AuthorizedAnswer } from '../../src/http/wire.ts'
import { createApplicant, settle } from '../kit/applicants.ts'
import { createKeyed, createStranger, type LoggedServer } from '../kit/newcomers.ts'
import { ORIGIN } from '../kit/server.ts'
import { ALL_SCOPES, pairVisitor, type Visitor } from '../kit/visitor.ts'

/** Comes with it once more; 200 is being let in. */
export type Use = () => Promise<{ status: number; text: string }>

/** Something with a life: made, and the way to use it. */
export interface Life {
  name: string
  /** Milliseconds. */
  lasts: number
  /** A clock that was put right by less than a day makes nobody pair again: it is judged to the day. */
  toTheDay?: true
  make(server: LoggedServer): Promise<Use>
}

const MINUTE = 60_000

async function guarded(server: LoggedServer, visitor: Visitor): ReturnType<Use> {
  const request = await visitor.request('GET', '/notes')
  const found = await server.pair.guard(request, undefined, {})
  return found.ok
    ? { status: 200, text: '' }
    : { status: found.response.status, text: await found.response.text() }
}

async function exchanged(server: LoggedServer, ticket: string): ReturnType<Use> {
  const request = new Request(`${ORIGIN}/live?ticket=${ticket}`)
  const found = await server.pair.openSocket(request, undefined, {})
  return found instanceof Response
    ? { status: found.status, text: await found.text() }
    : { status: 200, text: '' }
}

const brief = (slidingMs: number): IssueCode => ({ scopes: ALL_SCOPES, session: { slidingMs } })

/** What lets somebody in for a while. */
export const lives: readonly Life[] = [
  {
    name: 'a code',
    lasts: 10 * MINUTE,
    async make(server) {
      const { typed } = await server.pair.codes.issue()
      return () => createStranger(server).redeem(typed)
    },
  },
  {
    name: 'a code for many',
    lasts: 10 * MINUTE,
    async make(server) {
      const { typed } = await server.pair.codes.issue({ uses: 'unlimited' })
      return () => createStranger(server).redeem(typed)
    },
  },
  {
    name: 'a session by its cookie',
    lasts: 5 * MINUTE,
    async make(server) {
      const visitor = await pairVisitor(server, { code: brief(5 * MINUTE) as never })
      return () => guarded(server, visitor)
    },
  },
  {
    name: 'renewal by a key',
    lasts: 5 * MINUTE,
    toTheDay: true,
    async make(server) {
      const keyed = await createKeyed(server)
      const { typed } = await server.pair.codes.issue(brief(5 * MINUTE) as never)
      await keyed.redeem(typed)
      return () => keyed.call('/auth/renew', { body: {} })
    },
  },
  {
    name: 'an access token',
    lasts: 15 * MINUTE,
    async make(server) {
      const visitor = await pairVisitor(server, { transport: 'bearer' })
      return () => guarded(server, visitor)
    },
  },
  {
    name: 'a ticket',
    lasts: 30_000,
    async make(server) {
      const visitor = await pairVisitor(server)
      const ticket = await visitor.ticket('socket')
      return () => exchanged(server, ticket)
    },
  },
  {
    name: 'a proof',
    lasts: 301_000,
    async make(server) {
      const keyed = await createKeyed(server)
      // A session without an end: no sweep forgets it, at whatever time.
      const session = { slidingMs: null, absoluteMs: null }
      await keyed.redeem((await server.pair.codes.issue({ session })).typed)
      const htu = `${ORIGIN}/auth/tickets`
      const dpop = await keyed.key!.prove({ htm: 'POST', htu, at: server.clock() })
      return () => keyed.call('/auth/tickets', { body: { for: 'socket' }, headers: { dpop } })
    },
  },
  {
    name: 'a request that waits',
    lasts: 10 * MINUTE,
    async make(server) {
      await server.pair.admission.set('approval')
      const applicant = await createApplicant(server)
      await applicant.ask()
      return async () => {
        // A person who sees it may approve it as well; the answer is told by collecting.
        await settle(server, 'approve', applicant).catch(() => {})
        return applicant.collect()
      }
    },
  },
  {
    name: 'an approved request',
    lasts: 10 * MINUTE,
    async make(server) {
      await server.pair.admission.set('approval')
      const applicant = await createApplicant(server)
      await applicant.ask()
      await settle(server, 'approve', applicant)
      return () => applicant.collect()
    },
  },
  {
    name: 'a code that a request holds',
    lasts: 10 * MINUTE,
    async make(server) {
      await server.pair.admission.set('code+approval')
      const { typed } = await server.pair.codes.issue()
      const applicant = await createApplicant(server)
      await applicant.redeem(typed)
      await settle(server, 'approve', applicant)
      return () => applicant.collect()
    },
  },
]

/** What was ended by somebody, long before its time. */
export const ended: readonly Omit<Life, 'lasts'>[] = [
  ...['a code', 'a ticket', 'a proof', 'an approved request', 'a code that a request holds'].map(
    (name) => ({
      name: `${name}, used`,
      async make(server: LoggedServer) {
        const use = await lives.find((life) => life.name === name)!.make(server)
        const { status, text } = await use()
        if (status !== 200) throw new Error(`not used: ${text}`)
        return use
      },
    }),
  ),
  {
    name: 'a code, revoked',
    async make(server) {
      const { typed, code } = await server.pair.codes.issue()
      await server.pair.codes.revoke(code.id)
      return () => createStranger(server).redeem(typed)
    },
  },
  {
    name: 'a session, revoked',
    async make(server) {
      const visitor = await pairVisitor(server)
      await server.pair.sessions.revoke(visitor.session.id)
      return () => guarded(server, visitor)
    },
  },
  {
    name: 'all sessions, revoked',
    async make(server) {
      const visitor = await pairVisitor(server)
      await server.pair.sessions.revokeAll()
      return () => guarded(server, visitor)
    },
  },
  {
    name: 'a device, revoked',
    async make(server) {
      const keyed = await createKeyed(server)
      const { typed } = await server.pair.codes.issue()
      const { body } = await keyed.redeem(typed)
      const { session } = body as { session: { device: { id: string } } }
      await server.pair.devices.revoke(session.device.id)
      return () => keyed.call('/auth/renew', { body: {} })
    },
  },
  {
    name: 'a refresh token, used',
    async make(server) {
      const visitor = await pairVisitor(server, { transport: 'bearer' })
      const renew = (refreshToken: string | undefined): ReturnType<LoggedServer['call']> =>
        server.call('/auth/renew', { body: { refreshToken } })
      const first = await renew(visitor.refreshToken)
      // While its successor was not used, a lost answer is answered again.
      const next = await renew(first.as<AuthorizedAnswer>().refreshToken)
      if (next.status !== 200) throw new Error(`not renewed: ${next.text}`)
      return () => renew(visitor.refreshToken)
    },
  },
  ...(['reject', 'withdraw'] as const).map((end) => ({
    name: `a request, ${end}ed`.replace('withdrawed', 'withdrawn'),
    async make(server: LoggedServer) {
      await server.pair.admission.set('approval')
      const applicant = await createApplicant(server)
      await applicant.ask()
      if (end === 'reject') await settle(server, 'reject', applicant)
      else await applicant.withdraw()
      return () => applicant.collect()
    },
  })),
]
