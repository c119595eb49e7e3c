import { describe, expect, test } from 'vitest'
import { memoryKeyStore } from '../src/index.ts'
import { createHome, DAY, type Home, MINUTE, ORIGIN, type Profile } from './kit/home.ts'

type Client = ReturnType<Profile['open']>

async function paired(
  transport: 'cookie' | 'dpop' = 'cookie',
): Promise<{ home: Home; profile: Profile; client: Client }> {
  const home = createHome()
  const profile = home.profile({ transport })
  const client = profile.open()
  await client.start()
  await client.redeem((await home.code()).secret)
  return { home, profile, client }
}

async function revoke(home: Home): Promise<void> {
  const [device] = (await home.pair.devices.list()).items
  await home.pair.devices.revoke(device!.id)
}

describe.each(['cookie', 'dpop'] as const)('a session by %s', (transport) => {
  test('goes on by itself when its credential ran out: one renewal for all requests at once', async () => {
    const { home, client } = await paired(transport)
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
    const { home, profile } = await paired(transport)
    home.pass(20 * DAY)
    const again = profile.open()
    expect(await again.start()).toMatchObject({ status: 'paired' })
    expect((await again.fetch('/notes')).status).toBe(200)
  })

  test('POP-04 that ran out for good is told as run out', async () => {
    const { home, profile } = await paired(transport)
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
    const { home, client } = await paired(transport)
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
    const { home, profile } = await paired(transport)
    await revoke(home)
    expect(await profile.open().start()).toMatchObject({
      status: 'blocked',
      problem: { code: 'session_revoked' },
    })
  })

  test('that was revoked long ago is told as revoked, though no cookie is left', async () => {
    const { home, profile } = await paired(transport)
    await revoke(home)
    home.pass(DAY)
    expect(await profile.open().start()).toMatchObject({
      status: 'blocked',
      problem: { code: 'session_revoked' },
    })
  })

  test('of a server that lost its memory is gone, and a fresh code mends it', async () => {
    const { profile } = await paired(transport)
    const fresh = createHome()
    const moved = fresh.profile({ transport, keyStore: profile.keyStore }).open()
    expect(await moved.start()).toMatchObject({
      status: 'unpaired',
      problem: { code: 'session_invalid' },
    })
    expect(await moved.redeem((await fresh.code()).secret)).toMatchObject({ status: 'paired' })
  })

  test('logs out also when its credential ran out meanwhile', async () => {
    const { home, client } = await paired(transport)
    home.pass(16 * MINUTE)
    await client.logout()
    expect(client.getSnapshot().status).toBe('unpaired')
    expect((await home.pair.sessions.list()).items).toEqual([])
  })

  test('can not be logged out while the server is away, and says so', async () => {
    const { home, client } = await paired(transport)
    home.between(() => Promise.reject(new TypeError('fetch failed')))
    await expect(client.logout()).rejects.toMatchObject({ code: 'offline' })
    expect(client.getSnapshot().status).toBe('paired')
  })

  test('that is asked for a proof by a route of the app gives it', async () => {
    const { client } = await paired(transport)
    expect((await client.fetch('/careful')).status).toBe(200)
  })
})

