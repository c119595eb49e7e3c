import { describe, expect, test } from 'vitest'
import type { ApprovalItemWire } from '../../src/http/approval-wire.ts'
import { MINUTE, SECOND } from '../../src/time.ts'
import { addressOf, LOCK_MS, LOCKOUT_ONLY, times, toldOf, wrongCode } from '../kit/guessers.ts'
import type { Answer } from '../kit/newcomers.ts'
import { CLIENT, DEVICE_GRANT, openDesk, type Desk } from './desk.ts'

/** The owner's desk is at a network of its own; his session is renewed where a test takes long. */
async function wait({ server, owner }: Desk, ms: number): Promise<void> {
  server.clock.advance(ms)
  await owner.call('/auth/renew', { body: {} })
}

/** What the owner is told who types these codes, one after the other. */
async function typing(desk: Desk, codes: readonly string[]): Promise<string[]> {
  const told: string[] = []
  for (const code of codes) told.push(toldOf(await desk.type(code)))
  return told
}

const wrongs = (count: number, from = 1): string[] =>
  Array.from({ length: count }, (_, at) => wrongCode(at + from))

describe('user codes that are typed', () => {
  test('LIM-02 ten wrong ones in a row lock for fifteen minutes, also for the right one', async () => {
    const desk = await openDesk({ ...LOCKOUT_ONLY, approval: { pendingMs: 60 * MINUTE } })
    const { user_code, device_code } = await desk.shown()
    expect(await typing(desk, wrongs(11))).toEqual([...times(10, 'code_invalid'), 'locked_out'])
    expect(await typing(desk, [user_code])).toEqual(['locked_out'])
    await wait(desk, LOCK_MS - SECOND)
    expect(await typing(desk, [user_code])).toEqual(['locked_out'])
    await wait(desk, SECOND)
    await desk.decide('approve', user_code)
    expect(await desk.told(device_code)).toBe('in')
  })

  test('LIM-02 is one count with pairing codes, and with what a decision carries', async () => {
    const desk = await openDesk(LOCKOUT_ONLY)
    const { user_code } = await desk.shown()
    const { id, digest } = (await desk.type(user_code)).as<ApprovalItemWire>()
    const approve = async (userCode: string): Promise<Answer> =>
      desk.owner.call(`/auth/approvals/${id}/approve`, { body: { digest, userCode } })
    const told: string[] = []
    for (const code of wrongs(5)) {
      told.push(toldOf(await approve(code)))
      told.push(toldOf(await desk.type(code)))
    }
    expect(told).toEqual(times(10, 'code_invalid'))
    expect(toldOf(await approve(user_code))).toBe('locked_out')
    await desk.server.pair.admission.set('code')
    const body = { code: wrongCode(1) }
    expect(toldOf(await desk.owner.call('/auth/redeem', { body }))).toBe('locked_out')
  })

  test('LIM-02 a right one clears nothing: nine wrong and a right one, over and over, still lock', async () => {
    const desk = await openDesk(LOCKOUT_ONLY)
    const { user_code } = await desk.shown()
    expect(await typing(desk, [...wrongs(9), user_code, ...wrongs(2)])).toEqual([
      ...times(9, 'code_invalid'),
      'in',
      'code_invalid',
      'locked_out',
    ])
  })

  test('LIM-02 of forty at once no more are looked at than may fail', async () => {
    for (let round = 0; round < 8; round++) {
      const desk = await openDesk(LOCKOUT_ONLY)
      const answers = await Promise.all(wrongs(40).map(async (code) => desk.type(code)))
      const told = answers.map(toldOf)
      expect(told.filter((one) => one === 'code_invalid').length).toBeLessThanOrEqual(10)
      expect(new Set(told)).toEqual(new Set(['code_invalid', 'locked_out']))
    }
  })

  test('LIM-02 as many as may be in a minute, by default eight', async () => {
    const desk = await openDesk({ limits: {} })
    // The owner paired from there.
    await wait(desk, MINUTE)
    const told = await typing(desk, wrongs(9))
    expect(told).toEqual([...times(8, 'code_invalid'), 'rate_limited'])
  })

  test('CODE-02 what is no code at all costs no guess', async () => {
    const desk = await openDesk({ limits: {} })
    const { user_code } = await desk.shown()
    for (const text of times(12, '0O0-1I1-LLL')) {
      const { status, body } = await desk.type(text)
      expect([status, body.code]).toEqual([400, 'code_malformed'])
    }
    const { id, digest } = (await desk.type(user_code)).as<ApprovalItemWire>()
    for (const userCode of times(12, 'nothing')) {
      const body = { digest, userCode }
      expect(toldOf(await desk.owner.call(`/auth/approvals/${id}/approve`, { body }))).toBe(
        'code_malformed',
      )
    }
    await desk.decide('approve', user_code)
  })
})

describe('device codes that nobody was given', () => {
  const made = (at: number): string =>
    `apr_${'A'.repeat(18)}${String(at).padStart(4, '0')}.${'b'.repeat(43)}.${'c'.repeat(43)}`

  test('LIM-02 are counted and lock like any other guess; who waits already is not held up', async () => {
    const desk = await openDesk(LOCKOUT_ONLY)
    const { device_code, user_code } = await desk.shown()
    const told: string[] = []
    for (let at = 0; at < 11; at++) told.push(await desk.told(made(at)))
    expect(told).toEqual([...times(10, 'invalid_grant'), 'temporarily_unavailable'])
    expect(await desk.told(device_code)).toBe('authorization_pending')
    await desk.decide('approve', user_code)
    expect(await desk.told(device_code)).toBe('in')
    expect(await desk.told(device_code)).toBe('invalid_grant')
  })

  test('LIM-01 are of the class of codes: eight a minute, and asking for one is too', async () => {
    const desk = await openDesk({ limits: {} })
    for (let at = 0; at < 8; at++) expect(await desk.told(made(at))).toBe('invalid_grant')
    const refused = await desk.poll(made(9))
    expect([refused.status, refused.body.error]).toEqual([429, 'temporarily_unavailable'])
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0)
    expect(refused.headers.get('ratelimit')).toContain('r=0')
    const asked = await desk.ask()
    expect([asked.status, asked.body.error]).toEqual([429, 'temporarily_unavailable'])
  })

  test('LIM-01 one that waits is held back by itself alone, and told to slow down', async () => {
    const desk = await openDesk({ limits: { poll: { max: 3 } } })
    const { device_code } = await desk.shown()
    const params = { grant_type: DEVICE_GRANT, device_code, client_id: CLIENT.id }
    const told: unknown[] = []
    for (let at = 0; at < 4; at++) {
      desk.server.clock.advance(SECOND * at)
      const info = { remoteAddress: addressOf(at) }
      const { status, body } = await desk.form('/auth/token', params, { info })
      told.push([status, body.error])
    }
    expect(told[0]).toEqual([400, 'authorization_pending'])
    expect(told[3]).toEqual([429, 'slow_down'])
    expect(await desk.told((await desk.shown()).device_code)).toBe('authorization_pending')
  })

  test('LIM-02 what is no device code at all costs no guess', async () => {
    const desk = await openDesk({ limits: {} })
    for (const text of times(12, 'nothing')) expect(await desk.told(text)).toBe('invalid_grant')
    expect((await desk.ask()).status).toBe(200)
  })
})
