import { describe, expect, test } from 'vitest'
import { createHome, MINUTE, pairedHome } from './kit/home.ts'

describe('a server that can not answer', () => {
  test('NET-05 is offline, keeps what is known, and comes back by another look', async () => {
    const { home, client } = await pairedHome()
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
    const { home, client } = await pairedHome()
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

  test.each([
    { status: 'pending_approval' },
    { status: 'pending_approval', session: {} },
    { status: 'authorized' },
    null,
    [],
    'x',
  ])('NET-05 that answers a code with %j has paired nobody', async (body) => {
    const home = createHome()
    const client = home.profile().open()
    await client.start()
    home.between(async () => Response.json(body))
    await expect(client.redeem('AAA-AAA-AAA')).rejects.toMatchObject({ code: 'bad_answer' })
    expect(client.getSnapshot()).toMatchObject({
      status: 'unpaired',
      problem: { code: 'bad_answer' },
    })
  })

  test('that asks who this is before it says so is not asked for ever', async () => {
    const { home, client } = await pairedHome()
    const body = { code: 'session_required', detail: 'Not here.', hint: '', status: 401 }
    home.between(async () => Response.json(body, { status: 401 }))
    expect(await client.start()).toMatchObject({
      status: 'blocked',
      problem: { message: 'Not here.' },
    })
    expect((await client.fetch('/notes')).status).toBe(401)
  })

  test('a host name that the server refuses blocks with its sentence', async () => {
    const home = createHome()
    const client = home.profile({ baseUrl: 'https://other.example' }).open()
    expect(await client.start()).toMatchObject({
      status: 'blocked',
      problem: { code: 'host_refused', status: 403 },
    })
  })
})
