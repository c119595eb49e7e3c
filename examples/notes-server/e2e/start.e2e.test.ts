import { once } from 'node:events'
import { readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { beforeAll, describe, expect, test } from 'vitest'
import { WebSocket } from 'ws'
import { buildPages, frameworks, newFolder, startServer, type FailedStart } from './server.ts'

beforeAll(buildPages)

async function redeem(
  origin: string,
  body: { code: string; transport?: string },
): Promise<Response> {
  return await fetch(`${origin}/auth/redeem`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  })
}

describe.each(frameworks)('%s', (framework) => {
  const setup = { framework, store: 'sqlite' } as const

  test('CODE-08 a start prints one link, one typed code and a QR code, and what is printed is what is open', async () => {
    const server = await startServer(setup)
    expect(server.output().match(/#code=/g)).toHaveLength(1)
    expect(server.output()).toMatch(/[█▀▄]{20}/)
    expect(server.output()).toContain('Only this computer can open that link')
    expect((await fetch(server.link)).status).toBe(200)

    // link and typed form are one record: once one of them is used, the other is too
    const { origin, typed } = server
    expect((await redeem(origin, { code: typed })).status).toBe(200)
    const code = new URL(server.link).hash.slice('#code='.length)
    expect((await redeem(origin, { code })).status).toBe(401)
  })

  test('STO-03 a first start makes the secret and the store for their owner alone, and a second one keeps them', async () => {
    const DATA = join(await newFolder(), 'made', 'here')
    const server = await startServer(setup, { DATA })
    const modes = async (): Promise<number[]> =>
      await Promise.all(
        ['.', 'master', 'notes.db'].map(
          async (name) => (await stat(join(DATA, name))).mode & 0o777,
        ),
      )
    expect(await modes()).toEqual([0o700, 0o600, 0o600])
    const secret = await readFile(join(DATA, 'master'), 'utf8')
    expect(server.output()).not.toContain(secret.trim())
    expect(await server.stop()).toBe(0)

    await startServer(setup, { DATA })
    expect(await readFile(join(DATA, 'master'), 'utf8')).toBe(secret)
    expect(await modes()).toEqual([0o700, 0o600, 0o600])
  })

  test('a taken port is one clear line and exit code 1', async () => {
    const server = await startServer(setup)
    const { port } = new URL(server.origin)
    const failed = await startServer(setup, { PORT: port }).catch(
      (error: Error) => error.cause as FailedStart,
    )
    expect(failed).toEqual({
      code: 1,
      output: `Port ${port} is taken. Try another: PORT=${Number(port) + 1}\n`,
    })
  })

  test('a short secret is an error that names the mend and never the secret', async () => {
    const failed = (await startServer(setup, { PAIR_SECRET: 'too-short' }).catch(
      (error: Error) => error.cause,
    )) as FailedStart
    expect(failed.code).toBe(1)
    expect(failed.output).toContain('32 bytes')
    expect(failed.output).not.toContain('too-short')
  })

  test.each(['SIGINT', 'SIGTERM'] as const)(
    '%s ends it cleanly: sockets are closed, exit code 0',
    async (signal) => {
      const server = await startServer(setup)
      const answer = await redeem(server.origin, { code: server.typed, transport: 'bearer' })
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
})
