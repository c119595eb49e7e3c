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

async function keyedTicket(home: Home, device: Keyed): Promise<{ url: string; hello: string }> {
  const { ticket } = (await device.call('/auth/tickets', { body: { for: 'socket' } })).body
  const proof = await device.prove('GET', `${home.origin}/live`, { ath: sha256(ticket) })
  return {
    url: `${home.origin}/live?ticket=${ticket}`,
    hello: JSON.stringify({ type: 'hello', proof }),
  }
}

describe('an upgrade (hono)', () => {
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
  test('and the app hears with which code, whoever closed it', async () => {
    const codes: number[] = []
    const home = await startLive(() => ({ onClose: ({ code }) => void codes.push(code) }))
    const { authorization, sessionId } = await home.bearer()
    const [left, ended] = [
      await opened(`${home.origin}/live`, { authorization }),
      await opened(`${home.origin}/live`, { authorization }),
    ]
    left.close(4_444)
    await closeCode(left)
    await home.pair.sessions.revoke(sessionId)
    await closeCode(ended)
    await vi.waitFor(() => expect(codes).toEqual([4_444, 4_003]))
  })

  test('and leaves nothing behind when its peer goes: a revoke then asks the store no more for it', async () => {
    const real = memoryStore()
    let reads = 0
    const home = await startLive(undefined, {
      // the ring of keys is read when it may have changed, whoever asks
      store: { ...real, read: (key) => (key[1] === 'key-ring' || reads++, real.read(key)) },
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
