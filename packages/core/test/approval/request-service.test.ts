import { describe, expect, test } from 'vitest'
import type { AdmissionMode } from '../../src/admission/admission.ts'
import { createRequestService, type RequestService } from '../../src/approval/request-service.ts'
import type { PendingAnswer } from '../../src/approval/approval-view.ts'
import type { PairOptions } from '../../src/pair-options.ts'
import type { Arrival, Newcomer } from '../../src/session/pairing.ts'
import type { Session } from '../../src/session/session.ts'
import { NOON } from '../kit/clock.ts'
import {
  keysOf,
  openServiceDesk,
  toldOf,
  undoOf,
  writtenOf,
  type ServiceDesk,
} from './service-desk.ts'

const KEY = 'k'.repeat(43)

/** A phone with a key; `scopes`: `null`, all that it may have. */
function arrivalOf(
  newcomer: Partial<Newcomer> = {},
  scopes: readonly string[] | null = null,
): Arrival {
  return {
    newcomer: {
      label: 'Phone',
      kind: 'app',
      thumbprint: KEY,
      origin: 'https://notes.example',
      transport: 'dpop',
      ...newcomer,
    },
    scopes,
    nonce: null,
    address: '192.0.2.7',
    network: '192.0.2.7',
    folded: false,
  }
}
const KEYLESS = { thumbprint: null, transport: 'bearer' } as const

function open(options: Partial<PairOptions> = {}): { desk: ServiceDesk; service: RequestService } {
  const desk = openServiceDesk({ admission: 'approval', ...options })
  return { desk, service: createRequestService(desk.ports) }
}

async function refused(
  options: Partial<PairOptions>,
  arrival: Arrival,
  refusal: object,
): Promise<void> {
  const { desk, service } = open(options)
  await expect(service.request(arrival)).rejects.toMatchObject(refusal)
  await expect(service.rehearse(arrival)).rejects.toMatchObject(refusal)
  expect(desk.commits).toEqual([])
}

describe('a request is refused before anything is written, also where it is only tried,', () => {
  test.each<AdmissionMode>(['closed', 'code', 'code+approval'])(
    'while the mode is %s',
    async (admission) => {
      await refused({ admission }, arrivalOf(), {
        code: 'admission_refused',
        members: { admission },
        reason: `by approval while the admission mode is ${admission}`,
      })
    },
  )

  test('APP-01 while the mode can not be read', async () => {
    const { desk, service } = open()
    await desk.spoil(['admission'])
    await expect(service.request(arrivalOf())).rejects.toMatchObject({ code: 'admission_unknown' })
  })

  test('while the epoch can not be read', async () => {
    const { desk, service } = open()
    await desk.spoil(['epoch'])
    await expect(service.request(arrivalOf())).rejects.toMatchObject({
      code: 'store_unavailable',
      reason: 'the epoch can not be read',
    })
    expect(desk.commits).toEqual([])
  })

  test('APP-08 for more than who has no key is given', async () => {
    await refused({}, arrivalOf(KEYLESS, ['notes:read', 'access:write']), {
      code: 'insufficient_scope',
      members: { scopes: ['access:write'] },
    })
  })

  test('of who has no key, where one is wanted', async () => {
    await refused({ keyless: 'refuse' }, arrivalOf(KEYLESS), { code: 'device_key_required' })
  })

  test('by a transport that is not for it', async () => {
    await refused({}, arrivalOf({ transport: 'bearer' }), {
      code: 'invalid_request',
      hint: 'With a device key use `cookie` or `dpop`, without one `cookie` or `bearer`.',
    })
  })
})

