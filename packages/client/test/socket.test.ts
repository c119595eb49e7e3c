import { expect, test } from 'vitest'
import { createHome, type Home, MINUTE, type Profile } from './kit/home.ts'
import { loopSocket, type SocketLog } from './kit/loop-socket.ts'

interface Bench {
  home: Home
  client: ReturnType<Profile['open']>
  log: SocketLog
}

async function paired(transport: 'cookie' | 'dpop' = 'cookie'): Promise<Bench> {
  const home = createHome()
  const { WebSocket, log } = loopSocket(home)
  const client = home.profile({ transport, WebSocket }).open()
  await client.redeem((await home.code()).secret)
  return { home, client, log }
}

test.each(['cookie', 'dpop'] as const)(
  'a socket of a session by %s is open, proven and ready',
  async (transport) => {
    const { client, log } = await paired(transport)
    const socket = await client.openSocket('/live?room=1#x', ['notes'])
    socket.send('a note')
    await expect.poll(() => log.heard).toEqual(['a note'])
    expect(log.urls[0]).toMatch(/^ws:\/\/localhost:3000\/live\?room=1&ticket=[\w-]{43}$/)
    expect(log.protocols).toEqual([['notes']])
    expect(log.frames[0]).toMatch(/^\{"type":"hello","proof":"[\w-]+\.[\w-]+\.[\w-]+"\}$/)
  },
)

test('each socket has a ticket of its own', async () => {
  const { client, log } = await paired()
  await client.openSocket('/live')
  await client.openSocket('/live')
  expect(new Set(log.urls).size).toBe(2)
})

test('a socket opens also when the credential ran out', async () => {
  const { home, client, log } = await paired()
  home.pass(16 * MINUTE)
  const socket = await client.openSocket('/live')
  socket.send('a note')
  await expect.poll(() => log.heard).toEqual(['a note'])
})

test('a socket that the server closes because the session ended is told by the snapshot', async () => {
  const { home, client } = await paired()
  const codes: number[] = []
  const socket = await client.openSocket('/live')
  socket.addEventListener('close', ({ code }) => codes.push(code))
  await home.pair.devices.revoke(client.getSnapshot().session!.device.id)
  await expect.poll(() => codes).toEqual([4003])
  await expect
    .poll(() => client.getSnapshot())
    .toMatchObject({ status: 'blocked', problem: { code: 'session_revoked' } })
})

test('a socket that does not open is a clear error', async () => {
  const { home, client } = await paired()
  home.between(async (request, next) => {
    const response = await next()
    return request.url.endsWith('/tickets') ? Response.json({ ticket: 'x'.repeat(43) }) : response
  })
  await expect(client.openSocket('/live')).rejects.toMatchObject({
    code: 'socket_failed',
    transient: true,
  })
})

test('without a session there is no socket, and the server says why', async () => {
  const home = createHome()
  const { WebSocket, log } = loopSocket(home)
  const client = home.profile({ WebSocket }).open()
  await client.start()
  await expect(client.openSocket('/live')).rejects.toMatchObject({ code: 'session_required' })
  expect(log.urls).toEqual([])
})

test('no ticket goes to another server', async () => {
  const { home, client, log } = await paired()
  home.log.length = 0
  await expect(client.openSocket('wss://evil.example/live')).rejects.toMatchObject({
    code: 'foreign_origin',
  })
  expect([...home.log, ...log.urls]).toEqual([])
})

test('where no socket can be made, the error does not repeat the ticket', async () => {
  const home = createHome()
  const broken = function (address: string): never {
    throw new SyntaxError(`bad address ${address}`)
  } as unknown as typeof WebSocket
  const client = home.profile({ WebSocket: broken }).open()
  await client.redeem((await home.code()).secret)
  const failed: unknown = await client.openSocket('/live').catch((error: unknown) => error)
  expect(failed).toMatchObject({ code: 'socket_failed' })
  expect(failed).not.toHaveProperty('cause')
  expect(String(failed)).not.toMatch(/ticket/)
})
