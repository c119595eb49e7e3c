import { upgradeWebSocket } from '@hono/node-server'
import { createPair, memoryStore, type Pair } from '@pair/core'
import { Hono, type Context } from 'hono'
import type { WSContext, WSEvents } from 'hono/ws'
import { describe, expect, test, vi } from 'vitest'
import { WebSocket } from 'ws'
import { guardEvents, requireSocket } from '../src/index.ts'
import { sha256 } from '../../core/test/kit/edge.ts'
import {
  closeCode,
  opened,
  startHome,
  upgrade,
  type Home,
  type HomeOptions,
  type Keyed,
  type Scope,
} from './kit/home.ts'

type Events = (c: Context) => WSEvents

/** A server with the socket `/live`, which needs `notes:read`. */
function startLive(
  events: Events = () => ({}),
  options: HomeOptions & { onError?: (error: unknown) => void } = {},
): Promise<Home> {
  const { onError = () => {}, ...rest } = options
  return startHome((app: Hono, pair: Pair<Scope>) => {
    app.get(
      '/live',
      requireSocket(pair, { scopes: ['notes:read'] }),
      upgradeWebSocket((c) => guardEvents(c, events(c), { onError })),
    )
  }, rest)
}

/** The app's side, written down. */
function recorder(): { events: Events; seen: string[] } {
  const seen: string[] = []
  return {
    seen,
    events: () => ({
      onOpen: () => void seen.push('open'),
      onMessage: ({ data }) =>
        void seen.push(
          typeof data === 'string' ? data : `${(data as ArrayBuffer).byteLength} bytes`,
        ),
      onClose: ({ code }) => void seen.push(`close ${code}`),
    }),
  }
}

async function keyedTicket(home: Home, device: Keyed): Promise<{ url: string; hello: string }> {
  const { ticket } = (await device.call('/auth/tickets', { body: { for: 'socket' } })).body
  const proof = await device.prove('GET', `${home.origin}/live`, { ath: sha256(ticket) })
  return {
    url: `${home.origin}/live?ticket=${ticket}`,
    hello: JSON.stringify({ type: 'hello', proof }),
  }
}

describe('an upgrade (hono)', () => {
  test('opens by the ticket of a keyless session, once, and frames reach the app in order', async () => {
    const { events, seen } = recorder()
    const home = await startLive(events)
    const { authorization } = await home.bearer()
    const url = `${home.origin}/live?ticket=${await home.ticket(authorization, 'socket')}`
    const rivals = await Promise.all(Array.from({ length: 10 }, () => upgrade(url)))
    const [socket] = rivals.filter((one) => one instanceof WebSocket)
    expect(
      rivals
        .filter((one) => !(one instanceof WebSocket))
        .map((one) => 'status' in one && one.status),
    ).toEqual(Array.from({ length: 9 }, () => 401))
    const sent = Array.from({ length: 200 }, (_, n) => `frame ${n}`)
    for (const text of sent) socket!.send(text)
    socket!.send(new Uint8Array(3))
    await vi.waitFor(() => expect(seen).toEqual(['open', ...sent, '3 bytes']))
  })

  test('opens by our cookie from our own page, and by a token without any page', async () => {
    const { events, seen } = recorder()
    const home = await startLive(events)
    const { cookie } = await home.owner()
    const { authorization } = await home.bearer()
    await opened(`${home.origin}/live`, { cookie, origin: home.origin })
    await opened(`${home.origin}/live`, { authorization })
    await vi.waitFor(() => expect(seen).toEqual(['open', 'open']))
  })

  test.each([
    ['from another port', 'http://127.0.0.1:1'],
    ['from another name of this machine', 'http://localhost:3000'],
    ['from elsewhere', 'https://evil.example'],
    ['from a page without an origin', 'null'],
  ])('NET-02 %s is 403 before the 101, by cookie, ticket or token', async (_, origin) => {
    const { events, seen } = recorder()
    const home = await startLive(events)
    const { cookie } = await home.owner()
    const { authorization } = await home.bearer()
    const url = `${home.origin}/live`
    const ticket = await home.ticket(authorization, 'socket')
    expect(await upgrade(url, { cookie, origin })).toMatchObject({
      status: 403,
      headers: { connection: 'close' },
    })
    expect(await upgrade(url, { authorization, origin })).toMatchObject({ status: 403 })
    expect(await upgrade(`${url}?ticket=${ticket}`, { origin })).toMatchObject({ status: 403 })
    // the ticket was not spent by it
    await opened(`${url}?ticket=${ticket}`)
    expect(await upgrade(url, { cookie })).toMatchObject({ status: 403 })
    expect(seen).toEqual(['open'])
  })

  test('is refused before the 101: nobody, a wrong ticket, too few scopes, a Host that is not ours', async () => {
    const { events, seen } = recorder()
    const home = await startLive(events)
    const url = `${home.origin}/live`
    const { authorization } = await home.bearer(['notes:write'])
    const reader = await home.bearer()
    const status = async (...args: Parameters<typeof upgrade>): Promise<unknown> => {
      const outcome = await upgrade(...args)
      return 'status' in outcome ? outcome.status : 'open'
    }
    expect(await status(url)).toBe(401)
    expect(await status(`${url}?ticket=17`)).toBe(401)
    expect(await status(`${url}?ticket=${reader.authorization.slice(7)}`)).toBe(401)
    expect(await status(`${url}?access_token=${reader.authorization.slice(7)}`)).toBe(401)
    expect(await status(`${url}?ticket=${await home.ticket(reader.authorization, 'stream')}`)).toBe(
      401,
    )
    expect(await status(url, { authorization })).toBe(403)
    expect(await status(`${url}?ticket=${await home.ticket(authorization, 'socket')}`)).toBe(403)
    expect(await status(url, { authorization: reader.authorization, host: 'evil.example' })).toBe(
      403,
    )
    await home.pair.sessions.revoke(reader.sessionId)
    expect(await status(url, { authorization: reader.authorization })).toBe(401)
    expect(seen).toEqual([])
    expect((await home.call('/auth/session')).status).toBe(200)
  })

  test('that is abandoned halfway disturbs nobody', async () => {
    const home = await startLive()
    for (let n = 0; n < 20; n++) {
      const socket = new WebSocket(`${home.origin.replace('http', 'ws')}/live`)
      socket.on('error', () => undefined)
      await new Promise((resolve) => setTimeout(resolve, n % 3))
      socket.terminate()
    }
    expect((await home.call('/auth/session')).status).toBe(200)
  })
})