describe('a new request', () => {
  test('rests on the mode, the epoch and all that it meets, and settles the mode of the first start', async () => {
    const { desk, service } = open()
    const answer = (await service.request(arrivalOf())) as PendingAnswer
    const [change] = desk.commits
    expect(keysOf(change!, 'checks')).toEqual([
      'admission',
      'epoch',
      'cool-down/network',
      `key/${KEY}`,
      `approval-key/${KEY}`,
      'approval-queue',
      `approval/${answer.approval.id}`,
    ])
    expect(writtenOf(change!, 'admission')).toMatchObject({ mode: 'approval' })
    expect(writtenOf(change!, 'approval', answer.approval.id)).toMatchObject({
      subject: 'owner',
      scopes: ['notes:read', 'notes:write'],
      codeId: null,
      cookieHash: null,
      address: '192.0.2.7',
    })
    expect(answer.cookie).toBeNull()
  })

  test('SEC-04 that was refused and is found done is taken back; asked again it has nothing to take back', async () => {
    const { desk, service } = open()
    const { approval } = (await service.request(arrivalOf())) as PendingAnswer
    const change = desk.commits[0]!
    expect(change.own).toEqual(['approval', approval.id, 'record'])
    const back = await undoOf(change)
    expect(writtenOf(back!, 'approval', approval.id)).toMatchObject({ state: 'withdrawn' })
    await service.request(arrivalOf())
    expect(desk.commits[1]).not.toHaveProperty('own')
    expect(desk.commits[1]).not.toHaveProperty('undo')
  })

  test('of who has no key has a cookie in its place', async () => {
    const { desk, service } = open()
    const { approval, cookie } = (await service.request(arrivalOf(KEYLESS))) as PendingAnswer
    expect(cookie!.text).toMatch(/./)
    expect(writtenOf(desk.commits[0]!, 'approval', approval.id)).toMatchObject({
      thumbprint: null,
      cookieHash: expect.stringMatching(/./),
      scopes: ['notes:read', 'notes:write'],
    })
  })

  test('of an app without scopes of its own is for none, with a key or without', async () => {
    for (const newcomer of [{}, KEYLESS]) {
      const { service } = open({ scopes: [] })
      expect(await service.request(arrivalOf(newcomer))).toMatchObject({
        status: 'pending',
        approval: { scopes: [] },
      })
    }
  })

  test('that is only tried leaves nothing', async () => {
    const { desk, service } = open()
    await service.rehearse(arrivalOf())
    expect(desk.commits).toEqual([])
  })
})

describe('APP-14 who was let in by a person', () => {
  const came: Partial<Session> = { entry: 'approval', codeId: null, approvalId: 'apr_one' }

  test.each<[string, Partial<Session>, object]>([
    ['alone', came, { approvalId: 'apr_one' }],
    ['with a code', { ...came, entry: 'code+approval' }, { approvalId: 'apr_one' }],
    ['whose request nobody wrote down', { ...came, approvalId: null }, {}],
  ])('APP-14 %s comes back by its key, and that is told', async (_, session, told) => {
    const { desk, service } = open()
    const last = await desk.pair(session, ['notes:read'])
    const answer = await service.request(arrivalOf({ label: 'Renamed' }))
    if (answer.status !== 'authorized') throw new Error('has to ask')
    expect(answer.session).toMatchObject({ scopes: ['notes:read'], device: { label: 'Phone' } })
    const change = desk.commits[0]!
    expect(toldOf(change)).toEqual([
      {
        type: 'device.returned',
        at: NOON,
        actor: { kind: 'newcomer', address: '192.0.2.7' },
        deviceId: last.deviceId,
        sessionId: answer.session.id,
        ...told,
        detail: { label: 'Phone', scopes: ['notes:read'], replacedSessionId: last.id },
      },
    ])
    expect(keysOf(change, 'checks')).toEqual(
      expect.arrayContaining([
        'admission',
        'epoch',
        `key/${KEY}`,
        `device/${last.deviceId}`,
        `session/${last.id}`,
        `grant/${last.grantId}`,
        `session/${answer.session.id}`,
      ]),
    )
    expect(change.own).toEqual(['session', answer.session.id, 'record'])
    expect(change.undo).toMatchObject({ writes: [{ record: { reason: 'revoked' } }] })
  })

  test('APP-14 by a code or as the owner has to ask like any other', async () => {
    for (const entry of ['code', 'owner'] as const) {
      const { desk, service } = open()
      await desk.pair({ entry }, ['notes:read'])
      expect(await service.request(arrivalOf())).toMatchObject({ status: 'pending' })
    }
  })
})
