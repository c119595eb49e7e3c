import { describe, expect, test } from 'vitest'
import {
  createApprovalRecords,
  type ApprovalRecords,
  type CoolDown,
} from '../../src/approval/approval-records.ts'
import type { Approval } from '../../src/approval/approval.ts'
import { approvalPurgeAt } from '../../src/approval/retention.ts'
import { checkOf, type RecordWrite } from '../../src/storage/space.ts'
import { HOUR, MINUTE } from '../../src/time.ts'
import { NOON } from '../kit/clock.ts'
import { openCounted, type Counted } from '../kit/counted.ts'
import {
  approvedOf,
  collectedOf,
  expiredOf,
  pendingOf,
  rejectedOf,
  withdrawnOf,
} from '../kit/requests.ts'

const ID = 'A'.repeat(22)
const id = `apr_${ID}` as const
/** Ids as they are drawn, and a value in each field that may be empty. */
const terms = {
  id,
  epoch: `epo_${ID}`,
  codeId: `cod_${ID}`,
  before: { deviceId: `dev_${ID}`, live: true },
  cookieHash: 'hash',
} as const
const session = {
  kind: 'session',
  sessionId: `ses_${ID}`,
  deviceId: `dev_${ID}`,
  address: '192.0.2.7',
} as const

function open(): {
  at: Counted
  records: ApprovalRecords
  put(write: RecordWrite): Promise<boolean>
} {
  const at = openCounted()
  const put = (write: RecordWrite): Promise<boolean> =>
    at.space.commit({ checks: [], writes: [write], journal: [] })
  return { at, records: createApprovalRecords(at.space), put }
}

describe('the record of a request', () => {
  const states: [string, Approval][] = [
    ['pending', pendingOf(terms)],
    [
      'pending, with nothing that may lack',
      pendingOf({ id, epoch: terms.epoch, thumbprint: null, origin: null, address: null }),
    ],
    ['of a browser by cookie', pendingOf({ ...terms, kind: 'browser', transport: 'cookie' })],
    ['of an agent by bearer', pendingOf({ ...terms, kind: 'agent', transport: 'bearer' })],
    ['approved', approvedOf(terms)],
    ['approved by a device', { ...approvedOf(terms), decidedBy: session }],
    [
      'rejected',
      { ...rejectedOf(terms), decidedBy: { kind: 'newcomer', address: '192.0.2.7' }, reason: null },
    ],
    ['rejected by the server', { ...rejectedOf(terms), decidedBy: { kind: 'server' } }],
    ['collected', { ...collectedOf(terms), deviceId: `dev_${ID}`, sessionId: `ses_${ID}` }],
    ['expired', expiredOf(terms)],
    ['withdrawn', withdrawnOf(terms)],
    ['displaced', { ...withdrawnOf(terms), withdrawnBy: 'queue' } as Approval],
  ]
  test.each(states)('APP-03 is read as it was written (%s)', async (_, approval) => {
    const { at, records, put } = open()
    await put(records.put(approval))
    expect(await records.read(id)).toMatchObject({ state: 'present', record: approval })
    expect(await at.stored(['approval', id, 'record'])).toMatchObject({
      kind: 'approval',
      purgeAt: approvalPurgeAt(approval),
    })
    const { groups } = await records.list(null, 10)
    expect(groups.map(({ slot }) => slot.record)).toEqual([approval])
  })

  test('APP-03 is none with a stamp of another state, or with a field that is none of its kind', async () => {
    const { at, records, put } = open()
    for (const wrong of [
      { ...pendingOf(terms), decidedAt: NOON },
      { ...pendingOf(terms), id: `cod_${ID}` },
      { ...pendingOf(terms), kind: 'toaster' },
      { ...pendingOf(terms), transport: 'pigeon' },
      { ...pendingOf(terms), state: 'forgotten' },
      { ...approvedOf(terms), decidedBy: { kind: 'nobody' } },
      { ...withdrawnOf(terms), withdrawnBy: 'nobody' },
    ]) {
      await put({ ...records.put(pendingOf(terms)), record: wrong })
      expect((await records.read(id)).state, JSON.stringify(wrong)).toBe('corrupt')
    }
    expect(await at.stored(['approval', id, 'record'])).not.toBeNull()
  })

  test('APP-10 that is forgotten says nothing, and is kept an hour as that', async () => {
    const { records, put } = open()
    await put(records.put(pendingOf(terms)))
    const gone = records.remove(await records.read(id), NOON)
    expect(gone).toMatchObject({ record: null, purgeAt: NOON + HOUR })
    await put(gone)
    expect(await records.read(id)).toMatchObject({ state: 'tombstone', record: null })
  })

  test('APP-04 is found by its key, where it has one', async () => {
    const { records, put } = open()
    const approval = pendingOf(terms)
    const [write] = records.point(approval)
    expect(write).toMatchObject({ purgeAt: approvalPurgeAt(approval) })
    await put(write!)
    const found = await records.pointer(approval.thumbprint!)
    expect(found.key).toEqual(['approval-key', approval.thumbprint, 'approval'])
    expect([found.kind, found.record]).toEqual(['approval-key', { approvalId: id }])
    expect(records.point(pendingOf({ ...terms, thumbprint: null }))).toEqual([])
  })
})

describe('the record of the queue', () => {
  test('APP-09 is kept an hour longer than the last that waits in it', async () => {
    const { records, put } = open()
    const place = { id, network: 'home', since: NOON }
    const queue = {
      places: [
        { ...place, thumbprint: 'k'.repeat(43), holdsCode: true, expiresAt: NOON + 2 * MINUTE },
        { ...place, thumbprint: null, holdsCode: false, expiresAt: NOON + MINUTE },
      ],
    }
    const write = records.putQueue(queue)
    expect(write.purgeAt).toBe(NOON + 2 * MINUTE + HOUR)
    await put(write)
    const read = await records.queue()
    expect([read.kind, read.record]).toEqual(['approval-queue', queue])
    expect(checkOf(read).key).toEqual(['approval-queue'])
  })
})

describe('what cools down', () => {
  const runs: CoolDown = {
    runs: [
      { approvalId: id, since: NOON, until: NOON + 2 * MINUTE },
      { approvalId: id, since: NOON, until: NOON + MINUTE },
    ],
  }

  test('APP-09 is a network or a code, each its own, an hour longer than it lasts', async () => {
    const { records, put } = open()
    const code = { codeId: `cod_${ID}` } as const
    const write = records.putCoolDown({ network: 'home' }, runs)
    expect(write.purgeAt).toBe(NOON + 2 * MINUTE + HOUR)
    await put(write)
    expect(await records.coolDown({ network: 'home' })).toMatchObject({
      key: ['cool-down', 'network', 'home'],
      kind: 'cool-down',
      record: runs,
    })
    expect((await records.coolDown(code)).record).toBeNull()
    expect((await records.coolDown(code)).key).toEqual(['cool-down', 'code', code.codeId])
    expect(records.putCoolDown(code, { runs: [] }).purgeAt).toBe(HOUR)
  })
})
