import { IncomingMessage, type ServerResponse } from 'node:http'
import { Socket } from 'node:net'
import type { PairError } from '@pair/core'
import { describe, expect, test } from 'vitest'
import { toRequest, toRequestInfo } from '../src/index.ts'
import { serve, type Serving } from './serving.ts'

/** Serves; answers what `look` makes of each request. */
function reporting(
  look: (incoming: IncomingMessage, outgoing: ServerResponse) => unknown,
): Promise<Serving> {
  return serve((incoming, outgoing) => {
    void (async () => {
      const told = JSON.stringify((await look(incoming, outgoing)) ?? null)
      outgoing.end(told)
    })()
  })
}

const ask = (lines: readonly string[], body = ''): string =>
  `${[...lines, 'Connection: close'].join('\r\n')}\r\n\r\n${body}`
const jsonIn = (answer: string): unknown => JSON.parse(answer.split('\r\n\r\n').slice(1).join(''))

describe('toRequest', () => {
  test('keeps method, target and every header line', async () => {
    const { dial, host } = await reporting((incoming) => {
      const request = toRequest(incoming)!
      return { method: request.method, url: request.url, headers: [...request.headers] }
    })
    const answer = await dial(
      ask([
        'DELETE /a/./b?c=%20d HTTP/1.1',
        `Host: ${host}`,
        'X-One: 1',
        'x-one: 2',
        'Authorization: a',
        'Authorization: b',
        'Cookie: c=1',
        'Cookie: d=2',
      ]),
    ).closed()
    expect(jsonIn(answer)).toEqual({
      method: 'DELETE',
      url: `http://${host}/a/b?c=%20d`,
      headers: [
        ['authorization', 'a, b'],
        ['connection', 'close'],
        ['cookie', 'c=1; d=2'],
        ['host', host],
        ['x-one', '1, 2'],
      ],
    })
  })

  test('is null where host, target or method make no request, and never names another host', async () => {
    const { dial, host } = await reporting((incoming) => toRequest(incoming)?.url)
    const urlOf = async (target: string, name = host, method = 'GET'): Promise<unknown> =>
      jsonIn(await dial(ask([`${method} ${target} HTTP/1.1`, `Host: ${name}`])).closed())
    expect(await urlOf('//evil.example/a')).toBe(`http://${host}//evil.example/a`)
    expect(await urlOf('/\\evil.example/a')).toBe(`http://${host}//evil.example/a`)
    expect(await urlOf('/@evil.example')).toBe(`http://${host}/@evil.example`)
    for (const name of [host, 'localhost'])
      for (const target of ['http://evil.example/a', `http://${host}/a`, '*'])
        expect([name, target, await urlOf(target, name, 'OPTIONS')]).toEqual([name, target, null])
    for (const name of [
      '',
      'a b',
      'a@evil.example',
      'a/b',
      'a?b',
      'a#b',
      '[::1',
      'a:999999',
      'a:b',
    ])
      expect([name, await urlOf('/a', name)]).toEqual([name, null])
    expect(await urlOf('/a', host, 'TRACE')).toBeNull()
    expect(jsonIn(await dial('GET /a HTTP/1.0\r\n\r\n').closed())).toBeNull()
  })

  test('takes a target and bytes that a framework has kept', async () => {
    const { origin } = await reporting(async (incoming) => {
      const body = new TextEncoder().encode('kept')
      const request = toRequest(incoming, { target: '/whole/path', body })!
      return [new URL(request.url).pathname, await request.text()]
    })
    const answer = await fetch(`${origin}/path`, { method: 'POST', body: 'sent' })
    expect(await answer.json()).toEqual(['/whole/path', 'kept'])
  })

  test('leaves the body on the socket until someone reads it', async () => {
    const { origin } = await reporting(async (incoming) => {
      const request = toRequest(incoming)!
      await new Promise((resolve) => setImmediate(resolve))
      const untouched = [incoming.readableDidRead, incoming.isPaused(), incoming.readableFlowing]
      const twice = toRequest(incoming)!
      return [untouched, await request.text(), request.bodyUsed, twice.bodyUsed]
    })
    const answer = await fetch(origin, { method: 'PUT', body: 'a body' })
    expect(await answer.json()).toEqual([[false, false, null], 'a body', true, false])
  })

  test('hands on a large body whole, and has none where none was sent', async () => {
    const { origin } = await reporting(async (incoming) => {
      const request = toRequest(incoming)!
      return [request.body === null, (await request.arrayBuffer()).byteLength]
    })
    const size = 3 * 1_048_576
    const whole = await fetch(origin, { method: 'POST', body: Buffer.alloc(size) })
    expect(await whole.json()).toEqual([false, size])
    expect(await (await fetch(origin, { method: 'POST' })).json()).toEqual([true, 0])
    expect(await (await fetch(origin)).json()).toEqual([true, 0])
  })

  test('says of a body that was read before us that it is gone, not that it is empty', async () => {
    const { origin } = await reporting(async (incoming) => {
      for await (const _ of incoming);
      const request = toRequest(incoming)!
      return await request.text().catch((error: PairError) => error.reason)
    })
    const answer = await fetch(origin, { method: 'POST', body: 'a body' })
    expect(await answer.json()).toContain('read before us')
  })

  test('fails the body that breaks off', async () => {
    const told: string[] = []
    const { dial, host } = await reporting(async (incoming) => {
      await toRequest(incoming)!
        .text()
        .catch((error: Error) => told.push(error.message))
    })
    const { socket } = dial(`POST / HTTP/1.1\r\nHost: ${host}\r\nContent-Length: 9\r\n\r\nhalf`)
    await expect.poll(() => socket.readyState).toBe('open')
    socket.destroy()
    await expect.poll(() => told).toHaveLength(1)
  })

  test('lets the next request on the connection through after a body that was read in part', async () => {
    const { dial, host } = await reporting(async (incoming) => {
      const reader = toRequest(incoming)!.body?.getReader()
      await reader?.read()
      await reader?.cancel()
      return incoming.url
    })
    const size = 2 * 1_048_576
    const first = `POST /first HTTP/1.1\r\nHost: ${host}\r\nContent-Length: ${size}\r\n\r\n`
    const answer = dial(first + ' '.repeat(size) + ask(['GET /second HTTP/1.1', `Host: ${host}`]))
    expect(await answer.closed()).toMatch(/"\/first"[^]*"\/second"/)
  })

  test.each(['before its body was read', 'after its body was read'])(
    'aborts its signal when the client hangs up %s',
    async (when) => {
      const signals: AbortSignal[] = []
      const { dial, host } = await serve((incoming, outgoing) => {
        void (async () => {
          const request = toRequest(incoming, { outgoing })!
          if (when.startsWith('after')) await request.text()
          signals.push(request.signal)
        })()
      })
      const { socket } = dial(`POST / HTTP/1.1\r\nHost: ${host}\r\nContent-Length: 2\r\n\r\n{}`)
      await expect.poll(() => signals).toHaveLength(1)
      expect(signals[0]?.aborted).toBe(false)
      socket.destroy()
      await expect.poll(() => signals[0]?.aborted).toBe(true)
    },
  )

  test('aborts its signal at once where the client is gone already', async () => {
    const told: boolean[] = []
    const { dial, host } = await serve((incoming, outgoing) => {
      outgoing.once('close', () => told.push(toRequest(incoming, { outgoing })!.signal.aborted))
      incoming.socket.destroy()
    })
    await dial(ask(['GET / HTTP/1.1', `Host: ${host}`])).closed()
    await expect.poll(() => told).toEqual([true])
  })

  test('aborts no signal of requests that were answered, and leaves nothing on their connection', async () => {
    const signals: AbortSignal[] = []
    const listeners: number[] = []
    const { dial, host } = await serve((incoming, outgoing) => {
      signals.push(toRequest(incoming, { outgoing })!.signal)
      listeners.push(incoming.socket.listenerCount('close'))
      outgoing.end()
    })
    const one = `GET / HTTP/1.1\r\nHost: ${host}\r\n`
    const { closed } = dial(`${one}\r\n`.repeat(20) + `${one}Connection: close\r\n\r\n`)
    await closed()
    expect(signals.map(({ aborted }) => aborted)).toEqual(signals.map(() => false))
    expect(signals).toHaveLength(21)
    expect(new Set(listeners).size).toBe(1)
  })

  test('has the headers of a request that no socket brought', () => {
    const incoming = Object.assign(new IncomingMessage(new Socket()), {
      method: 'POST',
      url: '/a',
      headers: { host: 'localhost', origin: 'https://evil.example', 'set-cookie': ['a', 'b'] },
    })
    const request = toRequest(incoming)
    expect([request?.headers.get('origin'), request?.headers.get('set-cookie')]).toEqual([
      'https://evil.example',
      'a, b',
    ])
  })
})

test('toRequestInfo tells the peer’s address and whether the socket is TLS', async () => {
  const { origin } = await reporting((incoming) => toRequestInfo(incoming))
  expect(await (await fetch(origin)).json()).toEqual({
    encrypted: false,
    remoteAddress: '127.0.0.1',
  })
})
