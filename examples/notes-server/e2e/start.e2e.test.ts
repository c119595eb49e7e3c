import { once } from 'node:events'
import { beforeAll, expect, onTestFinished, test } from 'vitest'
import { WebSocket } from 'ws'
import { buildPages, startServer, type FailedStart } from './server.ts'

beforeAll(buildPages)

test('CODE-08 a start prints one link, one typed code and a QR code, and what is printed is what is open', async () => {
  const server = await startServer()
  onTestFinished(async () => void (await server.stop()))
  expect(server.output().match(/#code=/g)).toHaveLength(1)
  expect(server.output()).toMatch(/[█▀▄]{20}/)
  expect(server.output()).toContain('Only this computer can open that link')
  expect((await fetch(server.link)).status).toBe(200)

  // link and typed form are one record: once one of them is used, the other is too
  const redeem = async (code: string): Promise<Response> =>
    await fetch(`${server.origin}/auth/redeem`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ code }),
    })
  expect((await redeem(server.typed)).status).toBe(200)
  expect((await redeem(new URL(server.link).hash.slice('#code='.length))).status).toBe(401)
})

test('a taken port is one clear line and exit code 1', async () => {
  const server = await startServer()
  onTestFinished(async () => void (await server.stop()))
  const { port } = new URL(server.origin)
  const failed = await startServer({ PORT: port }).catch(
    (error: Error) => error.cause as FailedStart,
  )
  expect(failed).toEqual({
    code: 1,
    output: `Port ${port} is taken. Try another: PORT=${Number(port) + 1} npm run demo\n`,
  })
})

test('a short secret is an error that names the mend and never the secret', async () => {
  const failed = (await startServer({ PAIR_SECRET: 'too-short' }).catch(
    (error: Error) => error.cause,
  )) as FailedStart
  expect(failed.code).toBe(1)
  expect(failed.output).toContain('32 bytes')
  expect(failed.output).not.toContain('too-short')
})

test.each(['SIGINT', 'SIGTERM'] as const)(
  '%s ends it cleanly: sockets are closed, exit code 0',
  async (signal) => {
    const server = await startServer()
    const code = server.typed
    const answer = await fetch(`${server.origin}/auth/redeem`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ code, transport: 'bearer' }),
    })
    const { accessToken } = (await answer.json()) as { accessToken: string }
    const socket = new WebSocket(`${server.origin.replace('http', 'ws')}/live`, {
      headers: { authorization: `Bearer ${accessToken}` },
    })
    await once(socket, 'message')
    const closed = once(socket, 'close')
    expect(await server.stop(signal)).toBe(0)
    expect((await closed)[0]).not.toBe(1006)
  },
)
