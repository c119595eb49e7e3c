import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { bundle } from './kit/bundle.ts'
import { operate, readNotes, redeem, type Credential } from './kit/device.ts'
import { startServer, type Server } from './kit/server.ts'

const temp = mkdtempSync(join(tmpdir(), 'pair-workerd-'))
let server: Server
beforeAll(async () => {
  const script = join(temp, 'app.js')
  writeFileSync(script, await bundle('app-worker.ts'))
  server = await startServer(script, 'worker', temp)
}, 30_000)
afterAll(async () => {
  await server.kill()
  rmSync(temp, { recursive: true, force: true })
})

test.each(['before', 'after'])(
  'CODE-05 where the object ends %s its commit, the code is redeemed once all the same',
  async (when) => {
    const link = await operate<string>(server.origin, 'issue')
    await operate(server.origin, `lose?when=${when}`)
    const answer = await redeem(server.origin, link, `lost ${when}`)
    expect(answer.status).toBe(200)
    const { accessToken } = (await answer.json()) as Credential
    expect(await readNotes(server.origin, accessToken)).toBe(200)
    expect((await redeem(server.origin, link, `late ${when}`)).ok).toBe(false)
    const labels = await operate<string[]>(server.origin, 'devices')
    expect(labels.filter((label) => label.endsWith(when))).toEqual([`lost ${when}`])
  },
)
