import { describe, expect, test } from 'vitest'
import type { PairClient } from '../src/index.ts'
import { createDoor, type Door } from './kit/door.ts'
import { createHome, type Home, ORIGIN, type Profile } from './kit/home.ts'

/** The server does what this path asks, and nobody hears of it. */
function loseAnswersOf(home: Home, path: string): void {
  home.between(async (request, next) => {
    const response = await next()
    if (!request.url.endsWith(path)) return response
    await response.body?.cancel()
    throw new TypeError('fetch failed')
  })
}

/** Keeps requests to this path from the server. */
function cutOff(home: Home, path: string): void {
  home.between(async (request, next) => {
    if (request.url.endsWith(path)) throw new TypeError('fetch failed')
    return await next()
  })
}

interface Returning {
  door: Door
  profile: Profile
  client: PairClient
}

/** A device that was let in with less than it may ask for. */
async function letIn(transport: 'cookie' | 'dpop'): Promise<Returning> {
  const door = await createDoor()
  const profile = door.home.profile({ transport })
  const client = profile.open()
  await client.request({ scopes: ['notes:read'] })
  await door.approve()
  await expect.poll(() => client.getSnapshot().status).toBe('paired')
  return { door, profile, client }
}

async function ownerless(): Promise<{ home: Home; secret: string }> {
  const spent = new Set<string>()
  const home = createHome({
    admission: 'approval',
    secret: {
      getOrCreate: async (name) => new TextEncoder().encode(name.padEnd(48, '-0123456789')),
      markSpent: async (name) => !spent.has(name) && !!spent.add(name),
      isSpent: async (name) => spent.has(name),
    },
  })
  const owner = await home.pair.ownerSecret({ origin: ORIGIN })
  return { home, secret: owner?.secret ?? '' }
}

describe.each(['cookie', 'dpop'] as const)('an answer that was lost, by %s', (transport) => {
  test('of a claim to own: the device that owns the server is in', async () => {
    const { home, secret } = await ownerless()
    const client = home.profile({ transport }).open()
    await client.start()
    loseAnswersOf(home, '/claim-owner')
    expect(await client.claimOwner(secret)).toMatchObject({ status: 'paired' })
    home.between(undefined)
    expect((await client.fetch('/careful')).status).toBe(200)
    expect((await home.pair.sessions.list()).items).toHaveLength(1)
  })

  test('of a claim to own, with the line cut for longer: claiming again lets the same device in', async () => {
    const { home, secret } = await ownerless()
    const client = home.profile({ transport }).open()
    let cut = false
    home.between(async (request, next) => {
      const response = cut ? undefined : await next()
      cut ||= request.url.endsWith('/claim-owner')
      if (!cut && response) return response
      throw new TypeError('fetch failed')
    })
    await expect(client.claimOwner(secret)).rejects.toMatchObject({ code: 'offline' })
    home.between(undefined)
    expect(await client.claimOwner(secret)).toMatchObject({ status: 'paired' })
    // the secret is no way in for anybody else
    const other = home.profile({ transport }).open()
    await expect(other.claimOwner(secret)).rejects.toMatchObject({ code: 'code_invalid' })
    expect(other.getSnapshot()).toMatchObject({
      status: 'unpaired',
      problem: { code: 'code_invalid' },
    })
  })

  test('of a code: the device is in, and the code is spent once', async () => {
    const home = createHome()
    const client = home.profile({ transport }).open()
    loseAnswersOf(home, '/redeem')
    const { secret } = await home.code()
    expect(await client.redeem(secret)).toMatchObject({ status: 'paired' })
    expect((await home.pair.sessions.list()).items).toHaveLength(1)
  })

  test('that never was: what did not arrive is told as offline, and nothing is paired', async () => {
    const home = createHome()
    const client = home.profile({ transport }).open()
    cutOff(home, '/redeem')
    await expect(client.redeem((await home.code()).secret)).rejects.toMatchObject({
      code: 'offline',
    })
    expect(client.getSnapshot()).toMatchObject({ status: 'unpaired', problem: { code: 'offline' } })
    expect(home.log.filter((line) => line.endsWith('/renew'))).toHaveLength(1)
  })

  test('APP-14 of a device that came again: its next look finds the session that took the place', async () => {
    const { door, profile, client } = await letIn(transport)
    loseAnswersOf(door.home, '/request')
    await expect(client.request({ scopes: ['notes:read'] })).rejects.toMatchObject({
      code: 'offline',
    })
    door.home.between(undefined)
    expect(client.getSnapshot()).toMatchObject({ status: 'paired', problem: { code: 'offline' } })
    expect((await client.fetch('/careful')).status).toBe(200)
    expect(await profile.open().start()).toMatchObject({ status: 'paired' })
  })

  test('APP-14 of a wish for more that did not arrive is not taken for granted', async () => {
    const { door, client } = await letIn(transport)
    cutOff(door.home, '/request')
    const wish = { scopes: ['notes:read', 'notes:write'] }
    await expect(client.request(wish)).rejects.toMatchObject({ code: 'offline' })
    expect(client.getSnapshot().session?.scopes).toEqual(['notes:read'])
  })

  test('CLT-04 while a request waits, another try that was lost asks for no token', async () => {
    const door = await createDoor('approval')
    const client = door.home.profile({ transport }).open()
    await client.request()
    cutOff(door.home, '/redeem')
    await expect(client.redeem('AAA-AAA-AAA')).rejects.toMatchObject({ code: 'offline' })
    expect(door.home.log).not.toContain('POST /auth/renew')
    expect(client.getSnapshot().status).toBe('pending')
  })
})

describe.each(['cookie', 'dpop'] as const)(
  'a session by %s that another page replaced',
  (transport) => {
    test('CLT-03 is found anew by the next look, and also by the next request', async () => {
      const { door, profile, client } = await letIn(transport)
      const [looks, asks] = [profile.open(), profile.open()]
      for (const page of [looks, asks])
        expect(await page.start()).toMatchObject({ status: 'paired' })
      const statuses: string[] = []
      for (const page of [looks, asks])
        page.subscribe(() => statuses.push(page.getSnapshot().status))
      await client.request({ scopes: ['notes:read', 'notes:write'] })
      await door.approve()
      await expect.poll(() => client.getSnapshot().session?.scopes.length).toBe(2)
      expect((await asks.fetch('/careful')).status).toBe(200)
      expect(await looks.start()).toMatchObject({
        status: 'paired',
        session: { id: client.getSnapshot().session?.id },
      })
      expect(new Set(statuses)).not.toContain('blocked')
      expect((await profile.keyStore.load())?.paired).toBe(true)
      expect(await profile.open().start()).toMatchObject({ status: 'paired' })
    })
  },
)
