import { describe, expect, test } from 'vitest'
import { memoryKeyStore } from '../src/index.ts'
import { createHome, DAY, type Home, MINUTE, pairedHome } from './kit/home.ts'

async function revoke(home: Home): Promise<void> {
  const [device] = (await home.pair.devices.list()).items
  await home.pair.devices.revoke(device!.id)
}

describe.each(['cookie', 'dpop'] as const)('a session by %s', (transport) => {
  test('goes on by itself when its credential ran out: one renewal for all requests at once', async () => {
    const { home, client } = await pairedHome({ transport })
    home.pass(16 * MINUTE)
    home.log.length = 0
    const answers = await Promise.all(
      ['/a', '/b', '/c'].map((path) => client.fetch(path, { method: 'POST', body: path })),
    )
    expect(await Promise.all(answers.map((answer) => answer.text()))).toEqual([
      '/a /a',
      '/b /b',
      '/c /c',
    ])
    // the clock moved under the client: one refused proof corrects it
    expect(home.log.filter((line) => line === 'POST /auth/renew').length).toBeLessThanOrEqual(2)
    expect(client.getSnapshot().status).toBe('paired')
  })

  test('is found again by the key when the page is opened after days', async () => {
    const { home, profile } = await pairedHome({ transport })
    home.pass(20 * DAY)
    const again = profile.open()
    expect(await again.start()).toMatchObject({ status: 'paired' })
    expect((await again.fetch('/notes')).status).toBe(200)
  })

  test('POP-04 that ran out for good is told as run out', async () => {
    const { home, profile } = await pairedHome({ transport })
    home.pass(31 * DAY)
    const again = profile.open()
    const snapshot = await again.start()
    expect(snapshot).toMatchObject({ status: 'unpaired', problem: { code: 'session_expired' } })
    expect(snapshot.problem?.message).toBe('This pairing has run out.')
    home.log.length = 0
    expect(await profile.open().start()).toMatchObject({ status: 'unpaired' })
    expect(home.log).toEqual(['GET /auth/session'])
    expect(await again.redeem((await home.code()).secret)).toMatchObject({ status: 'paired' })
  })

  test('POP-04 that was revoked is told as revoked, at the next request, and a fresh code mends it', async () => {
    const { home, client } = await pairedHome({ transport })
    let changes = 0
    client.subscribe(() => changes++)
    await revoke(home)
    const response = await client.fetch('/notes')
    expect(response.status).toBe(401)
    expect(await response.json()).toMatchObject({ code: 'session_revoked' })
    expect(client.getSnapshot()).toMatchObject({
      status: 'blocked',
      problem: { code: 'session_revoked' },
    })
    expect(client.getSnapshot().problem?.message).toBe('This device was signed out.')
    expect(changes).toBe(1)
    await client.redeem((await home.code()).secret)
    expect((await client.fetch('/notes')).status).toBe(200)
  })

  test('POP-04 that was revoked while the page was closed is told as revoked', async () => {
    const { home, profile } = await pairedHome({ transport })
    await revoke(home)
    expect(await profile.open().start()).toMatchObject({
      status: 'blocked',
      problem: { code: 'session_revoked' },
    })
  })

  test('that was revoked long ago is told as revoked, though no cookie is left', async () => {
    const { home, profile } = await pairedHome({ transport })
    await revoke(home)
    home.pass(DAY)
    expect(await profile.open().start()).toMatchObject({
      status: 'blocked',
      problem: { code: 'session_revoked' },
    })
  })

  test('of a server that lost its memory is gone, and a fresh code mends it', async () => {
    const { profile } = await pairedHome({ transport })
    const fresh = createHome()
    const moved = fresh.profile({ transport, keyStore: profile.keyStore }).open()
    expect(await moved.start()).toMatchObject({
      status: 'unpaired',
      problem: { code: 'session_invalid' },
    })
    expect(await moved.redeem((await fresh.code()).secret)).toMatchObject({ status: 'paired' })
  })

  test('logs out also when its credential ran out meanwhile', async () => {
    const { home, client } = await pairedHome({ transport })
    home.pass(16 * MINUTE)
    await client.logout()
    expect(client.getSnapshot().status).toBe('unpaired')
    expect((await home.pair.sessions.list()).items).toEqual([])
  })

  test('can not be logged out while the server is away, and says so', async () => {
    const { home, client } = await pairedHome({ transport })
    home.between(() => Promise.reject(new TypeError('fetch failed')))
    await expect(client.logout()).rejects.toMatchObject({ code: 'offline' })
    expect(client.getSnapshot().status).toBe('paired')
  })

  test('that is asked for a proof by a route of the app gives it', async () => {
    const { client } = await pairedHome({ transport })
    expect((await client.fetch('/careful')).status).toBe(200)
  })
})

describe('POP-04 a lost key', () => {
  test('POP-04 is told apart from revocation while the cookie lives, and pairing anew mends it', async () => {
    const { home, profile } = await pairedHome()
    const client = profile.open({ keyStore: memoryKeyStore() })
    const snapshot = await client.start()
    expect(snapshot).toMatchObject({ status: 'blocked', problem: { code: 'key_lost' } })
    expect(snapshot.problem?.message).toMatch(/key of this device is gone/)
    expect(snapshot.problem?.hint).toMatch(/Pair again/)
    expect(await client.redeem((await home.code()).secret)).toMatchObject({ status: 'paired' })
    expect((await client.fetch('/careful')).status).toBe(200)
  })

  test('POP-04 that was replaced by another is told the same', async () => {
    const { home, profile } = await pairedHome()
    const keyStore = memoryKeyStore()
    await createHome()
      .profile({ keyStore })
      .open()
      .redeem('AAA-AAA-AAA')
      .catch(() => undefined)
    expect(await keyStore.load()).not.toBeNull()
    expect(await profile.open({ keyStore }).start()).toMatchObject({
      status: 'blocked',
      problem: { code: 'key_lost' },
    })
    expect(home.log.filter((line) => line === 'POST /auth/renew')).toEqual([])
  })
})

describe('CLT-03 what another tab did', () => {
  test('CLT-03 pairing there is found here by the next look, and no refusal is remembered', async () => {
    const home = createHome()
    const profile = home.profile()
    const [one, other] = [profile.open(), profile.open()]
    await Promise.all([one.start(), other.start()])
    expect((await other.fetch('/notes')).status).toBe(401)
    await one.redeem((await home.code()).secret)
    expect(await other.start()).toMatchObject({ status: 'paired' })
    expect((await other.fetch('/notes')).status).toBe(200)
    expect((await other.fetch('/careful')).status).toBe(200)
  })
})