describe('POP-04 a lost key', () => {
  test('POP-04 is told apart from revocation while the cookie lives, and pairing anew mends it', async () => {
    const { home, profile } = await paired()
    const client = profile.open({ keyStore: memoryKeyStore() })
    const snapshot = await client.start()
    expect(snapshot).toMatchObject({ status: 'blocked', problem: { code: 'key_lost' } })
    expect(snapshot.problem?.message).toMatch(/key of this device is gone/)
    expect(snapshot.problem?.hint).toMatch(/Pair again/)
    expect(await client.redeem((await home.code()).secret)).toMatchObject({ status: 'paired' })
    expect((await client.fetch('/careful')).status).toBe(200)
  })

  test('POP-04 that was replaced by another is told the same', async () => {
    const { home, profile } = await paired()
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

describe('a server that can not answer', () => {
  test('NET-05 is offline, keeps what is known, and comes back by another look', async () => {
    const { home, client } = await paired()
    const { session } = client.getSnapshot()
    home.between(() => Promise.reject(new TypeError('fetch failed')))
    expect(await client.start()).toMatchObject({
      status: 'offline',
      session,
      problem: { code: 'offline', transient: true },
    })
    home.between(async () => new Response('<html>Bad Gateway', { status: 502 }))
    expect(await client.start()).toMatchObject({
      status: 'offline',
      session,
      problem: { code: 'offline' },
    })
    home.between(undefined)
    expect(await client.start()).toMatchObject({ status: 'paired', session })
    expect(client.getSnapshot().problem).toBeUndefined()
  })

  test('NET-05 while redeeming costs nothing but another click', async () => {
    const home = createHome()
    const client = home.profile().open()
    await client.start()
    const { secret } = await home.code()
    home.between(() => Promise.reject(new TypeError('fetch failed')))
    await expect(client.redeem(secret)).rejects.toMatchObject({ code: 'offline' })
    expect(client.getSnapshot()).toMatchObject({ status: 'unpaired', problem: { code: 'offline' } })
    home.between(undefined)
    expect(await client.redeem(secret)).toMatchObject({ status: 'paired' })
  })

  test('NET-05 while renewing fails the request as offline and ends nothing', async () => {
    const { home, client } = await paired()
    home.pass(16 * MINUTE)
    home.between((request, next) =>
      request.url.endsWith('/renew') ? Promise.reject(new TypeError('fetch failed')) : next(),
    )
    await expect(client.fetch('/notes')).rejects.toMatchObject({ code: 'offline' })
    home.between(undefined)
    expect((await client.fetch('/notes')).status).toBe(200)
    expect(client.getSnapshot().status).toBe('paired')
  })

  test.each<[string, () => Response, string]>([
    ['HTML where the app answers every path', () => new Response('<!doctype html>'), 'bad_answer'],
    ['JSON of something else', () => Response.json({ hello: 1 }), 'bad_answer'],
    ['null', () => Response.json(null), 'bad_answer'],
    ['nothing', () => new Response(null, { status: 204 }), 'bad_answer'],
    ['an HTML 404', () => new Response('<html>', { status: 404 }), 'bad_answer'],
    ['a redirect to https', () => new Response(null, { status: 308 }), 'bad_answer'],
  ])('NET-05 that gives %s blocks with a sentence', async (_name, answer, code) => {
    const home = createHome()
    home.between(async () => answer())
    const snapshot = await home.profile().open().start()
    expect(snapshot).toMatchObject({ status: 'blocked', problem: { code } })
    expect(snapshot.problem?.message).toMatch(/^[A-Z][^<{]+\.$/)
  })

  test.each([{ status: 'pending_approval' }, { status: 'authorized' }, null, [], 'x'])(
    'NET-05 that answers a code with %j has paired nobody',
    async (body) => {
      const home = createHome()
      const client = home.profile().open()
      await client.start()
      home.between(async () => Response.json(body))
      await expect(client.redeem('AAA-AAA-AAA')).rejects.toMatchObject({ code: 'bad_answer' })
      expect(client.getSnapshot()).toMatchObject({
        status: 'unpaired',
        problem: { code: 'bad_answer' },
      })
    },
  )

  test('a host name that the server refuses blocks with its sentence', async () => {
    const home = createHome()
    const client = home.profile({ baseUrl: 'https://other.example' }).open()
    expect(await client.start()).toMatchObject({
      status: 'blocked',
      problem: { code: 'host_refused', status: 403 },
    })
  })
})

describe('answers that come too late', () => {
  test('a renewal that ends after logout signs nobody in again', async () => {
    const { home, client } = await paired()
    home.pass(16 * MINUTE)
    let release = (): void => undefined
    const held = new Promise<void>((resolve) => (release = resolve))
    let reached = (): void => undefined
    const renewing = new Promise<void>((resolve) => (reached = resolve))
    home.between(async (request, next) => {
      const response = await next()
      if (request.url.endsWith('/renew') && response.ok) {
        reached()
        await held
      }
      return response
    })
    const pending = client.fetch('/notes')
    await renewing
    home.between(undefined)
    await client.logout()
    release()
    await pending
    expect(client.getSnapshot().status).toBe('unpaired')
  })

  test('a look that began before pairing does not undo it', async () => {
    const home = createHome()
    const client = home.profile().open()
    let release = (): void => undefined
    const held = new Promise<void>((resolve) => (release = resolve))
    home.between(async (request, next) => {
      const response = await next()
      if (request.url.endsWith('/session')) await held
      return response
    })
    const starting = client.start()
    await expect.poll(() => home.log).toContain('GET /auth/session')
    home.between(undefined)
    await client.redeem((await home.code()).secret)
    release()
    expect(await starting).toMatchObject({ status: 'paired' })
  })

  test('a closed client changes no more', async () => {
    const { home, client } = await paired()
    const before = client.getSnapshot()
    let heard = 0
    client.subscribe(() => heard++)
    client.close()
    await revoke(home)
    await client.fetch(`${ORIGIN}/notes`)
    expect(client.getSnapshot()).toBe(before)
    expect(heard).toBe(0)
  })
})
