import { describe, expect, test } from 'vitest'
import { createStranger, type LoggedServer } from '../kit/newcomers.ts'
import { STORES } from '../kit/stores.ts'
import { jumps, serverOn } from './jumps.ts'

const MINUTE = 60_000
const LOCK = 15 * MINUTE
const ROOM = { max: 1_000_000 }
const WRONG = '222-222-222'
const address = { info: { remoteAddress: '203.0.113.7' } }

async function wrong(server: LoggedServer): Promise<string> {
  const { status, body } = await server.call('/auth/redeem', { body: { code: WRONG }, ...address })
  return `${status} ${String(body['code'])}`
}
async function right(server: LoggedServer): Promise<number> {
  const { typed } = await server.pair.codes.issue()
  return (await server.call('/auth/redeem', { body: { code: typed }, ...address })).status
}
async function lockOut(server: LoggedServer): Promise<void> {
  for (let left = 40; left > 0; left--) if (!(await wrong(server)).startsWith('401')) return
  throw new Error('not locked')
}
const moved = jumps.filter(([name]) => name !== 'NaN')

describe.each(STORES)('on $name', (store) => {
  describe.each(moved)('the clock jumps %s', (_, to) => {
    test('SEC-06 a lock that began before it ends when it would have', async () => {
      const server = serverOn(store, { limits: { redeem: ROOM } })
      await lockOut(server)
      const locked = server.clock()
      expect(await right(server)).toBe(429)
      server.clock.set(to(locked))
      await wrong(server)
      server.clock.set(locked + LOCK)
      expect(await right(server)).toBe(200)
    })

    test('SEC-06 a lock that began during it holds nobody for longer than a lock lasts', async () => {
      const server = serverOn(store, { limits: { redeem: ROOM } })
      const now = server.clock()
      server.clock.set(to(now))
      await lockOut(server)
      server.clock.set(now + LOCK)
      expect(await right(server)).toBe(200)
    })

    test('SEC-06 whoever was locked out at both times is free a lock after the last', async () => {
      const server = serverOn(store, { limits: { redeem: ROOM } })
      const now = server.clock()
      await lockOut(server)
      server.clock.set(to(now))
      await lockOut(server)
      server.clock.set(now + MINUTE)
      await wrong(server)
      server.clock.set(now + MINUTE + LOCK)
      expect(await right(server)).toBe(200)
    })

    test('SEC-06 a window that was used up during it, or before it, is a minute and no more', async () => {
      const server = serverOn(store, { limits: { redeem: { max: 3 } } })
      const now = server.clock()
      const fill = async (): Promise<string> => {
        let last = ''
        for (let left = 4; left > 0; left--) last = await wrong(server)
        return last
      }
      expect(await fill()).toBe('429 rate_limited')
      server.clock.set(to(now))
      expect(await fill()).toBe('429 rate_limited')
      server.clock.set(now)
      // what counted before it counts still
      expect(await wrong(server)).toBe('429 rate_limited')
      server.clock.set(now + MINUTE)
      expect(await right(server)).toBe(200)
    })

    test('SEC-06 a sweep during it lets no window and no lock last longer', async () => {
      const server = serverOn(store, { limits: { redeem: ROOM } })
      const now = server.clock()
      await lockOut(server)
      server.clock.set(to(now))
      await server.pair.sweep()
      server.clock.set(now + LOCK)
      await server.pair.sweep()
      expect(await right(server)).toBe(200)
    })
  })

  test('SEC-06 without the time no code is tried, and it is not counted against anybody', async () => {
    const server = serverOn(store, { limits: { redeem: ROOM } })
    const now = server.clock()
    const { typed } = await server.pair.codes.issue()
    server.clock.set(Number.NaN)
    for (let left = 40; left > 0; left--) expect(await wrong(server)).toMatch(/^503/)
    expect((await createStranger(server).redeem(typed)).status).toBe(503)
    server.clock.set(now)
    expect(await right(server)).toBe(200)
  })
})
