import { afterEach, describe, expect, test, vi } from 'vitest'
import { memoryKeyStore } from '../src/index.ts'
import { createDoor, createWaiter } from './kit/door.ts'
import { DAY } from './kit/home.ts'

afterEach(() => vi.unstubAllGlobals())

describe('a request that waits', () => {
  test('is taken back, and forgotten', async () => {
    const { door, profile, client } = await createWaiter()
    expect(await client.withdraw()).toMatchObject({ status: 'unpaired' })
    expect(client.getSnapshot().problem).toBeUndefined()
    expect(client.getSnapshot().approval).toBeUndefined()
    expect(await door.waiting()).toEqual([])
    expect(await profile.keyStore.loadPending()).toBeNull()
    door.home.log.length = 0
    expect(await client.withdraw()).toMatchObject({ status: 'unpaired' })
    expect(door.home.log).toEqual([])
    expect(await client.request()).toMatchObject({ status: 'pending' })
  })

  test('that is taken back while the page looks what was kept stays taken back', async () => {
    const memory = memoryKeyStore()
    let release = (): void => undefined
    const held = new Promise<void>((resolve) => (release = resolve))
    let looked = 0
    const { door, client } = await createWaiter({
      keyStore: {
        ...memory,
        async loadPending() {
          const kept = await memory.loadPending()
          if (kept && ++looked > 0) await held
          return kept
        },
      },
    })
    const starting = client.start()
    await expect.poll(() => looked).toBe(1)
    await client.withdraw()
    door.home.log.length = 0
    release()
    expect(await starting).toMatchObject({ status: 'unpaired' })
    expect(client.getSnapshot().problem).toBeUndefined()
    expect(door.home.log).toEqual(['GET /auth/session'])
  })

  test('goes on where it can not be taken back, and says so', async () => {
    const { door, client } = await createWaiter()
    door.home.between((request, next) =>
      request.url.endsWith('/withdraw') ? Promise.reject(new TypeError('fetch failed')) : next(),
    )
    await expect(client.withdraw()).rejects.toMatchObject({ code: 'offline' })
    expect(client.getSnapshot().status).toBe('pending')
    await door.approve()
    await expect.poll(() => client.getSnapshot().status).toBe('paired')
  })

  test('that was decided while it was taken back ends as decided', async () => {
    const { door, client } = await createWaiter()
    door.home.between(async (request, next) => {
      if (request.url.endsWith('/withdraw')) await door.reject()
      return await next()
    })
    await expect(client.withdraw()).rejects.toMatchObject({ code: 'approval_rejected' })
    await expect.poll(() => client.getSnapshot().status).toBe('blocked')
  })

  test('that ran out is taken back as well as any', async () => {
    const { door, profile, client } = await createWaiter()
    client.close()
    // the server has forgotten it altogether
    for (let day = 0; day < 2; day++) {
      door.home.pass(DAY)
      await door.home.pair.sweep()
    }
    // before this page has asked what became of it
    door.home.between((request, next) =>
      request.url.endsWith('/claim') ? Promise.reject(new TypeError('fetch failed')) : next(),
    )
    const again = profile.open()
    await again.start()
    expect(await again.withdraw()).toMatchObject({ status: 'unpaired' })
    expect(again.getSnapshot().problem).toBeUndefined()
    expect(await profile.keyStore.loadPending()).toBeNull()
  })

  test('is taken back by signing out', async () => {
    const { door, profile, client } = await createWaiter()
    await client.logout()
    expect(client.getSnapshot()).toMatchObject({ status: 'unpaired' })
    expect(await door.waiting()).toEqual([])
    expect(await profile.keyStore.loadPending()).toBeNull()
  })
})

describe('a page that may not sign', () => {
  test('APP-09 takes back what waits before it asks anew: it waits once', async () => {
    const door = await createDoor()
    const profile = door.home.profile()
    const client = profile.open()
    const waiting = async (): Promise<unknown[]> =>
      (await door.home.pair.approvals.list()).items.map(({ scopes }) => scopes)
    vi.stubGlobal('crypto', { getRandomValues: crypto.getRandomValues.bind(crypto) })
    await client.request({ scopes: ['notes:read'] })
    const before = client.getSnapshot().approval
    expect(await client.request()).toMatchObject({ status: 'pending' })
    expect(client.getSnapshot().approval?.id).not.toBe(before?.id)
    expect(await waiting()).toEqual([['notes:read', 'notes:write']])
    expect(await profile.open().start()).toMatchObject({
      status: 'pending',
      approval: client.getSnapshot().approval,
    })
  })

  test('keeps what waits where a code is mistyped', async () => {
    const door = await createDoor('code+approval')
    const client = door.home.profile().open()
    const { secret } = await door.home.code(['notes:read'])
    vi.stubGlobal('crypto', { getRandomValues: crypto.getRandomValues.bind(crypto) })
    expect(await client.redeem(secret)).toMatchObject({ status: 'pending' })
    await expect(client.redeem('AAA-AAA-AAA')).rejects.toMatchObject({ code: 'code_invalid' })
    expect(client.getSnapshot().status).toBe('pending')
    expect((await door.home.pair.approvals.list()).items).toHaveLength(1)
  })
})
