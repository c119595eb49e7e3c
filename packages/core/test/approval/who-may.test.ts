import { beforeAll, describe, expect, test } from 'vitest'
import { createApplicant, letIn, openDoor, seen, shown, type Applicant } from '../kit/applicants.ts'
import type { Answer, Call, LoggedServer } from '../kit/newcomers.ts'
import { dumpStore } from '../kit/dump.ts'

/** Everyone who may come to a door. */
const PARTIES = ['stranger', 'waiting', 'app', 'cookie alone', 'read', 'write', 'both'] as const
type Party = (typeof PARTIES)[number]
type Ask = (path: string, call?: Call) => Promise<Answer>

interface Stage {
  server: LoggedServer
  as: Record<Party, Ask>
  waiting: Applicant
  guest: Applicant
  id: string
  digest: string
  version: string | null
}

async function stage(): Promise<Stage> {
  const { server, owner } = await openDoor()
  const held = async (scopes: string[]): Promise<Applicant> => {
    const device = await createApplicant(server, { address: `192.0.2.${scopes.length}` })
    await letIn(server, device, { scopes })
    return device
  }
  const app = await held(['notes:read', 'notes:write'])
  const read = await held(['notes:read', 'notes:write', 'access:read'])
  const write = await held(['access:write', 'notes:read', 'notes:write'])
  const waiting = await createApplicant(server)
  const guest = await createApplicant(server, { key: null, address: '198.51.100.9' })
  await waiting.ask()
  await guest.ask()
  const { id, digest } = await seen(server, waiting)
  const { version } = await server.pair.admission.get()
  return {
    server,
    waiting,
    guest,
    id,
    digest,
    version,
    as: {
      stranger: (path, call) => server.call(path, call),
      // with its proof, its claim as bearer and as cookie: all that it has
      waiting: (path, call = {}) =>
        waiting.call(path, {
          ...call,
          headers: { ...call.headers, authorization: `Bearer ${waiting.pending.claim}` },
        }),
      app: app.call,
      'cookie alone': (path, call) =>
        server.call(path, { ...call, headers: { ...call?.headers, cookie: owner.cookie() } }),
      read: read.call,
      write: write.call,
      both: owner.call,
    },
  }
}

const ROUTES: Record<
  string,
  { needs: 'access:read' | 'access:write'; call(stage: Stage): [string, Call] }
> = {
  'GET /approvals': { needs: 'access:read', call: () => ['/auth/approvals', {}] },
  'POST /approvals/:id/approve': {
    needs: 'access:write',
    call: ({ id, digest }) => [`/auth/approvals/${id}/approve`, { body: { digest } }],
  },
  'POST /approvals/:id/reject': {
    needs: 'access:write',
    call: ({ id, digest }) => [`/auth/approvals/${id}/reject`, { body: { digest } }],
  },
  'DELETE /approvals/:id': {
    needs: 'access:write',
    call: ({ id }) => [`/auth/approvals/${id}`, { method: 'DELETE' }],
  },
  'GET /admission': { needs: 'access:read', call: () => ['/auth/admission', {}] },
  'PUT /admission': {
    needs: 'access:write',
    call: ({ version }) => [
      '/auth/admission',
      { method: 'PUT', body: { mode: 'code+approval', version } },
    ],
  },
  'GET /access': { needs: 'access:read', call: () => ['/auth/access', {}] },
}

/** What each is told, where it may not. */
const TOLD: Record<Exclude<Party, 'both'>, [number, string]> = {
  stranger: [401, 'session_required'],
  waiting: [401, 'session_invalid'],
  app: [403, 'insufficient_scope'],
  'cookie alone': [401, 'proof_required'],
  read: [403, 'insufficient_scope'],
  write: [403, 'insufficient_scope'],
}

describe.each(Object.entries(ROUTES))('APP-08 %s', (name, { needs, call }) => {
  let at: Stage
  beforeAll(async () => {
    at = await stage()
  })

  const may = (party: Party): boolean => party === 'both' || `access:${party}` === needs

  test.each(PARTIES.filter((party) => !may(party)))('APP-08 is not for %s', async (party) => {
    const before = await dumpStore(at.server.store)
    const listed = await shown(at.server)
    const [status, code] = TOLD[party as keyof typeof TOLD]
    expect(await at.as[party](...call(at))).toMatchObject({ status, body: { code } })
    expect(await shown(at.server)).toEqual(listed)
    // a proof may have been spent and presence noted, and nothing else
    const changed = (await dumpStore(at.server.store)).filter(
      ({ key, value }) =>
        !['proof', 'presence'].includes(key[1]!) &&
        !before.some((row) => row.key.join() === key.join() && row.value === value),
    )
    expect(changed).toEqual([])
  })

  test.each(PARTIES.filter(may))('APP-08 is for %s', async (party) => {
    const fresh = await stage()
    const answer = await fresh.as[party](...call(fresh))
    // what still waits is not there to be forgotten, which only one who may is told
    if (name.startsWith('DELETE')) expect(answer.body).toMatchObject({ code: 'approval_pending' })
    else expect(answer.status, answer.text).toBe(200)
  })
})

describe('APP-08 a device that waits', () => {
  test('APP-08 can wait, ask anew and take its request back, and nothing more', async () => {
    const { server, waiting, as } = await stage()
    expect((await waiting.collect()).status).toBe(202)
    expect((await waiting.ask()).status).toBe(202)
    for (const [path, body] of [
      ['/auth/renew', {}],
      ['/auth/tickets', { for: 'socket' }],
      ['/auth/codes', {}],
      ['/auth/logout', {}],
      ['/auth/sessions/revoke-all', {}],
    ] as const) {
      expect((await as.waiting(path, { body })).status, path).toBe(401)
      expect((await waiting.call(path, { body })).status, path).toBe(401)
    }
    expect((await waiting.withdraw()).status).toBe(204)
    expect((await waiting.withdraw()).status).toBe(204)
    expect(await waiting.collect()).toMatchObject({ status: 410 })
    expect((await shown(server)).map(({ label }) => label)).toEqual(['A phone'])
  })

  test('APP-08 is taken back by nobody else', async () => {
    const { server, waiting, guest } = await stage()
    const other = await createApplicant(server)
    const withoutKey = await createApplicant(server, { key: null })
    for (const thief of [other, withoutKey, guest])
      for (const { pending } of [waiting, guest]) {
        if (thief.pending === pending) continue
        const answer = await thief.withdraw({ claim: pending.claim })
        expect([401, 410]).toContain(answer.status)
      }
    expect(await shown(server)).toHaveLength(2)
    expect((await guest.withdraw()).status).toBe(204)
    expect(guest.jar.size).toBe(0)
    expect(await shown(server)).toHaveLength(1)
  })

  test('APP-08 takes back what was approved as well, and nothing of it is left to collect', async () => {
    const { server, waiting, id, digest } = await stage()
    await server.pair.approvals.approve(id, { digest })
    expect((await waiting.withdraw()).status).toBe(204)
    expect(await waiting.collect()).toMatchObject({ status: 410 })
    expect((await server.pair.audit.read({ limit: 1_000 })).items.at(-1)).toMatchObject({
      type: 'approval.withdrawn',
      actor: { kind: 'newcomer', address: '203.0.113.7' },
      approvalId: id,
    })
  })
})