describe('the socket of a device with a key (hono)', () => {
  test('reaches the app behind its proven hello, with the frames sent right behind it, in order', async () => {
    const { events, seen } = recorder()
    const home = await startLive(events)
    const { url, hello } = await keyedTicket(home, await home.owner())
    const socket = await opened(url)
    await new Promise((resolve) => setTimeout(resolve, 20))
    expect(seen).toEqual([])
    for (const text of [hello, ...Array.from({ length: 30 }, (_, n) => `f${n}`)]) socket.send(text)
    await vi.waitFor(() =>
      expect(seen).toEqual(['open', ...Array.from({ length: 30 }, (_, n) => `f${n}`)]),
    )
    socket.close(4_444)
    await vi.waitFor(() => expect(seen.at(-1)).toBe('close 4444'))
  })

  test.each([
    '{"type":"hello","proof":"a.b.c"}',
    '{"type":"hello"}',
    'hello',
    '[]',
    '{',
    'x'.repeat(20_000),
  ])('is closed with 4001 by the first frame %j, and the app never hears of it', async (frame) => {
    const { events, seen } = recorder()
    const home = await startLive(events)
    const socket = await opened((await keyedTicket(home, await home.owner())).url)
    const closed = closeCode(socket)
    socket.send(frame)
    socket.send('behind it')
    expect(await closed).toBe(4001)
    await new Promise((resolve) => setTimeout(resolve, 10))
    expect(seen).toEqual([])
  })

  test('is closed with 4001 by the hello of another device, of another socket, and by one that was used', async () => {
    const { events, seen } = recorder()
    const home = await startLive(events)
    const [owner, thief] = [await home.owner(), await home.owner()]
    const mine = await keyedTicket(home, owner)
    const its = await keyedTicket(home, thief)
    const first = await opened(mine.url)
    first.send(its.hello)
    expect(await closeCode(first)).toBe(4001)
    const second = await opened(its.url)
    second.send(its.hello)
    await vi.waitFor(() => expect(seen).toEqual(['open']))
    const third = await opened((await keyedTicket(home, thief)).url)
    third.send(its.hello)
    expect(await closeCode(third)).toBe(4001)
  })

  test('that floods before its hello is judged is closed with 4008', async () => {
    const real = memoryStore()
    let slow = false
    const home = await startLive(undefined, {
      store: {
        ...real,
        commit: async (...args) => {
          while (slow) await new Promise((resolve) => setTimeout(resolve, 5))
          return real.commit(...args)
        },
      },
    })
    const { url, hello } = await keyedTicket(home, await home.owner())
    const socket = await opened(url)
    slow = true
    const closed = closeCode(socket)
    socket.send(hello)
    for (let n = 0; n < 100; n++) socket.send(`flood ${n}`)
    try {
      expect(await closed).toBe(4008)
    } finally {
      slow = false
    }
  })
})

