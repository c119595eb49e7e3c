import { describe, expect, test } from 'vitest'
import { fixedClock } from '@pair/testkit/app'
import { faultyStore, type Fault, type FaultyStore } from '@pair/testkit/store'
import type { ApprovalItemWire } from '../../src/http/approval-wire.ts'
import { STORES } from '../kit/stores.ts'
import { NOON } from '../kit/clock.ts'
import { createDeskServer, deskOf, openDesk, type Desk } from './desk.ts'

const DIES = ['error-before', 'error-after'] as const

describe.each(STORES)('on $name', { timeout: 60_000 }, ({ open }) => {
  interface Stage {
    desk: Desk
    line: FaultyStore
    /** The process dies at its next commit, before or behind it; answers another one on the same store. */
    dying(fault: Fault, act: () => Promise<unknown>): Promise<Desk>
  }

  async function stage(): Promise<Stage> {
    const clock = fixedClock(NOON)
    const real = open()
    const line = faultyStore(real)
    const desk = await openDesk({ clock, store: line.store })
    return {
      desk,
      line,
      async dying(fault, act) {
        line.plan('commit', [fault], { thenDown: true })
        await act().catch(() => {})
        return deskOf(createDeskServer({ clock, store: real }), desk.owner)
      },
    }
  }

  const devices = async ({ server }: Desk): Promise<number> =>
    (await server.pair.sessions.list()).items.length - 1

  test.each(DIES)(
    'CODE-06 a process that dies as a device collects (%s) hands out one token or none',
    async (fault) => {
      const { desk, dying } = await stage()
      const { device_code, user_code } = await desk.shown()
      await desk.decide('approve', user_code)
      const said: string[] = []
      const again = await dying(fault, async () => said.push(await desk.told(device_code)))
      expect(said).toEqual(['temporarily_unavailable'])
      expect(await devices(again)).toBe(fault === 'error-after' ? 1 : 0)
      expect(await again.told(device_code)).toBe(fault === 'error-after' ? 'invalid_grant' : 'in')
      expect(await again.told(device_code)).toBe('invalid_grant')
      expect(await devices(again)).toBe(1)
    },
  )

  test.each(DIES)(
    'APP-06 one that dies as somebody approves (%s): it is approved or it waits',
    async (fault) => {
      const { desk, dying } = await stage()
      const { device_code, user_code } = await desk.shown()
      const { id, digest } = (await desk.type(user_code)).as<ApprovalItemWire>()
      const verdict = { digest, userCode: user_code }
      const again = await dying(fault, () => desk.server.pair.approvals.approve(id, verdict))
      expect(await devices(again)).toBe(0)
      if (fault === 'error-before') {
        expect(await again.told(device_code)).toBe('authorization_pending')
        await again.server.pair.approvals.approve(id, verdict)
      }
      expect(await again.told(device_code)).toBe('in')
      expect(await devices(again)).toBe(1)
    },
  )

  test.each(DIES)(
    'APP-11 one that dies as a device asks (%s) leaves nobody who could be let in',
    async (fault) => {
      const { desk, dying } = await stage()
      const asked: unknown[] = []
      const again = await dying(fault, async () => asked.push((await desk.ask()).body))
      expect(asked).toEqual([
        { error: 'temporarily_unavailable', error_description: expect.any(String) },
      ])
      const { items } = await again.server.pair.approvals.list()
      for (const { id, digest } of items)
        await expect(again.server.pair.approvals.approve(id, { digest })).rejects.toMatchObject({
          code: 'user_code_required',
        })
      const { device_code } = await again.shown()
      expect(await again.told(device_code)).toBe('authorization_pending')
      expect(await devices(again)).toBe(0)
    },
  )

  test.each(DIES)('one that dies as a poll is counted (%s): it goes on waiting', async (fault) => {
    const { desk, dying } = await stage()
    const { device_code } = await desk.shown()
    const again = await dying(fault, () => desk.told(device_code))
    const told = await again.told(device_code)
    expect(told).toBe(fault === 'error-before' ? 'authorization_pending' : 'slow_down')
  })
})
