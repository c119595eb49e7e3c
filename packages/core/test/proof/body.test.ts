import { describe, expect, test } from 'vitest'
import type { RequestInfo } from '../../src/pair.ts'
import { createDeviceKey, createEd25519Key, type DeviceKey } from '../kit/device.ts'
import { createServer, type LoggedServer } from '../kit/newcomers.ts'
import { keptSecrets } from '../kit/secrets.ts'
import { ORIGIN } from '../kit/server.ts'

interface Entry {
  path: string
  server: LoggedServer
  /** What that route is asked with, beside the device. */
  with: Record<string, unknown>
}

/** Every route that takes a device with a key. */
const ENTRIES: Readonly<Record<string, () => Promise<Entry>>> = {
  async redeem() {
    const server = createServer()
    const { typed } = await server.pair.codes.issue({ origin: ORIGIN })
    return { path: '/auth/redeem', server, with: { code: typed } }
  },
  async request() {
    const server = createServer({ admission: 'approval' })
    return { path: '/auth/request', server, with: {} }
  },
  async 'claim-owner'() {
    const server = createServer({ secret: keptSecrets(), admission: 'approval' })
    const owner = await server.pair.ownerSecret({ origin: ORIGIN })
    return { path: '/auth/claim-owner', server, with: { secret: owner!.secret } }
  },
}

interface Sent {
  /** What the proof covers; absent: it covers none. */
  covers?: unknown
  /** The body as it arrives; a string to the letter. */
  body: unknown
  info?: RequestInfo
}

async function send(
  { server, path }: Entry,
  key: DeviceKey,
  { covers, body, info }: Sent,
): Promise<unknown> {
  const at = { htm: 'POST', htu: ORIGIN + path, at: server.clock() }
  const dpop = await key.prove(covers === undefined ? at : { ...at, body: covers })
  const answer = await server.call(path, {
    body,
    headers: { dpop },
    ...(info === undefined ? {} : { info }),
  })
  return answer.status < 300 ? 'in' : answer.body['code']
}

describe.each(Object.entries(ENTRIES))('POST /%s', (_, start) => {
  test('POP-01 a key is named only with a proof that covers the body as it arrived', async () => {
    const entry = await start()
    const key = await createDeviceKey()
    const other = await createDeviceKey()
    const device = { label: 'A device', kind: 'browser', publicKey: key.jwk }
    const body = { ...entry.with, device, transport: 'dpop' }
    const refused = async (sent: Sent): Promise<void> =>
      expect(await send(entry, key, sent)).toBe('proof_invalid')

    await refused({ body })
    await refused({ covers: {}, body })
    // Changed on its way: a member, its spelling, one more that nobody asks for, the key.
    await refused({ covers: body, body: { ...body, transport: 'cookie' } })
    await refused({ covers: body, body: { ...body, device: { ...device, label: 'A device ' } } })
    await refused({ covers: body, body: { ...body, more: 1 } })
    await refused({ covers: { ...body, more: 1 }, body })
    const stolen = { ...body, device: { ...device, publicKey: other.jwk } }
    await refused({ covers: body, body: stolen })
    await refused({ covers: stolen, body: stolen })
    expect((await entry.server.store.list(['pair', 'proof'], { limit: 9 })).length).toBe(0)
    expect(await send(entry, key, { covers: body, body })).toBe('in')
  })

  test('POP-01 the order of members, blanks and escapes are no part of what is covered', async () => {
    const entry = await start()
    const key = await createEd25519Key()
    const device = { label: 'Ä device', kind: 'app', publicKey: key.jwk }
    const body = { ...entry.with, device }
    const { x } = key.jwk
    const reordered = {
      device: {
        publicKey: { x, crv: 'Ed25519', kty: 'OKP' },
        kind: 'app',
        label: 'Ä device',
      },
      ...Object.fromEntries(Object.entries(entry.with).reverse()),
    }
    const text = JSON.stringify(reordered, null, 3).replace('Ä', String.raw`\u00c4`)
    expect(await send(entry, key, { covers: body, body: text })).toBe('in')
  })

  test('POP-01 a member that is there twice is malformed, and spends nothing', async () => {
    const entry = await start()
    const key = await createDeviceKey()
    const body = {
      ...entry.with,
      device: { label: 'A', kind: 'app', publicKey: key.jwk },
    }
    const text = JSON.stringify(body)
    for (const twice of [
      text.replace('"label":"A"', '"label":"B","label":"A"'),
      text.replace('"label":"A"', String.raw`"label":"A","l\u0061bel":"A"`),
      text.replace(/\}$/, ',"device":{}}'),
    ])
      expect(await send(entry, key, { covers: body, body: twice })).toBe('invalid_request')
    expect(await send(entry, key, { covers: body, body: text })).toBe('in')
  })

  test('POP-01 what a body parser read before us is covered as it is handed on', async () => {
    const entry = await start()
    const key = await createDeviceKey()
    const device = { label: ' A  device', kind: 'app', publicKey: key.jwk }
    const body = { ...entry.with, device }
    const parsed = (parsedBody: unknown): Sent => ({ covers: body, body: '', info: { parsedBody } })
    // One that tidies up hands on another body than was signed.
    const tidied = { ...body, device: { ...device, label: 'A device' } }
    expect(await send(entry, key, parsed(tidied))).toBe('proof_invalid')
    expect(await send(entry, key, parsed({ ...body, more: null }))).toBe('proof_invalid')
    expect(await send(entry, key, parsed(structuredClone(body)))).toBe('in')
  })
})

test('POP-01 a preview shows a code that is bound to a key only to a proof that covers the body', async () => {
  const server = createServer()
  const key = await createDeviceKey()
  const issued = await server.pair.codes.issue({
    origin: ORIGIN,
    boundThumbprint: key.thumbprint,
  })
  const entry = { path: '/auth/codes/preview', server, with: {} }
  const body = { code: issued.typed }
  expect(await send(entry, key, { body })).toBe('proof_invalid')
  expect(await send(entry, key, { covers: { code: 'another' }, body })).toBe('proof_invalid')
  expect(await send(entry, key, { covers: body, body })).toBe('in')
})
