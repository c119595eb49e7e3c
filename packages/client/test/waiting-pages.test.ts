import { afterEach, describe, expect, test, vi } from 'vitest'
import { createWaiter, record, SLOW } from './kit/door.ts'

afterEach(() => vi.unstubAllGlobals())

describe('pages of one device', () => {
  test('ask one at a time, and all learn how it ends', async () => {
    const { door, profile, client } = await createWaiter()
    let asking = 0
    let most = 0
    door.home.between(async (request, next) => {
      if (!request.url.endsWith('/claim')) return await next()
      most = Math.max(most, ++asking)
      try {
        return await next()
      } finally {
        asking--
      }
    })
    const pages = [profile.open(), profile.open(), profile.open()]
    for (const page of pages) expect(await page.start()).toMatchObject({ status: 'pending' })
    await door.reject()
    for (const page of [client, ...pages])
      await expect
        .poll(() => page.getSnapshot(), SLOW)
        .toMatchObject({ status: 'blocked', problem: { code: 'approval_rejected' } })
    expect(most).toBeLessThanOrEqual(1)
  })

  test('without Web Locks take turns slowly, and all are let in', async () => {
    vi.stubGlobal('navigator', undefined)
    const { door, profile, client } = await createWaiter()
    const other = profile.open()
    await other.start()
    await expect.poll(() => door.home.log.filter((line) => line.endsWith('/claim')).length).toBe(2)
    await door.approve()
    for (const page of [client, other])
      await expect.poll(() => page.getSnapshot().status, SLOW).toBe('paired')
    expect(door.home.log.filter((line) => line.endsWith('/claim')).length).toBeLessThan(12)
  }, 20_000)

  // without Web Locks nothing else keeps two loops of one page apart
  test('a page that is opened again and again while the server is away asks once at a time', async () => {
    vi.stubGlobal('navigator', undefined)
    const { door, client } = await createWaiter()
    let away = true
    let tried = 0
    let asking = 0
    let most = 0
    door.home.between(async (request, next) => {
      if (!request.url.endsWith('/claim')) return await next()
      tried++
      if (away) throw new TypeError('fetch failed')
      most = Math.max(most, ++asking)
      try {
        return await next()
      } finally {
        asking--
      }
    })
    await door.home.restart() // the question that is under way ends
    await expect.poll(() => client.getSnapshot().problem?.code, SLOW).toBe('offline')
    for (let look = 0; look < 6; look++) await client.start()
    const before = tried
    away = false
    await expect.poll(() => client.getSnapshot().problem, SLOW).toBeUndefined()
    await expect.poll(() => asking, SLOW).toBe(1)
    await door.approve()
    await expect.poll(() => client.getSnapshot().status, SLOW).toBe('paired')
    expect(most).toBe(1)
    // one that hears that it is back, one that waits
    expect(tried - before).toBeLessThanOrEqual(3)
  }, 20_000)

  test('go on with the newer claim where one of them asked anew', async () => {
    const { door, profile, client: before } = await createWaiter()
    before.close()
    let release = (): void => undefined
    const held = new Promise<void>((resolve) => (release = resolve))
    let voided = 0
    door.home.between(async (request, next) => {
      const response = await next()
      if (response.status === 410 && ++voided === 1) await held
      return response
    })
    const [client, other] = [profile.open(), profile.open()]
    await client.start()
    await other.start()
    const seen = record(client)
    const changed = await other.request({ scopes: ['notes:read'] })
    release()
    await expect
      .poll(() => client.getSnapshot().approval?.matchCode)
      .toBe(changed.approval?.matchCode)
    await door.approve()
    for (const page of [client, other])
      await expect.poll(() => page.getSnapshot().status, SLOW).toBe('paired')
    expect(voided).toBeGreaterThan(0)
    expect(new Set(seen)).toEqual(new Set(['pending', 'paired']))
  })

  test('that heard too early of the claim of before find the newer one at their next look', async () => {
    const { profile, client } = await createWaiter()
    const other = profile.open()
    await other.start()
    const changed = await other.request({ scopes: ['notes:read'] })
    // a page hears of it by its channel
    expect(await client.start()).toMatchObject({ status: 'pending', approval: changed.approval })
  })
})
