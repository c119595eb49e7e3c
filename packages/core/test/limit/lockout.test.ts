import { describe, expect, test } from 'vitest'
import { MINUTE, SECOND } from '../../src/time.ts'
import { STORES } from '../kit/stores.ts'
import {
  createHouse,
  HOME,
  LOCK_MS,
  LOCKOUT_ONLY,
  times,
  toldOf,
  wrongCode,
  type House,
} from '../kit/guessers.ts'
import { keptSecrets } from '../kit/secrets.ts'

const device = { label: 'A phone', kind: 'browser' }

describe.each(STORES)('on $name', (store) => {
  const open = (options: Parameters<typeof createHouse>[0] = {}): House =>
    createHouse({ ...LOCKOUT_ONLY, store: store.open(), ...options })
  const long = { expiresInMs: 60 * MINUTE } as const

  test('LIM-02 ten wrong codes in a row lock: still at 14:59.999, free at 15:00.000', async () => {
    const house = open()
    const right = await house.typed(long)
    expect(await house.fail(10)).toEqual(times(10, 'code_invalid'))
    expect(toldOf(await house.redeem(right))).toBe('locked_out')
    house.clock.advance(LOCK_MS - 1)
    expect(toldOf(await house.redeem(right))).toBe('locked_out')
    house.clock.advance(1)
    expect(toldOf(await house.redeem(right))).toBe('in')
  })

  test('LIM-02 nine wrong codes don’t lock, and the tenth is one whenever it comes in the hour', async () => {
    const house = open()
    const right = await house.typed({ ...long, uses: 'unlimited' })
    expect(await house.fail(9)).toEqual(times(9, 'code_invalid'))
    expect(toldOf(await house.redeem(right))).toBe('in')
    house.clock.advance(59 * MINUTE)
    expect(await house.fail(1)).toEqual(['code_invalid'])
    expect(await house.fail(1)).toEqual(['locked_out'])
  })

  test('LIM-02 the lock begins with its last failure, and behind it ten are free again', async () => {
    const house = open()
    await house.fail(9)
    house.clock.advance(4 * MINUTE + 1)
    await house.fail(1)
    for (const round of [1, 2, 3]) {
      house.clock.advance(LOCK_MS - 1)
      expect(await house.fail(1), `round ${round}`).toEqual(['locked_out'])
      house.clock.advance(1)
      expect(await house.fail(11), `round ${round}`).toEqual([
        ...times(10, 'code_invalid'),
        'locked_out',
      ])
    }
  })

  test('LIM-02 failures while locked neither count nor extend it, however many', async () => {
    const house = open()
    await house.fail(10)
    for (let minute = 0; minute < 15; minute++) {
      expect(await house.fail(20)).toEqual(times(20, 'locked_out'))
      const refused = await house.redeem(wrongCode(1))
      expect(Number(refused.headers.get('retry-after'))).toBe((15 - minute) * 60)
      house.clock.advance(MINUTE)
    }
    // Not one of those 315 counts now.
    expect(await house.fail(11)).toEqual([...times(10, 'code_invalid'), 'locked_out'])
  })

  test('LIM-02 a right code is refused while locked, told as a wrong one is, and stays unused', async () => {
    const house = open()
    const [typed, linked] = [await house.typed(long), await house.linked(long)]
    await house.fail(10)
    const [wrong, right, link] = [
      await house.redeem(wrongCode(1)),
      await house.redeem(typed),
      await house.redeem(linked),
    ]
    expect(right.text).toBe(wrong.text)
    expect(link.text).toBe(wrong.text)
    expect(right.headers.getSetCookie()).toEqual([])
    expect((await house.pair.codes.list()).items.map(({ used }) => used)).toEqual([0, 0])
    expect(toldOf(await house.preview(typed))).toBe('locked_out')
    // Who comes from elsewhere is not locked.
    expect(toldOf(await house.redeem(typed, '203.0.113.8'))).toBe('in')
    house.clock.advance(LOCK_MS)
    expect(toldOf(await house.redeem(linked))).toBe('in')
  })

  test('LIM-02 Retry-After is never above what is left of the lock, and who waits to its end passes', async () => {
    const house = open()
    const end = house.clock() + LOCK_MS + 123
    house.clock.advance(123)
    await house.fail(10)
    for (let later = 0; later < LOCK_MS; later += 7_919) {
      house.clock.set(end - LOCK_MS + later)
      const told = (await house.redeem(wrongCode(1))).headers.get('retry-after')!
      expect(told).toMatch(/^\d+$/)
      expect(Number(told) * SECOND).toBeLessThanOrEqual(LOCK_MS - later)
      expect(Number(told) * SECOND).toBeGreaterThan(LOCK_MS - later - SECOND)
    }
    house.clock.set(end)
    expect(await house.fail(1)).toEqual(['code_invalid'])
  })

  test('LIM-02 previewing, redeeming and claiming the server count together', async () => {
    const house = open({ secret: keptSecrets(), keyless: 'full' })
    const ways = [
      () => house.redeem(wrongCode(7)),
      () => house.preview(wrongCode(8)),
      () => house.redeem('A'.repeat(22)),
      () => house.preview('B'.repeat(22)),
      () => house.ask('claim-owner', { secret: 'A'.repeat(43), device }),
    ]
    for (let count = 0; count < 10; count++)
      expect(toldOf(await ways[count % ways.length]!())).toBe('code_invalid')
    // From the tenth on, whatever that was.
    for (const way of ways) {
      const refused = await way()
      expect([toldOf(refused), refused.headers.get('retry-after')]).toEqual(['locked_out', '900'])
    }
    const secret = (await house.pair.ownerSecret({ origin: house.origin }))!.secret
    expect(toldOf(await house.ask('claim-owner', { secret, device }))).toBe('locked_out')
    house.clock.advance(LOCK_MS)
    expect(toldOf(await house.ask('claim-owner', { secret, device }))).toBe('in')
  })

  test('LIM-02 one address of IPv6 locks its network and no other', async () => {
    const house = open()
    await house.fail(5, '2001:db8:1:2::1')
    await house.fail(5, '2001:db8:1:2:8000::')
    expect(await house.fail(1, '2001:db8:1:2::77')).toEqual(['locked_out'])
    expect(await house.fail(1, '2001:db8:1:3::1')).toEqual(['code_invalid'])
    await house.fail(10, '192.0.2.9')
    expect(await house.fail(1, '::ffff:192.0.2.9')).toEqual(['locked_out'])
  })

  test('LIM-02 who is in stays in while his address is locked', async () => {
    const house = open()
    const paired = await house.redeem(await house.typed(), HOME, { transport: 'bearer' })
    const headers = { authorization: `Bearer ${String(paired.body.accessToken)}` }
    await house.fail(10)
    const info = { remoteAddress: HOME }
    expect((await house.call('/auth/session', { headers, info })).body.authenticated).toBe(true)
    expect((await house.ask('tickets', { for: 'socket' }, HOME, headers)).status).toBe(200)
    expect((await house.ask('logout', {}, HOME, headers)).status).toBe(204)
  })

  test('LIM-02 a lock holds to its end though the failures behind it are forgotten before', async () => {
    const house = open()
    house.clock.advance(30 * MINUTE)
    await house.fail(9)
    house.clock.advance(85 * MINUTE)
    expect(await house.fail(2)).toEqual(['code_invalid', 'locked_out'])
    // Five minutes on a new hour begins.
    for (let minute = 0; minute < 14; minute++) {
      house.clock.advance(MINUTE)
      expect(await house.fail(1)).toEqual(['locked_out'])
    }
    house.clock.advance(MINUTE)
    expect(await house.fail(1)).toEqual(['code_invalid'])
  })

  test('LIM-02 sweeping forgets neither a lock nor failures that count', async () => {
    const house = open()
    await house.fail(10)
    house.clock.advance(LOCK_MS - 1)
    await house.pair.sweep()
    expect(await house.fail(1)).toEqual(['locked_out'])
    house.clock.advance(155 * MINUTE)
    expect(await house.fail(9)).toEqual(times(9, 'code_invalid'))
    // What is kept of the lock is older than what counts behind it.
    for (let part = 0; part < 3; part++) {
      house.clock.advance(10 * MINUTE)
      await house.pair.sweep()
    }
    expect(await house.fail(2)).toEqual(['code_invalid', 'locked_out'])
  })

  test('LIM-02 a lockout that was set holds as it was set', async () => {
    const lockout = { failures: 3, lockMs: 2 * MINUTE }
    const house = open({ limits: { ...LOCKOUT_ONLY.limits, lockout } })
    expect(await house.fail(4)).toEqual([...times(3, 'code_invalid'), 'locked_out'])
    house.clock.advance(2 * MINUTE - 1)
    expect(await house.fail(1)).toEqual(['locked_out'])
    house.clock.advance(1)
    expect(await house.fail(4)).toEqual([...times(3, 'code_invalid'), 'locked_out'])
  })
})
