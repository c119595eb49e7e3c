import { afterEach, describe, expect, test } from 'vitest'
import type { AdmissionMode } from '../../src/admission/admission.ts'
import type { AuthorizedAnswer } from '../../src/http/wire.ts'
import { createApplicant, letIn, settle, shown, type Applicant } from '../kit/applicants.ts'
import { createServer, type LoggedServer } from '../kit/newcomers.ts'
import { keptSecrets } from '../kit/secrets.ts'
import { ORIGIN } from '../kit/server.ts'
import { settled } from '../kit/workshop.ts'

type Way = 'owner' | 'code' | 'approval' | 'code+approval'
const WAYS: readonly Way[] = ['owner', 'code', 'approval', 'code+approval']

/** Who stays when live sessions are held to a mode. */
const STAYS: Record<AdmissionMode, readonly Way[]> = {
  closed: ['owner'],
  code: ['owner', 'code', 'approval', 'code+approval'],
  approval: ['owner', 'approval', 'code+approval'],
  'code+approval': ['owner', 'code+approval'],
}
const MODES = Object.keys(STAYS) as AdmissionMode[]

interface House {
  server: LoggedServer
  in: Record<Way, Applicant>
  /** How the socket of each was closed; `null`: it is open. */
  closed: Record<Way, number | null>
}

const open: LoggedServer[] = []
afterEach(async () => {
  for (const { pair } of open.splice(0)) await pair.close()
})

const SCOPES = ['notes:read', 'access:read', 'access:write']

/** A server into which somebody came by each way, each with an open socket. */
async function house(): Promise<House> {
  const server = createServer({ secret: keptSecrets() })
  open.push(server)
  const { pair } = server
  const come = (way: Way): Promise<Applicant> => createApplicant(server, { label: way })
  const [owner, code, approval, both] = (await Promise.all(WAYS.map(come))) as [
    Applicant,
    Applicant,
    Applicant,
    Applicant,
  ]
  expect(
    (await owner.claimOwner((await pair.ownerSecret({ origin: ORIGIN }))!.secret)).status,
  ).toBe(200)
  const typed = async (): Promise<string> =>
    (await pair.codes.issue({ scopes: SCOPES as never })).typed
  expect((await code.redeem(await typed())).status).toBe(200)
  await pair.admission.set('approval')
  await letIn(server, approval, { scopes: SCOPES })
  await pair.admission.set('code+approval')
  await both.redeem(await typed())
  await settle(server, 'approve', both)
  expect((await both.collect()).status).toBe(200)
  const all = { owner, code, approval, 'code+approval': both }
  const closed: House['closed'] = { owner: null, code: null, approval: null, 'code+approval': null }
  for (const way of WAYS) await openSocket(server, all[way], (how) => (closed[way] = how))
  return { server, in: all, closed }
}

async function openSocket(
  { pair }: LoggedServer,
  who: Applicant,
  close: (code: number) => void,
): Promise<void> {
  const { ticket } = (await who.call('/auth/tickets', { body: { for: 'socket' } })).body
  const guard = await pair.openSocket(
    new Request(`${ORIGIN}/live?ticket=${String(ticket)}`),
    undefined,
    {},
  )
  if (guard instanceof Response) throw new Error(await guard.text())
  guard.attach({ send() {}, close }, () => {})
}

/** Of whom the session stands: asked of the server, and of the list. */
async function standing({ server, in: all }: House): Promise<Way[]> {
  const stand: Way[] = []
  for (const way of WAYS) {
    const { body } = await all[way].call('/auth/session')
    if (body.authenticated === true) stand.push(way)
    else expect(body.reason).toBe('revoked')
  }
  const labels = (await server.pair.sessions.list()).items.map(({ device }) => device.label)
  expect(labels.sort()).toEqual([...stand].sort())
  return stand
}

