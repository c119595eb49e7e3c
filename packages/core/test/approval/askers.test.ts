import { describe, expect, test } from 'vitest'
import type { AuthorizedAnswer } from '../../src/http/wire.ts'
import { memoryStore } from '../../src/storage/memory/memory-store.ts'
import { createApplicant, openDoor, seen, settle, type Applicant } from '../kit/applicants.ts'
import { becomes, interruptible } from '../kit/interruption.ts'
import type { Answer, LoggedServer, Newcomer } from '../kit/newcomers.ts'
import { paired } from '../kit/owners.ts'

interface Stage {
  server: LoggedServer
  asker: Newcomer
  phone: Applicant
}

/** All that may be changed, and the commit that does it. */
const CHANGES: Record<
  string,
  {
    before?: (stage: Stage) => Promise<unknown>
    writes: (key: string, value: string) => boolean
    ask(stage: Stage): Promise<Answer>
    type: string
  }
> = {
  approve: {
    writes: becomes('approved'),
    ask: (at) => decide(at, 'approve'),
    type: 'approval.approved',
  },
  reject: {
    writes: becomes('rejected'),
    ask: (at) => decide(at, 'reject'),
    type: 'approval.rejected',
  },
  forget: {
    before: ({ server, phone }) => settle(server, 'reject', phone),
    writes: (key) => key.includes('/approval/'),
    ask: ({ asker, phone }) =>
      asker.call(`/auth/approvals/${phone.pending.approval.id}`, { method: 'DELETE' }),
    type: 'approval.forgotten',
  },
  'change the mode': {
    writes: (key) => key.endsWith('/admission'),
    ask: (at) => setMode(at, false),
    type: 'admission.changed',
  },
  'change the mode for all': {
    writes: (key) => key.endsWith('/admission'),
    ask: (at) => setMode(at, true),
    type: 'admission.changed',
  },
}

async function decide({ server, asker, phone }: Stage, verb: string): Promise<Answer> {
  const { id, digest } = await seen(server, phone)
  return asker.call(`/auth/approvals/${id}/${verb}`, { body: { digest } })
}

async function setMode({ server, asker }: Stage, reevaluate: boolean): Promise<Answer> {
  const { version } = await server.pair.admission.get()
  const body = { mode: 'code+approval', version, reevaluate }
  return asker.call('/auth/admission', { method: 'PUT', body })
}

describe.each(Object.entries(CHANGES))('APP-08 to %s', (_, { before, writes, ask, type }) => {
  test.each([
    ['revoked', 401, 'session_revoked'],
    ['narrowed', 403, 'insufficient_scope'],
  ])(
    'APP-08 is not done in the name of who was %s between look and commit',
    async (how, status, code) => {
      const line = interruptible(memoryStore())
      const { server } = await openDoor('code', { store: line.store })
      const asker = await paired(server, ['access:write', 'notes:read', 'notes:write'])
      const { session } = (await asker.call('/auth/session')).as<AuthorizedAnswer>()
      await server.pair.admission.set('approval')
      const phone = await createApplicant(server)
      await phone.ask()
      const at = { server, asker, phone }
      await before?.(at)
      const { items } = await server.pair.audit.read()
      line.before(writes, () =>
        how === 'revoked'
          ? server.pair.sessions.revoke(session.id)
          : server.pair.sessions.narrow(session.id, ['notes:read', 'notes:write']),
      )
      expect(await ask(at)).toMatchObject({ status, body: { code } })
      expect(line.happened()).toBe(true)
      const { items: after } = await server.pair.audit.read()
      expect(after.slice(items.length).map((event) => event.type)).not.toContain(type)
    },
  )
})
