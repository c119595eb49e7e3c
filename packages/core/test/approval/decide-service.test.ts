import { describe, expect, test } from 'vitest'
import { digestOf } from '../../src/approval/approval-crypto.ts'
import { termsOfApproval, type Approval, type ApprovalTerms } from '../../src/approval/approval.ts'
import { createDecideService, type DecideService } from '../../src/approval/decide-service.ts'
import type { Actor } from '../../src/audit/event.ts'
import type { PairOptions } from '../../src/pair-options.ts'
import { FIRST_EPOCH } from '../../src/revocation/epoch.ts'
import type { Change } from '../../src/storage/space.ts'
import { DAY, HOUR, MINUTE } from '../../src/time.ts'
import { NOON } from '../kit/clock.ts'
import { collectedOf, pendingOf, rejectedOf, withdrawnOf } from '../kit/requests.ts'
import { codeOf } from '../kit/sessions.ts'
import {
  keysOf,
  openServiceDesk,
  toldOf,
  undoOf,
  writtenOf,
  type ServiceDesk,
} from './service-desk.ts'

const ID = `apr_${'A'.repeat(22)}` as const
const OWNER: Actor = { kind: 'session', sessionId: 'ses_owner', deviceId: 'dev_owner' }

interface Stage {
  desk: ServiceDesk
  service: DecideService
  digest: string
  /** Comes to be held by a session of the subject `owner` with these scopes. */
  owner(...scopes: string[]): Promise<Actor>
}

/** A request that waits, as it lies in the store. */
async function waiting(
  terms: Partial<ApprovalTerms> = {},
  options: Partial<PairOptions> = {},
): Promise<Stage> {
  const desk = openServiceDesk({ admission: 'approval', ...options })
  const pending = pendingOf({ id: ID, epoch: FIRST_EPOCH, ...terms })
  await desk.put(desk.records.approvals.put(pending))
  return {
    desk,
    service: createDecideService(desk.ports),
    digest: digestOf({ instance: await desk.ports.instance() }, pending),
    async owner(...scopes) {
      const own = { id: 'ses_owner', deviceId: 'dev_owner', grantId: 'gra_owner' } as const
      await desk.pair({ ...own, thumbprint: 'o'.repeat(43) }, scopes)
      return OWNER
    },
  }
}

describe('a decision is refused, and says why,', () => {
  test('APP-12 where its reason can not be shown', async () => {
    const { service, digest } = await waiting()
    for (const reason of ['', 'x'.repeat(201), 'line\u2028line'])
      await expect(service.reject(ID, { digest, reason })).rejects.toMatchObject({
        code: 'invalid_request',
        message: '`reason` must be 1 to 200 printable characters.',
      })
    expect(await service.reject(ID, { digest })).toMatchObject({ decision: { reason: null } })
  })

  test('APP-08 where more is named than was asked for', async () => {
    const { service, digest } = await waiting({ scopes: ['notes:read'] })
    const scopes = ['notes:read', 'notes:write']
    await expect(service.approve(ID, { digest, scopes })).rejects.toMatchObject({
      code: 'invalid_request',
      message: 'A request can only be narrowed.',
      hint: 'Name scopes that it asks for.',
    })
  })

  test('APP-08 where more would be given than who decides has', async () => {
    const { service, digest, owner } = await waiting()
    const by = await owner('access:write', 'notes:read')
    await expect(service.approve(ID, { digest }, by)).rejects.toMatchObject({
      code: 'insufficient_scope',
      message: 'You can not give more than you have.',
      members: { scopes: ['notes:write'] },
    })
    const narrowed = { digest, scopes: ['notes:read'] }
    expect(await service.approve(ID, narrowed, by)).toMatchObject({
      state: 'approved',
      decision: { by, scopes: ['notes:read'] },
    })
  })

  test('APP-08 where it would let somebody in for another subject', async () => {
    const { service, digest, owner } = await waiting({ subject: 'guest' })
    const by = await owner('access:write', 'notes:read', 'notes:write')
    await expect(service.approve(ID, { digest }, by)).rejects.toMatchObject({
      code: 'insufficient_scope',
      message: 'You can not let somebody in for another subject than your own.',
      reason: 'the request is for another subject than that of who decides',
    })
    // the operator has no subject
    expect(await service.approve(ID, { digest })).toMatchObject({ state: 'approved' })
  })
})

test('APP-08 the subject of a code is its issuer’s to give: who decides may be of another', async () => {
  const held = { subject: 'guest', codeId: 'cod_one' } as const
  const { desk, service, digest, owner } = await waiting(held, { admission: 'code+approval' })
  const code = codeOf({ subject: 'guest', epoch: FIRST_EPOCH, holds: [ID] })
  await desk.put(desk.records.codes.put(code))
  const by = await owner('access:write', 'notes:read', 'notes:write')
  expect(await service.approve(ID, { digest }, by)).toMatchObject({
    state: 'approved',
    subject: 'guest',
    decision: { by },
  })
})