describe.each(MODES)('APP-01 holding live sessions to mode %s', (mode) => {
  test('APP-01 ends exactly those whose way in it does not take, with their sockets, at once', async () => {
    const at = await house()
    await at.server.pair.admission.set(mode, { reevaluate: true })
    await settled()
    expect(await standing(at)).toEqual(STAYS[mode])
    for (const way of WAYS)
      expect(at.closed[way], way).toBe(STAYS[mode].includes(way) ? null : 4003)
    for (const way of WAYS) {
      const renewed = await at.in[way].call('/auth/renew', { body: {} })
      expect(renewed.status, way).toBe(STAYS[mode].includes(way) ? 200 : 401)
    }
    expect((await at.server.pair.audit.read()).items.at(-1)).toMatchObject({
      type: 'admission.changed',
      detail: { to: mode, reevaluated: true },
    })
  })

  test('APP-01 ends nobody where that was not asked for', async () => {
    const at = await house()
    await at.server.pair.admission.set(mode)
    await settled()
    expect(await standing(at)).toEqual(WAYS)
    expect(Object.values(at.closed)).toEqual([null, null, null, null])
  })

  test.each(WAYS)('APP-01 leaves the one who asks, who came in by %s', async (asker) => {
    const at = await house()
    const { version } = (await at.in[asker].call('/auth/admission')).body
    const put = { mode, version, reevaluate: true }
    const answer = await at.in[asker].call('/auth/admission', { method: 'PUT', body: put })
    expect(answer, answer.text).toMatchObject({ status: 200, body: { mode } })
    await settled()
    const stay = WAYS.filter((way) => way === asker || STAYS[mode].includes(way))
    expect(await standing(at)).toEqual(stay)
    for (const way of WAYS) expect(at.closed[way], way).toBe(stay.includes(way) ? null : 4003)
    expect((await at.in[asker].call('/auth/renew', { body: {} })).status).toBe(200)
  })
})

describe('APP-01 after live sessions were held to a mode', () => {
  test('APP-01 who comes in later by such a way is let in like any other, and may be ended again', async () => {
    const at = await house()
    const { pair } = at.server
    await pair.admission.set('approval', { reevaluate: true })
    await pair.admission.set('code')
    const late = await createApplicant(at.server, { label: 'late' })
    const { typed } = await pair.codes.issue()
    expect((await late.redeem(typed)).status).toBe(200)
    expect((await late.call('/auth/session')).body).toMatchObject({ authenticated: true })
    expect((await at.in.code.call('/auth/session')).body).toMatchObject({ reason: 'revoked' })
    await pair.admission.set('closed', { reevaluate: true })
    expect((await late.call('/auth/session')).body).toMatchObject({ reason: 'revoked' })
  })

  test('APP-01 asked for once more in the same mode it ends those who came since', async () => {
    const at = await house()
    const { pair } = at.server
    await pair.admission.set('closed', { reevaluate: true })
    const asker = at.in.owner
    const { version } = (await asker.call('/auth/admission')).body
    const again = await asker.call('/auth/admission', {
      method: 'PUT',
      body: { mode: 'closed', version, reevaluate: true },
    })
    expect(again.status).toBe(200)
    expect(await standing(at)).toEqual(['owner'])
  })

  test('APP-01 codes and requests that wait are not over, nor what was ended alive again by another mode', async () => {
    const at = await house()
    const { pair } = at.server
    await pair.admission.set('approval')
    const waiting = await createApplicant(at.server)
    await waiting.ask()
    const { typed } = await pair.codes.issue()
    await pair.admission.set('code+approval', { reevaluate: true })
    expect(await shown(at.server)).toHaveLength(1)
    await pair.admission.set('code', { reevaluate: true })
    expect(await standing(at)).toEqual(['owner', 'code+approval'])
    expect((await (await createApplicant(at.server)).redeem(typed)).status).toBe(200)
  })

  test('APP-01 a device that was let in by a person and ended so has to ask', async () => {
    const at = await house()
    const { pair } = at.server
    await pair.admission.set('closed', { reevaluate: true })
    await pair.admission.set('approval')
    const back = await at.in.approval.ask({ scopes: ['notes:read'] })
    expect(back.status).toBe(202)
    await settle(at.server, 'approve', at.in.approval)
    const { session } = (await at.in.approval.collect()).as<AuthorizedAnswer>()
    expect(session.scopes).toEqual(['notes:read'])
  })
})