describe('SES-12 a socket ends with its session (hono)', () => {
  test('with 4003 and within a second when it is revoked, and not a frame passes after', async () => {
    const { events, seen } = recorder()
    const home = await startLive(events)
    const { authorization, sessionId } = await home.bearer()
    const { cookie, sessionId: other } = await home.owner()
    const byToken = await opened(`${home.origin}/live`, { authorization })
    const byCookie = await opened(`${home.origin}/live`, { cookie, origin: home.origin })
    const started = performance.now()
    const closed = [closeCode(byToken), closeCode(byCookie)]
    await home.pair.sessions.revoke(sessionId)
    await home.pair.sessions.revoke(other)
    byToken.send('too late')
    expect(await Promise.all(closed)).toEqual([4003, 4003])
    expect(performance.now() - started).toBeLessThan(1_000)
    await vi.waitFor(() =>
      expect(seen.filter((one) => one.startsWith('close'))).toEqual(['close 4003', 'close 4003']),
    )
    expect(seen).not.toContain('too late')
    expect(await upgrade(`${home.origin}/live`, { authorization })).toMatchObject({ status: 401 })
  })

  test('with 4003 when the device logs out by itself', async () => {
    const home = await startLive()
    const owner = await home.owner()
    const socket = await opened(`${home.origin}/live`, {
      cookie: owner.cookie,
      origin: home.origin,
    })
    const closed = closeCode(socket)
    expect((await owner.call('/auth/logout', { method: 'POST' })).status).toBe(204)
    expect(await closed).toBe(4003)
  })

  test('with 4003 within a second when another instance revokes it, also where the store tells nothing', async () => {
    for (const watched of [true, false]) {
      const { watch, ...mute } = memoryStore()
      const store = watched ? { ...mute, watch: watch! } : mute
      const home = await startLive(undefined, { store })
      const elsewhere = createPair({ secret: 'a secret of these tests, 32 bytes or more', store })
      const { authorization, sessionId } = await home.bearer()
      const socket = await opened(`${home.origin}/live`, { authorization })
      const closed = closeCode(socket)
      const started = performance.now()
      await elsewhere.sessions.revoke(sessionId)
      expect(await closed).toBe(4003)
      expect(performance.now() - started).toBeLessThan(1_000)
    }
  })

  test('with 4004 when it expires', async () => {
    const home = await startLive(undefined, { session: { slidingMs: 1_200 } })
    const { authorization } = await home.bearer()
    expect(await closeCode(await opened(`${home.origin}/live`, { authorization }))).toBe(4004)
  })

  test('with 1001 when the server closes', async () => {
    const home = await startLive()
    const { authorization } = await home.bearer()
    const closed = closeCode(await opened(`${home.origin}/live`, { authorization }))
    await home.pair.close()
    expect(await closed).toBe(1001)
  })

  test('and before that shows each scope that was taken away', async () => {
    const scopes: string[][] = []
    const home = await startLive((c) => ({
      onMessage: () => void scopes.push([...(c.get('pairSocket').auth.session.scopes as string[])]),
    }))
    const { authorization, sessionId } = await home.bearer()
    const socket = await opened(`${home.origin}/live`, { authorization })
    socket.send('?')
    await vi.waitFor(() => expect(scopes).toEqual([['notes:read', 'notes:write']]))
    await home.pair.sessions.narrow(sessionId, ['notes:read'])
    await vi.waitFor(() => {
      socket.send('?')
      expect(scopes.at(-1)).toEqual(['notes:read'])
    })
  })

  test('and leaves nothing behind when its peer goes: a revoke then asks the store no more for it', async () => {
    const real = memoryStore()
    let reads = 0
    const home = await startLive(undefined, {
      store: { ...real, read: (key) => (reads++, real.read(key)) },
    })
    const { authorization } = await home.bearer()
    const cost = async (): Promise<number> => {
      reads = 0
      await home.pair.sessions.revokeOthers((await home.bearer()).sessionId).catch(() => undefined)
      await new Promise((resolve) => setTimeout(resolve, 20))
      return reads
    }
    const alone = await cost()
    const again = await home.bearer()
    const sockets = await Promise.all(
      Array.from({ length: 10 }, () =>
        opened(`${home.origin}/live`, { authorization: again.authorization }),
      ),
    )
    for (const [n, socket] of sockets.entries()) {
      if (n % 2 === 0) socket.close()
      else socket.terminate()
    }
    await vi.waitFor(() =>
      expect(sockets.every(({ readyState }) => readyState === WebSocket.CLOSED)).toBe(true),
    )
    await new Promise((resolve) => setTimeout(resolve, 20))
    expect(await cost()).toBe(alone)
    expect(authorization).not.toBe(again.authorization)
  })
})