describe('what a rejection cools down', () => {
  const run = (id: string, until: number): object => ({ approvalId: `apr_${id}`, since: 0, until })

  test('APP-09 is added to what cools there still, and what is over falls out', async () => {
    const { desk, service, digest } = await waiting()
    const network = { network: '192.0.2.7' }
    const runs = [run('over', NOON - 1), run('ends', NOON), run('still', NOON + 1)] as never
    await desk.put(desk.records.approvals.putCoolDown(network, { runs }))
    await service.reject(ID, { digest })
    const until = NOON + 10 * MINUTE
    expect(writtenOf(desk.commits[0]!, 'cool-down')).toEqual({
      runs: [run('still', NOON + 1), { approvalId: ID, since: NOON, until }],
    })
  })

  test('APP-09 rests on what cooled there when it was looked at: of two rejections both count', async () => {
    const { desk, service, digest } = await waiting()
    await service.reject(ID, { digest })
    const [change] = desk.commits
    expect(keysOf(change!, 'checks')).toContain('cool-down/network')
    expect(writtenOf(change!, 'cool-down')).toEqual({
      runs: [{ approvalId: ID, since: NOON, until: NOON + 10 * MINUTE }],
    })
  })
})

describe('SEC-04 an approval that was refused and is found done', () => {
  /** Approved a moment ago; then the request came to stand as `later` says. */
  async function approved(
    later: (decisionId: string) => Approval | null,
  ): Promise<{ desk: ServiceDesk; undo(): Promise<Change | null> }> {
    const { desk, service, digest } = await waiting()
    await service.approve(ID, { digest })
    const change = desk.commits[0]!
    const { approvals } = desk.records
    const slot = await approvals.read(ID)
    const { record } = slot
    if (record?.state !== 'approved') throw new Error('not approved')
    const next = later(record.decisionId)
    await desk.put(next === null ? approvals.remove(slot, NOON) : approvals.put(next))
    desk.clock.advance(MINUTE)
    return { desk, undo: () => undoOf(change) }
  }
  const asIt = { id: ID, epoch: FIRST_EPOCH } as const

  test('SEC-04 lets nobody in any more: it has run out, by the hand of the server', async () => {
    const { desk, service, digest } = await waiting()
    await service.approve(ID, { digest })
    desk.clock.advance(MINUTE)
    const back = await undoOf(desk.commits[0]!)
    expect(writtenOf(back!, 'approval', ID)).toEqual({
      ...termsOfApproval(pendingOf(asIt)),
      state: 'expired',
      expiredAt: NOON + MINUTE,
    })
    expect(toldOf(back!)).toEqual([
      {
        type: 'approval.expired',
        at: NOON + MINUTE,
        actor: { kind: 'server' },
        approvalId: ID,
        detail: { label: 'Phone', was: 'approved' },
      },
    ])
    expect(await desk.space.commit(back!)).toBe(true)
    // it rests on what it read, and comes true once
    expect(await desk.space.commit(back!)).toBe(false)
    expect(await undoOf(desk.commits[0]!)).toBeNull()
  })

  test('SEC-04 that was collected meanwhile ends the session that it came to', async () => {
    const { desk, undo } = await approved((decisionId) => ({ ...collectedOf(asIt), decisionId }))
    const session = await desk.pair({ thumbprint: 'p'.repeat(43) }, ['notes:read'])
    const purgeAt = NOON + 31 * DAY
    await desk.put(desk.records.sessions.put(session, purgeAt))
    const back = await undo()
    const key = ['session', session.id, 'revoked']
    const mark = { at: NOON + MINUTE, reason: 'revoked' }
    expect(back!.writes).toEqual([
      {
        key,
        kind: 'revocation',
        record: mark,
        // as long as that may be there, also where it is renewed right now
        purgeAt: NOON + MINUTE + HOUR + 31 * DAY,
      },
    ])
    expect(back!.checks).toEqual([{ key, version: null }])
    expect(toldOf(back!)).toEqual([
      {
        type: 'session.revoked',
        at: NOON + MINUTE,
        actor: { kind: 'server' },
        sessionId: session.id,
        deviceId: 'dev_one',
      },
    ])
    expect(await desk.space.commit(back!)).toBe(true)
    expect((await desk.records.revocations.read('session', session.id)).revoked).toBe(true)
    // revoked once is enough
    expect(await undo()).toBeNull()
  })

  test.each<[string, (decisionId: string) => Approval | null]>([
    ['was forgotten', () => null],
    ['waits once more', () => pendingOf(asIt)],
    ['was withdrawn', () => withdrawnOf(asIt)],
    ['is rejected', (decisionId) => ({ ...rejectedOf(asIt), decisionId })],
    ['was decided by somebody else', () => rejectedOf(asIt)],
    ['was let in by somebody else', () => collectedOf(asIt)],
  ])('SEC-04 is left alone where the request %s', async (_, later) => {
    const { desk, undo } = await approved(later)
    await desk.pair({ thumbprint: 'p'.repeat(43) }, ['notes:read'])
    expect(await undo()).toBeNull()
  })

  test('SEC-04 is nothing that a rejection has: it lets nobody in', async () => {
    const { desk, service, digest } = await waiting()
    await service.reject(ID, { digest })
    expect(desk.commits).toHaveLength(1)
    expect(desk.commits[0]).not.toHaveProperty('undo')
  })
})
