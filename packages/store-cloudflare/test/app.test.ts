import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { bundle } from './kit/bundle.ts'
import { operate, post, readNotes, redeem, type Credential } from './kit/device.ts'
import { startServer, type Server, type Wiring } from './kit/server.ts'

/** Who may hear of what happens. */
interface Watcher {
  session: string
  stream: string
  headers: Record<string, string>
}

const temp = mkdtempSync(join(tmpdir(), 'pair-workerd-'))
const script = join(temp, 'app.js')
beforeAll(async () => writeFileSync(script, await bundle('app-worker.ts')), 30_000)
afterAll(() => rmSync(temp, { recursive: true, force: true }))

const wirings: readonly (readonly [string, Wiring])[] = [
  ['in each Worker, on a Durable Object', 'worker'],
  ['in each Worker, on D1', 'd1'],
  ['in one Durable Object', 'object'],
]

describe.each(wirings)('an app %s', (_, wiring) => {
  let server: Server
  const start = async (): Promise<void> =>
    void (server = await startServer(script, wiring, join(temp, wiring)))
  const restart = async (): Promise<void> => {
    await server.kill()
    await start()
  }
  const issue = (): Promise<string> => operate(server.origin, 'issue')
  const pair = (link: string, label: string): Promise<Response> =>
    redeem(server.origin, link, label)
  const labels = (): Promise<string[]> => operate(server.origin, 'devices')
  beforeAll(start, 30_000)
  afterAll(() => server.kill())

  test('SES-12 a code is redeemed, its session renewed and used, and refused at once when it is revoked', async () => {
    const first = (await (await pair(await issue(), 'laptop')).json()) as Credential
    expect(await readNotes(server.origin, first.accessToken)).toBe(200)
    const renewed = await post(server.origin, 'renew', { refreshToken: first.refreshToken })
    const second = (await renewed.json()) as Credential
    expect(await readNotes(server.origin, second.accessToken)).toBe(200)
    await operate(server.origin, `revoke?session=${second.session.id}`)
    expect(await readNotes(server.origin, second.accessToken)).toBe(401)
    const late = await post(server.origin, 'renew', { refreshToken: second.refreshToken })
    expect(late.status).toBe(401)
  })

  test('SES-12 an open stream ends when its session is revoked elsewhere', async () => {
    const watcher = await operate<Watcher>(server.origin, 'watcher')
    const { status, body } = await fetch(watcher.stream, { headers: watcher.headers })
    expect(status).toBe(200)
    let told = ''
    for await (const chunk of body!.pipeThrough(new TextDecoderStream())) {
      if (told === '') await operate(server.origin, `revoke?session=${watcher.session}`)
      told += chunk
    }
    expect(told).toContain('session_revoked')
  })

  test('CODE-03 of 40 who redeem one code at once, exactly one wins, in each of 8 rounds', async () => {
    for (let round = 0; round < 8; round++) {
      const link = await issue()
      const rivals = Array.from({ length: 40 }, (_unused, at) => pair(link, `rival ${round} ${at}`))
      const won = (await Promise.all(rivals)).filter(({ ok }) => ok)
      expect(won).toHaveLength(1)
    }
    expect((await labels()).filter((label) => label.startsWith('rival'))).toHaveLength(8)
  }, 60_000)

  test('CODE-06 after kill -9 amid redeems each code is unused, or redeemed with one session', async () => {
    for (let round = 0; round < 2; round++) {
      const links = await Promise.all(Array.from({ length: 10 }, issue))
      const names = links.map((_unused, at) => `device ${round} ${at}`)
      let answered = 0
      let restarted: Promise<void> | undefined
      const first = await Promise.all(
        links.map(async (link, at) => {
          const { ok } = await pair(link, names[at]!).catch(() => ({ ok: false }))
          if (ok && ++answered === 3) restarted = restart()
          return ok
        }),
      )
      await restarted
      expect(answered).toBeGreaterThanOrEqual(3)
      const again = await Promise.all(links.map((link, at) => pair(link, names[at]!)))
      // what was answered is spent; what was not is spent or unused
      expect(again.filter(({ ok }, at) => ok && first[at])).toEqual([])
      const known = (await labels()).filter((label) => label.startsWith(`device ${round} `))
      expect(known.toSorted()).toEqual(names.toSorted())
    }
  }, 60_000)
})
