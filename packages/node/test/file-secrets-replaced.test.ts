import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createPair, isPairError, memoryStore, type Pair } from '@pair/core'
import { agent } from '@pair/core/agent'
import { expect, onTestFinished, test } from 'vitest'
import { fileSecrets } from '../src/index.ts'
import { createDevice, sha256, type Device } from './device.ts'
import { canonical } from './server.ts'

const ORIGIN = 'http://localhost:3000'

interface Wire {
  status: number
  body: Record<string, unknown>
}

async function post(
  pair: Pair,
  path: string,
  body: Record<string, unknown>,
  device?: Device,
): Promise<Wire> {
  const htu = `${ORIGIN}/auth/${path}`
  const headers = new Headers({ 'content-type': 'application/json' })
  const bodyHash = sha256(canonical(body))
  if (device) headers.set('dpop', await device.prove({ htm: 'POST', htu, bodyHash }))
  const request = new Request(htu, { method: 'POST', headers, body: JSON.stringify(body) })
  const response = await pair.handler(request, { remoteAddress: '127.0.0.1' })
  return { status: response!.status, body: (await response!.json()) as Wire['body'] }
}

test('NET-07 with a new secret in the place of a damaged one, devices with a key renew, agents go on, all others pair again', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'pair-replaced-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  const store = memoryStore()
  const open = (): Pair => {
    const options = { store, keyless: 'full', scopes: ['notes:read'] } as const
    const pair = createPair({ ...options, secret: fileSecrets(folder), extensions: [agent()] })
    onTestFinished(() => pair.close())
    return pair as unknown as Pair
  }
  const before = open()
  const code = async (): Promise<string> => (await before.codes.issue({ origin: ORIGIN })).typed
  const device = await createDevice()
  const about = { label: 'Phone', kind: 'app', publicKey: device.publicKey }
  const keyed = await post(
    before,
    'redeem',
    { code: await code(), device: about, transport: 'dpop' },
    device,
  )
  const bare = await post(before, 'redeem', { code: await code(), transport: 'bearer' })
  expect([keyed.status, bare.status]).toEqual([200, 200])
  const { key } = await before.agentKeys.issue({ agent: 'runner' })
  const left = await code()

  writeFileSync(join(folder, 'master'), 'half a sec')
  const error = await open()
    .codes.issue({ origin: ORIGIN })
    .catch((refused: unknown) => refused)
  if (!isPairError(error)) throw error
  expect(error.code).toBe('config_invalid')
  expect(error.hint).toMatch(
    /^Restore the file\. Or delete it, .+devices with a key renew by it, and keys of agents go on; all others pair again, .+$/,
  )

  rmSync(join(folder, 'master'))
  const after = open()
  const renewed = await post(after, 'renew', {}, device)
  expect(renewed.status).toBe(200)
  expect(renewed.body.session).toMatchObject({ id: (keyed.body.session as { id: string }).id })
  const refresh = await post(after, 'renew', { refreshToken: bare.body.refreshToken })
  expect([refresh.status, refresh.body.code]).toEqual([401, 'session_invalid'])
  for (const { body } of [keyed, bare]) {
    const headers = { authorization: `Bearer ${String(body.accessToken)}` }
    const found = await after.authenticate(new Request(`${ORIGIN}/app`, { headers }))
    expect(found.kind).toBe('none')
  }
  expect((await post(after, 'redeem', { code: left })).body.code).toBe('code_invalid')
  const asking = new Request(`${ORIGIN}/jobs`, { headers: { authorization: `Bearer ${key}` } })
  expect(await after.authenticate(asking)).toMatchObject({ kind: 'agent' })
})
