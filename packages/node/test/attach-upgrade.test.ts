import { connect } from 'node:net'
import { describe, expect, test, vi } from 'vitest'
import { WebSocketServer } from 'ws'
import { attachUpgrade } from '../src/index.ts'
import { closeCode, open, opened, startServer } from './server.ts'

describe('an upgrade', () => {
  test('without a credential is refused with 401 before any 101', async () => {
    const { origin } = await startServer()
    const refused = await open(`${origin}/live`)
    expect(refused).toMatchObject({ status: 401, headers: { connection: 'close' } })
    expect(JSON.parse('body' in refused ? refused.body : '')).toMatchObject({
      code: 'session_required',
    })
  })

  test('from a page of another origin is refused with 403 before any 101', async () => {
    const { origin, pairBearer } = await startServer()
    const { token } = await pairBearer()
    const refused = await open(`${origin}/live`, {
      authorization: `Bearer ${token}`,
      origin: 'http://127.0.0.1:9',
    })
    expect(refused).toMatchObject({ status: 403 })
    expect(JSON.parse('body' in refused ? refused.body : '')).toMatchObject({
      code: 'origin_refused',
    })
  })

  test('with a header twice is refused with 400, though Node shows only one', async () => {
    const { origin, pairBearer } = await startServer()
    const { token } = await pairBearer()
    const answer = await raw(origin, [
      'GET /live HTTP/1.1',
      `Host: ${new URL(origin).host}`,
      `Authorization: Bearer ${token}`,
      `Authorization: Bearer ${token}`,
      'Connection: Upgrade',
      'Upgrade: websocket',
      'Sec-WebSocket-Version: 13',
      'Sec-WebSocket-Key: AQIDBAUGBwgJCgsMDQ4PEA==',
    ])
    expect(answer).toMatch(/^HTTP\/1\.1 400 Bad Request\r\n/)
    expect(answer).toContain('duplicate_credentials')
  })

  test.each(['evil@127.0.0.1', '127.0.0.1/evil', '', 'a b'])(
    'with the Host "%s" is refused with 400',
    async (host) => {
      const { origin } = await startServer()
      const answer = await raw(origin, [
        'GET /live HTTP/1.1',
        `Host: ${host}`,
        'Connection: Upgrade',
        'Upgrade: websocket',
      ])
      expect(answer).toMatch(/^HTTP\/1\.1 400 /)
    },
  )

  test('of a path that nobody has is 404, with one socket on the server or with several', async () => {
    const { origin, pair, server } = await startServer()
    expect(await open(`${origin}/other`)).toMatchObject({ status: 404 })
    const stop = attachUpgrade(server, {
      pair,
      path: '/second',
      need: {},
      ws: { WebSocketServer },
      onConnection: () => undefined,
    })
    expect(await open(`${origin}/other`)).toMatchObject({ status: 404 })
    expect(await open(`${origin}/second`)).toMatchObject({ status: 401 })
    stop()
    expect(await open(`${origin}/second`)).toMatchObject({ status: 404 })
  })

  test('of a path that is not ours is left to others on the same server', async () => {
    const { origin, server } = await startServer()
    server.on('upgrade', (request, socket) => {
      if (request.url === '/theirs')
        socket.end('HTTP/1.1 418 Theirs\r\nContent-Length: 0\r\nConnection: close\r\n\r\n')
    })
    expect(await open(`${origin}/theirs`)).toMatchObject({ status: 418 })
    expect(await open(`${origin}/live`)).toMatchObject({ status: 401 })
  })

  test('that its peer abandons halfway does not disturb the server', async () => {
    const { origin } = await startServer()
    for (let n = 0; n < 20; n++) {
      const socket = connect(Number(new URL(origin).port), '127.0.0.1')
      socket.write(
        `GET /live HTTP/1.1\r\nHost: ${new URL(origin).host}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n`,
      )
      await new Promise((resolve) => socket.once('connect', resolve))
      socket.resetAndDestroy()
    }
    expect((await fetch(origin)).status).toBe(200)
  })
})

