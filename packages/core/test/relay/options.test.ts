import { describe, expect, test } from 'vitest'
import { isPairError } from '../../src/errors.ts'
import { relay, type RelayOptions } from '../../src/relay.ts'
import { createDeviceKey } from '../kit/device.ts'
import { createEdge } from '../kit/edge.ts'
import { createRelayKey } from './carrier.ts'

const { privateKey, publicKey } = createRelayKey()
const AUDIENCE = 'https://home.example/auth'
const right: RelayOptions = { audience: AUDIENCE, relays: [{ id: 'hub', publicKey }] }

function optionOf(options: unknown): string | undefined {
  try {
    createEdge({ extensions: [relay(options as RelayOptions)] })
    return undefined
  } catch (error) {
    if (!isPairError(error) || error.code !== 'config_invalid') throw error
    expect(error.hint).toMatch(/^For example .+/)
    return /`(.+?)`/.exec(error.message)?.[1]
  }
}

describe('options', () => {
  const wrong: [option: string, options: unknown][] = [
    ['relay.audience', { relays: right.relays }],
    ['relay.audience', { ...right, audience: 'home' }],
    ['relay.audience', { ...right, audience: 'ftp://home.example' }],
    ['relay.audience', { ...right, audience: 'https://home.example/auth/' }],
    ['relay.audience', { ...right, audience: 'https://HOME.example/auth' }],
    ['relay.audience', { ...right, audience: 'https://home.example/auth?a=1' }],
    ['relay.audience', { ...right, audience: 'https://home.example/auth#a' }],
    ['relay.audience', { ...right, audience: 'https://a@home.example/auth' }],
    ['relay.audience', { ...right, audience: `https://home.example/${'a'.repeat(512)}` }],
    ['relay.audience', { ...right, audience: 7 }],
    ['relay.maxAgeMs', { ...right, maxAgeMs: 999 }],
    ['relay.maxAgeMs', { ...right, maxAgeMs: 300_001 }],
    ['relay.maxAgeMs', { ...right, maxAgeMs: 1_000.5 }],
    ['relay.maxPerMinute', { ...right, maxPerMinute: 0 }],
    ['relay.maxPerMinute', { ...right, maxPerMinute: 6_001 }],
    ['relay.relays', { audience: AUDIENCE }],
    ['relay.relays', { ...right, relays: [] }],
    ['relay.relays[0].id', { ...right, relays: [null] }],
    ['relay.relays[0].id', { ...right, relays: [{ id: 'a/b', publicKey }] }],
    ['relay.relays[0].id', { ...right, relays: [{ id: '', publicKey }] }],
    ['relay.relays[0].id', { ...right, relays: [{ id: 'a'.repeat(65), publicKey }] }],
    ['relay.relays[0].publicKey', { ...right, relays: [{ id: 'hub' }] }],
    ['relay.relays[0].publicKey', { ...right, relays: [{ id: 'hub', publicKey: privateKey }] }],
    [
      'relay.relays[0].publicKey',
      { ...right, relays: [{ id: 'hub', publicKey: { ...publicKey, x: 'A'.repeat(43) } }] },
    ],
    [
      'relay.relays[1]',
      { ...right, relays: [...right.relays, { id: 'hub', publicKey: createRelayKey().publicKey }] },
    ],
    ['relay.relays[1]', { ...right, relays: [...right.relays, { id: 'hub-2', publicKey }] }],
    ['relay.relays[0].scopes', { ...right, relays: [{ id: 'hub', publicKey, scopes: ['x'] }] }],
    ['relay.relays[0].scopes', { ...right, relays: [{ id: 'hub', publicKey, scopes: [] }] }],
    ['relay.relays[0].authorize', { ...right, relays: [{ id: 'hub', publicKey, authorize: 1 }] }],
  ]

  test.each(wrong)('APP-18: %s is checked when an instance is made (%#)', (option, options) => {
    expect(optionOf(options)).toBe(option)
  })

  test('APP-18: a key that is no Ed25519 key is none for a relay', async () => {
    const { jwk } = await createDeviceKey()
    expect(optionOf({ ...right, relays: [{ id: 'hub', publicKey: jwk }] })).toBe(
      'relay.relays[0].publicKey',
    )
  })

  test('APP-18: an environment is named by its public URL where nothing else is said', async () => {
    const extensions = [relay({ relays: right.relays })]
    const edge = createEdge({ publicUrl: 'https://home.example/app', extensions })
    const call = { at: 'https://home.example', info: { encrypted: true } }
    const { body } = await edge.call('/auth/relay', call)
    expect(body.audience).toBe('https://home.example/app/auth')
    expect(optionOf(right)).toBeUndefined()
  })

  test('APP-18: without the extension there is no such route and no such key', async () => {
    const edge = createEdge({ signing: 'eddsa' })
    expect((await edge.call('/auth/relay')).status).toBe(404)
    expect((await edge.call('/auth/relay/mint', { body: {} })).status).toBe(404)
    expect((await edge.call('/auth/jwks.json')).body.keys).toHaveLength(2)
  })
})
