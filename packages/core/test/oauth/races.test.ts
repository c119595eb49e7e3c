import { describe, expect, test } from 'vitest'
import { fixedClock } from '@pair/testkit/app'
import type { ApprovalItemWire } from '../../src/http/approval-wire.ts'
import { MINUTE, SECOND } from '../../src/time.ts'
import { STORES } from '../kit/stores.ts'
import { NOON } from '../kit/clock.ts'
import { createDeviceKey, type DeviceKey } from '../kit/device.ts'
import { jitteredStore, race } from '../kit/races.ts'
import { createDeskServer, deskOf, openDesk, type Desk } from './desk.ts'

const ROUNDS = 8

describe.each(STORES)('on $name', { timeout: 60_000 }, (kind) => {
  /** Two instances; the owner sits at the first. */
  async function openTwo(seed: number): Promise<[Desk, Desk]> {
    const clock = fixedClock(NOON)
    const [here, there] = kind.openTwo()
    const first = await openDesk({ clock, store: jitteredStore(here, seed) })
    const second = createDeskServer({ clock, store: jitteredStore(there, seed + 100) })
    return [first, deskOf(second, first.owner)]
  }

  test.each([false, true])(
    'CODE-03 of forty who poll at once on two instances one alone is let in (with a key: %s)',
    async (isKeyed) => {
      for (let round = 0; round < ROUNDS; round++) {
        const desks = await openTwo(round + 1)
        const [desk] = desks
        const key: DeviceKey | undefined = isKeyed ? await createDeviceKey() : undefined
        const { device_code, user_code } = await desk.shown({}, key)
        await desk.decide('approve', user_code)
        const told = await race((rival) => desks[rival % 2]!.told(device_code, key))
        expect(told.filter((one) => one === 'in')).toHaveLength(1)
        expect(new Set(told)).toEqual(new Set(['in', 'invalid_grant']))
        expect((await desk.server.pair.sessions.list()).items).toHaveLength(2)
      }
    },
  )

  test('APP-06 whoever polls while it is approved is let in once, or waits: never both', async () => {
    for (let round = 0; round < ROUNDS; round++) {
      const desks = await openTwo(round + 1)
      const [desk] = desks
      const { device_code, user_code } = await desk.shown()
      const { id, digest } = (await desk.type(user_code)).as<ApprovalItemWire>()
      const [approved, ...told] = await Promise.all([
        desk.server.pair.approvals.approve(id, { digest, userCode: user_code }),
        ...Array.from({ length: 20 }, (_, rival) => desks[rival % 2]!.told(device_code)),
      ])
      expect(approved.state).toBe('approved')
      told.push(await desk.told(device_code))
      expect(told.filter((one) => one === 'in')).toHaveLength(1)
    }
  })

  test('APP-03 approved and rejected at once: one decision, and what the device is told is that one', async () => {
    for (let round = 0; round < ROUNDS; round++) {
      const [desk, other] = await openTwo(round + 1)
      const { device_code, user_code } = await desk.shown()
      const { id, digest } = (await desk.type(user_code)).as<ApprovalItemWire>()
      const said = await Promise.all(
        [
          desk.server.pair.approvals.approve(id, { digest, userCode: user_code }),
          other.server.pair.approvals.reject(id, { digest }),
        ].map((deciding) =>
          deciding.then(
            ({ state }) => state,
            ({ code }: { code: string }) => code,
          ),
        ),
      )
      expect(said).toContain('approval_decided')
      const approved = said.includes('approved')
      expect(await other.told(device_code)).toBe(approved ? 'in' : 'access_denied')
    }
  })

  test('APP-06 approved as it runs out: whoever was told that it is approved finds it so, or it is over', async () => {
    for (let round = 0; round < ROUNDS; round++) {
      const [desk, other] = await openTwo(round + 1)
      const { device_code, user_code } = await desk.shown()
      const { id, digest } = (await desk.type(user_code)).as<ApprovalItemWire>()
      desk.server.clock.advance(10 * MINUTE - 1)
      const approving = desk.server.pair.approvals
        .approve(id, { digest, userCode: user_code })
        .then(
          ({ state }) => state,
          ({ code }: { code: string }) => code,
        )
      desk.server.clock.advance(1)
      const [said] = await Promise.all([approving, other.server.pair.sweep()])
      expect(await other.told(device_code)).toBe(said === 'approved' ? 'in' : 'expired_token')
    }
  })

  test('two instances count one device together: too soon is too soon wherever it asks', async () => {
    const [desk, other] = await openTwo(1)
    const { clock } = desk.server
    const { device_code } = await desk.shown()
    expect(await desk.told(device_code)).toBe('authorization_pending')
    clock.advance(SECOND)
    expect(await other.told(device_code)).toBe('slow_down')
    clock.advance(9 * SECOND)
    expect(await desk.told(device_code)).toBe('slow_down')
    clock.advance(15 * SECOND)
    expect(await other.told(device_code)).toBe('authorization_pending')
  })

  test('of forty polls at once one alone is in time, and each of the others makes it wait longer', async () => {
    const [desk, other] = await openTwo(7)
    const { device_code } = await desk.shown()
    const told = await race((rival) => [desk, other][rival % 2]!.told(device_code))
    expect(told.filter((one) => one === 'authorization_pending')).toHaveLength(1)
    expect(told.filter((one) => one === 'slow_down')).toHaveLength(39)
    const { store } = desk.server
    const id = device_code.split('.', 1)[0]!
    const { value } = (await store.read(['pair', 'device-poll', id, 'record']))!
    expect(JSON.parse(value)).toMatchObject({ record: { intervalMs: 200 * SECOND } })
  })
})