describe('a socket', () => {
  test('opens with a bearer token, and each frame reaches the app in order, text as text', async () => {
    const frames: (string | Uint8Array)[] = []
    const { origin, pairBearer } = await startServer(() => ({
      onMessage: (frame) => void frames.push(frame),
    }))
    const { token } = await pairBearer()
    const socket = await opened(`${origin}/live`, { authorization: `Bearer ${token}` })
    const sent = Array.from({ length: 200 }, (_, n) => `frame ${n}`)
    for (const text of sent) socket.send(text)
    socket.send(new Uint8Array([1, 2, 3]))
    await vi.waitFor(() => expect(frames).toHaveLength(201))
    expect(frames.slice(0, 200)).toEqual(sent)
    expect([...(frames[200] as Uint8Array)]).toEqual([1, 2, 3])
  })

  test('of a device with a key reaches the app only behind its proven hello', async () => {
    const seen: string[] = []
    const { origin, pairKeyed } = await startServer(({ auth }) => {
      seen.push(`open ${auth.session.device.label}`)
      return { onMessage: (frame) => void seen.push(String(frame)) }
    })
    const { ticket, hello } = await pairKeyed('/live')
    const socket = await opened(`${origin}/live?ticket=${ticket}`)
    expect(seen).toEqual([])
    socket.send(hello)
    socket.send('right behind it')
    await vi.waitFor(() => expect(seen).toEqual(['open Test', 'right behind it']))
  })

  test('whose first frame is no proven hello is closed with 4001, and the app never hears of it', async () => {
    const onConnection = vi.fn<() => void>()
    const { origin, pairKeyed } = await startServer(onConnection)
    const { ticket } = await pairKeyed('/live')
    const socket = await opened(`${origin}/live?ticket=${ticket}`)
    socket.send('{"type":"hello","proof":"no.such.proof"}')
    expect(await closeCode(socket)).toBe(4001)
    expect(onConnection).not.toHaveBeenCalled()
  })

  test('SES-12 of a session that is revoked is closed with 4003', async () => {
    const onClose = vi.fn<() => void>()
    const { origin, pair, pairBearer } = await startServer(() => ({ onClose }))
    const { token, sessionId } = await pairBearer()
    const socket = await opened(`${origin}/live`, { authorization: `Bearer ${token}` })
    const code = closeCode(socket)
    await pair.sessions.revoke(sessionId as `ses_${string}`)
    expect(await code).toBe(4003)
    await vi.waitFor(() => expect(onClose).toHaveBeenCalledOnce())
    expect(await open(`${origin}/live`, { authorization: `Bearer ${token}` })).toMatchObject({
      status: 401,
    })
  })

  test('is closed with 1009 by a frame above the cap', async () => {
    const onMessage = vi.fn<() => void>()
    const { origin, pairBearer } = await startServer(() => ({ onMessage }))
    const { token } = await pairBearer()
    const socket = await opened(`${origin}/live`, { authorization: `Bearer ${token}` })
    socket.send('x'.repeat(65_537))
    expect(await closeCode(socket)).toBe(1009)
    expect(onMessage).not.toHaveBeenCalled()
  })

  test('is closed with 1011 when the app throws, and the error is heard', async () => {
    const onError = vi.fn<(error: unknown) => void>()
    const failing = () => ({
      onMessage: () => {
        throw new Error('of the app')
      },
    })
    const { origin, pairBearer } = await startServer(failing, { onError })
    const { token } = await pairBearer()
    const socket = await opened(`${origin}/live`, { authorization: `Bearer ${token}` })
    socket.send('hi')
    expect(await closeCode(socket)).toBe(1011)
    expect(onError).toHaveBeenCalledWith(new Error('of the app'))
  })

  test('whose peer answers no ping is cut', async () => {
    const onClose = vi.fn<() => void>()
    const { origin, pairBearer } = await startServer(() => ({ onClose }), { heartbeatMs: 20 })
    const { token } = await pairBearer()
    const socket = await opened(`${origin}/live`, { authorization: `Bearer ${token}` })
    socket.pause() // reads nothing, so it answers nothing
    await vi.waitFor(() => expect(onClose).toHaveBeenCalledOnce(), 5_000)
  })

  test('is taken by a WebSocketServer that was made elsewhere too', async () => {
    const { origin, pairBearer } = await startServer(undefined, {
      ws: new WebSocketServer({ noServer: true }),
    })
    const { token } = await pairBearer()
    const socket = await opened(`${origin}/live`, { authorization: `Bearer ${token}` })
    expect(socket.readyState).toBe(socket.OPEN)
  })
})

test('options that can not be meant are refused at once, by name', async () => {
  const { pair, server } = await startServer()
  const attach = (overrides: object) => () =>
    attachUpgrade(server, {
      pair,
      path: '/x',
      need: {},
      ws: { WebSocketServer },
      onConnection: () => undefined,
      ...overrides,
    })
  expect(attach({ path: 'x' })).toThrow('path')
  expect(attach({ maxPayloadBytes: 0 })).toThrow('maxPayloadBytes')
  expect(attach({ maxPayloadBytes: Number.NaN })).toThrow('maxPayloadBytes')
  expect(attach({ heartbeatMs: '1s' })).toThrow('heartbeatMs')
})

/** Sends lines as they are and answers all that comes back. */
function raw(origin: string, lines: readonly string[]): Promise<string> {
  const socket = connect(Number(new URL(origin).port), '127.0.0.1')
  let answer = ''
  socket.on('data', (chunk) => (answer += chunk.toString()))
  socket.write(`${lines.join('\r\n')}\r\n\r\n`)
  return new Promise((resolve) => socket.on('close', () => resolve(answer)))
}