describe('an app whose events throw (hono)', () => {
  test.each<[string, Events]>([
    [
      'onMessage',
      () => ({
        onMessage: () => {
          throw new Error('of the app')
        },
      }),
    ],
    [
      'onOpen',
      () => ({
        onOpen: () => {
          throw new Error('of the app')
        },
      }),
    ],
  ])('in %s loses that socket with 1011, is told of it, and goes on', async (_, events) => {
    const errors: unknown[] = []
    const home = await startLive(events, { onError: (error) => void errors.push(error) })
    const { authorization } = await home.bearer()
    const socket = await opened(`${home.origin}/live`, { authorization })
    const closed = closeCode(socket)
    socket.send('one')
    expect(await closed).toBe(1011)
    expect(errors).toEqual([new Error('of the app')])
    expect((await home.call('/auth/session')).status).toBe(200)
  })

  test('in onOpen behind a hello is not taken for a bad hello', async () => {
    const errors: unknown[] = []
    const refused: unknown[] = []
    const events: Events = () => ({
      onOpen: () => {
        throw new Error('of the app')
      },
    })
    const home = await startLive(events, { onError: (error) => void errors.push(error) })
    home.pair.on('refused', (refusal) => void refused.push(refusal))
    const { url, hello } = await keyedTicket(home, await home.owner())
    const socket = await opened(url)
    const closed = closeCode(socket)
    socket.send(hello)
    expect(await closed).toBe(1011)
    expect(errors).toEqual([new Error('of the app')])
    expect(refused).toEqual([])
  })
})

describe('guardEvents', () => {
  test('without requireSocket before it says so at once (hono)', () => {
    expect(() => guardEvents({ get: () => undefined } as unknown as Context, {})).toThrow(
      'requireSocket',
    )
  })

  test('takes a Blob for the first frame though the hello behind it is read sooner (hono)', async () => {
    const home = await startHome()
    const { url, hello } = await keyedTicket(home, await home.owner())
    const closed: unknown[] = []
    const seen: unknown[] = []
    const app = new Hono().get('/live', requireSocket(home.pair), (c) => {
      const events = guardEvents(c, {
        onOpen: () => void seen.push('open'),
        onMessage: ({ data }) => void seen.push(data),
      })
      const ws = { close: (...how: unknown[]) => void closed.push(how) } as unknown as WSContext
      for (const data of [new Blob(['x']), hello])
        events.onMessage?.(new MessageEvent('message', { data }), ws)
      return c.text('ok')
    })
    await app.request(url)
    await vi.waitFor(() => expect(closed).toEqual([[4001, 'hello refused']]))
    expect(seen).toEqual([])
  })

  test('keeps the order of frames that come as Blob, text and bytes, where nobody told of the opening (hono)', async () => {
    const pair = createPair({
      secret: 'a secret of these tests, 32 bytes or more',
      store: memoryStore(),
      scopes: ['a'],
    })
    const app = new Hono()
    const { typed } = await pair.codes.issue({ origin: 'http://localhost' })
    const body = JSON.stringify({ code: typed, transport: 'bearer' })
    const paired = await pair.handler(
      new Request('http://localhost/auth/redeem', {
        method: 'POST',
        body,
        headers: { 'content-type': 'application/json' },
      }),
    )
    const { accessToken } = (await paired!.json()) as { accessToken: string }
    const seen: string[] = []
    app.get('/live', requireSocket(pair), async (c) => {
      const events = guardEvents(c, {
        onOpen: () => void seen.push('open'),
        onMessage: ({ data }) => void seen.push(typeof data === 'string' ? data : 'blob'),
        onClose: () => void seen.push('close'),
      })
      const ws = { send: () => undefined, close: () => undefined } as unknown as WSContext
      for (const data of [new Blob(['x'.repeat(100_000)]), 'one', new Blob(['y']), 'two'])
        events.onMessage?.(new MessageEvent('message', { data }), ws)
      await vi.waitFor(() => expect(seen).toHaveLength(5))
      events.onClose?.(new Event('close') as CloseEvent, ws)
      return c.text('ok')
    })
    const answer = await app.request('http://localhost/live', {
      headers: { authorization: `Bearer ${accessToken}` },
    })
    expect(answer.status).toBe(200)
    await vi.waitFor(() => expect(seen).toEqual(['open', 'blob', 'one', 'blob', 'two', 'close']))
    await pair.close()
  })
})
