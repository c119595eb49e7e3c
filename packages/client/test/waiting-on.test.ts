import { afterEach, describe, expect, test, vi } from 'vitest'
import { memoryKeyStore } from '../src/index.ts'
import { createDoor, createWaiter, record, SLOW } from './kit/door.ts'

afterEach(() => vi.unstubAllGlobals())

describe.each(['cookie', 'dpop'] as const)('a request that waits, by %s', (transport) => {
  test('APP-11 survives a reload: it is shown from what was kept, before the server is asked', async () => {
    const { door, profile, client } = await createWaiter({ transport })
    const { approval } = client.getSnapshot()
    client.close()
    const again = profile.open()
    const seen = record(again)
    let atOnce: string | undefined
    door.home.between(async (_request, next) => {
      atOnce ??= again.getSnapshot().approval?.matchCode
      return await next()
    })
    expect(await again.start()).toMatchObject({
      status: 'pending',
      approval,
      server: { admission: 'approval' },
    })
    expect(atOnce).toBe(approval?.matchCode)
    await door.approve()
    await expect.poll(() => again.getSnapshot().status).toBe('paired')
    expect(new Set(seen)).toEqual(new Set(['pending', 'paired']))
    expect(await profile.keyStore.loadPending()).toBeNull()
    expect((await again.fetch('/careful')).status).toBe(200)
  })

  test('APP-11 survives a restart of the server', async () => {
    const { door, client } = await createWaiter({ transport })
    await door.home.restart()
    expect(await client.start()).toMatchObject({ status: 'pending' })
    await door.approve()
    await expect.poll(() => client.getSnapshot().status, SLOW).toBe('paired')
  })

  test('APP-11 whose session was given in an answer that was lost is found by the key', async () => {
    const { door, profile, client } = await createWaiter({ transport })
    let lost = 0
    door.home.between(async (request, next) => {
      const response = await next()
      if (!request.url.endsWith('/claim') || response.status !== 200) return response
      lost++
      profile.cookies.clear()
      throw new TypeError('fetch failed')
    })
    await door.approve()
    await expect.poll(() => client.getSnapshot().status, SLOW).toBe('paired')
    expect(lost).toBe(1)
    expect(client.getSnapshot().problem).toBeUndefined()
    expect((await door.home.pair.sessions.list()).items).toHaveLength(2)
    expect((await client.fetch('/careful')).status).toBe(200)
  })

  test('that was approved while nobody had it open is collected by the next page', async () => {
    const { door, profile, client } = await createWaiter({ transport })
    client.close()
    await door.approve()
    const again = profile.open()
    await again.start()
    await expect.poll(() => again.getSnapshot().status).toBe('paired')
  })
})

describe('answers that come late', () => {
  test('a look that began before the decision was heard does not hide it, but tells of the server', async () => {
    const { door, profile, client } = await createWaiter()
    client.close()
    await door.reject()
    let release = (): void => undefined
    const held = new Promise<void>((resolve) => (release = resolve))
    door.home.between(async (request, next) => {
      const response = await next()
      if (request.url.endsWith('/session')) await held
      return response
    })
    const again = profile.open()
    const starting = again.start()
    await expect.poll(() => again.getSnapshot().status).toBe('blocked')
    release()
    expect(await starting).toMatchObject({
      status: 'blocked',
      problem: { code: 'approval_rejected' },
      server: { admission: 'approval' },
    })
  })

  test('a session that is given while this device signs out pairs nobody', async () => {
    const { door, profile, client: before } = await createWaiter()
    before.close()
    let release = (): void => undefined
    const held = new Promise<void>((resolve) => (release = resolve))
    let given = 0
    door.home.between(async (request, next) => {
      const response = await next()
      if (request.url.endsWith('/claim') && response.status === 200 && ++given > 0) await held
      return response
    })
    const client = profile.open()
    await client.start()
    await door.approve()
    await expect.poll(() => given).toBe(1)
    await client.logout()
    door.home.log.length = 0
    release()
    expect(await client.start()).toMatchObject({ status: 'unpaired' })
    expect(door.home.log).toEqual(['GET /auth/session'])
    expect((await profile.keyStore.load())?.paired).toBe(false)
  })
})

test('CLT-03 a device that signs out while its new session is looked at is not shown as paired', async () => {
  const { door, profile, client: before } = await createWaiter()
  before.close()
  let release = (): void => undefined
  const held = new Promise<void>((resolve) => (release = resolve))
  let given = false
  let looking = false
  door.home.between(async (request, next) => {
    const response = await next()
    given ||= request.url.endsWith('/claim') && response.status === 200
    if (!given || !request.url.endsWith('/session')) return response
    looking = true
    await held
    return response
  })
  const client = profile.open()
  const seen = record(client)
  await client.start()
  await door.approve()
  await expect.poll(() => looking).toBe(true)
  await client.logout()
  release()
  expect(await client.start()).toMatchObject({ status: 'unpaired' })
  expect(client.getSnapshot().problem).toBeUndefined()
  expect(seen).not.toContain('paired')
  expect((await profile.keyStore.load())?.paired).toBe(false)
})

test('a page that may not sign waits by the cookie that came with the answer', async () => {
  const door = await createDoor()
  const profile = door.home.profile()
  const client = profile.open()
  // only while it would make its key: the server of this process signs
  vi.stubGlobal('crypto', { getRandomValues: crypto.getRandomValues.bind(crypto) })
  door.home.between(async (_request, next) => {
    vi.unstubAllGlobals()
    return await next()
  })
  expect(await client.request()).toMatchObject({ status: 'pending' })
  client.close()
  const again = profile.open()
  expect(await again.start()).toMatchObject({ status: 'pending' })
  expect(await door.approve()).toMatchObject({ thumbprint: null })
  await expect
    .poll(() => again.getSnapshot())
    .toMatchObject({ status: 'paired', session: { device: { thumbprint: null } } })
  expect((await again.fetch('/notes')).status).toBe(200)
})

test('a store that keeps nothing is no reason not to wait', async () => {
  const door = await createDoor()
  const broken = (): Promise<never> => Promise.reject(new Error('quota'))
  const keyStore = {
    ...memoryKeyStore(),
    loadPending: broken,
    keepPending: broken,
    dropPending: broken,
  }
  const client = door.home.profile({ keyStore }).open()
  await client.start()
  expect(await client.request()).toMatchObject({ status: 'pending' })
  await door.approve()
  await expect.poll(() => client.getSnapshot().status).toBe('paired')
})
