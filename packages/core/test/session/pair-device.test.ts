import { describe, expect, test } from 'vitest'
import { drawPairing, pairDevice, type PairingInput } from '../../src/session/pairing.ts'
import { actingRefusal, refusalOf } from '../../src/session/refusal.ts'
import type { Session } from '../../src/session/session.ts'
import { DAY, HOUR } from '../../src/time.ts'
import { NOON } from '../kit/clock.ts'
import { deviceOf } from '../kit/sessions.ts'

const KEYED: PairingInput = {
  newcomer: {
    label: 'Phone',
    kind: 'app',
    thumbprint: 'key',
    origin: 'https://notes.example',
    transport: 'dpop',
  },
  known: null,
  drawn: { device: 'dev_new', grant: 'gra_new', session: 'ses_new', jti: 'jti' },
  epoch: 'epo_one',
  codeId: 'cod_one',
  approvalId: 'apr_one',
  entry: 'code+approval',
  subject: 'owner',
  scopes: ['notes:read'],
  data: { room: 1 },
  life: { slidingMs: 2 * DAY, absoluteMs: 30 * DAY },
  keylessFull: false,
  now: NOON,
}
const BARE: PairingInput = {
  ...KEYED,
  newcomer: { ...KEYED.newcomer, thumbprint: null, transport: 'bearer' },
}
const sessionFrom = (input: PairingInput): Session => pairDevice(input).session

describe('a pairing', () => {
  test('SES-09 of a key that nobody knows makes a device, a grant and a session', () => {
    expect(pairDevice(KEYED)).toEqual({
      device: {
        id: 'dev_new',
        label: 'Phone',
        kind: 'app',
        thumbprint: 'key',
        origin: 'https://notes.example',
        createdAt: NOON,
        sessionId: 'ses_new',
        grantId: 'gra_new',
      },
      grant: {
        id: 'gra_new',
        subject: 'owner',
        deviceId: 'dev_new',
        scopes: ['notes:read'],
        data: { room: 1 },
        createdAt: NOON,
      },
      session: {
        id: 'ses_new',
        epoch: 'epo_one',
        deviceId: 'dev_new',
        grantId: 'gra_new',
        codeId: 'cod_one',
        approvalId: 'apr_one',
        entry: 'code+approval',
        transport: 'dpop',
        thumbprint: 'key',
        createdAt: NOON,
        expiresAt: NOON + 2 * DAY,
        absoluteAt: NOON + 30 * DAY,
        slidingMs: 2 * DAY,
        renewal: { by: 'proof' },
      },
    })
  })

  test('SES-09 of a known device keeps its id and since when it is known, all else is new', () => {
    const known = deviceOf({ createdAt: NOON - DAY, label: 'Old', origin: null })
    const { device, grant, session } = pairDevice({ ...KEYED, known })
    expect(device).toMatchObject({
      id: 'dev_one',
      createdAt: NOON - DAY,
      label: 'Phone',
      origin: 'https://notes.example',
      sessionId: 'ses_new',
    })
    expect([grant.deviceId, session.deviceId]).toEqual(['dev_one', 'dev_one'])
  })

  test('SES-07 without a key ends after a day, or sooner where sessions do, and is not renewed', () => {
    expect(sessionFrom(BARE)).toMatchObject({
      thumbprint: null,
      expiresAt: null,
      slidingMs: null,
      absoluteAt: NOON + DAY,
      renewal: { by: 'nothing' },
    })
    const ends = (slidingMs: number | null, absoluteMs: number | null): number | null =>
      sessionFrom({ ...BARE, life: { slidingMs, absoluteMs } }).absoluteAt
    expect(ends(null, null)).toBe(NOON + DAY)
    expect(ends(HOUR, 30 * DAY)).toBe(NOON + HOUR)
    expect(ends(null, HOUR)).toBe(NOON + HOUR)
  })

  test('SES-07 without a key lives as any other where the server says so', () => {
    const full = { ...BARE, keylessFull: true }
    expect(sessionFrom(full)).toMatchObject({
      expiresAt: NOON + 2 * DAY,
      absoluteAt: NOON + 30 * DAY,
      renewal: { by: 'secret', generation: 1, rotatedAt: null, reusedAt: null },
    })
    const newcomer = { ...BARE.newcomer, transport: 'cookie' as const }
    expect(sessionFrom({ ...full, newcomer }).renewal).toEqual({ by: 'cookie' })
    expect(sessionFrom({ ...KEYED, keylessFull: true }).renewal).toEqual({ by: 'proof' })
  })

  test('SES-04 by the device grant is of the client that it came in by', () => {
    expect(sessionFrom({ ...KEYED, clientId: 'notes-cli' }).clientId).toBe('notes-cli')
    expect(sessionFrom({ ...KEYED, clientId: undefined })).not.toHaveProperty('clientId')
  })

  test('SES-09 draws no two parts alike', () => {
    let calls = 0
    const drawn = drawPairing((length) => new Uint8Array(length).fill(++calls))
    expect(drawn.device).toMatch(/^dev_[\w-]{22}$/)
    expect(drawn.grant).toMatch(/^gra_[\w-]{22}$/)
    expect(drawn.session).toMatch(/^ses_[\w-]{22}$/)
    expect(drawn.jti).toMatch(/^[\w-]{22}$/)
    expect(new Set(Object.values(drawn).map((text) => text.slice(-22))).size).toBe(4)
  })
})

describe('why somebody is not let in', () => {
  test('SEC-08 is told in words that give no secret away, and in full to the operator', () => {
    expect(refusalOf({ ok: false, refusal: 'insufficient_scope', scopes: ['a'] })).toEqual([
      'insufficient_scope',
      {
        message: 'That is more than a newcomer is given here.',
        members: { scopes: ['a'] },
        reason: 'more scopes were asked for than are given',
      },
    ])
    expect(refusalOf({ ok: false, refusal: 'wrong_key' })).toEqual([
      'code_invalid',
      { reason: 'the code is bound to another key' },
    ])
    for (const refusal of ['device_key_required', 'approval_rejected'] as const)
      expect(refusalOf({ refusal })).toEqual([refusal])
    expect(refusalOf({ refusal: 'scopes', reason: 'empty' })).toEqual([
      'invalid_request',
      { message: 'The list of scopes is empty.' },
    ])
    expect(refusalOf({ refusal: 'transport' })).toEqual([
      'invalid_request',
      {
        message: 'That transport is not for this device.',
        hint: 'With a device key use `cookie` or `dpop`, without one `cookie` or `bearer`.',
      },
    ])
  })

  test('APP-09 is told with the seconds after which to ask again, one at least', () => {
    const after = (retryMs: number): unknown =>
      refusalOf({ refusal: 'approval_limited', retryMs, reason: 'why' })
    const told = (retryAfter: number): unknown => [
      'approval_limited',
      { members: { retryAfter }, reason: 'why' },
    ]
    expect(after(61_000)).toEqual(told(61))
    expect(after(60_001)).toEqual(told(61))
    expect(after(0)).toEqual(told(1))
  })

  test('SES-07 who may not act any more is told which it is', () => {
    expect(actingRefusal('expired')).toEqual(['session_expired', {}])
    expect(actingRefusal('revoked')).toEqual(['session_revoked', {}])
    expect(actingRefusal('insufficient_scope')).toEqual([
      'insufficient_scope',
      { members: { scopes: ['access:write'] }, reason: 'missing access:write' },
    ])
  })
})
