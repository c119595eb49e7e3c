import { createHash } from 'node:crypto'
import { expect, test } from 'vitest'
import { canonicalJson } from '../src/canonical-json.ts'
import { createDeviceKeys, type DeviceKey, thumbprint } from '../src/device-key.ts'
import { memoryKeyStore } from '../src/key-store.ts'
import { createProof, type ProofFacts } from '../src/proof.ts'

const digest = (text: string): string => createHash('sha256').update(text).digest('base64url')
const url = new URL('https://home.example/auth/redeem?x=1#y')

async function makeKey(): Promise<DeviceKey> {
  const key = await createDeviceKeys(memoryKeyStore()).make()
  if (!key) throw new Error('no key')
  return key
}

async function read(
  key: DeviceKey,
  facts: Partial<ProofFacts> = {},
): Promise<Record<string, unknown>[]> {
  const proof = await createProof(key, { method: 'POST', url, at: 1_800_000_000, ...facts })
  const [header = '', claims = ''] = proof.split('.')
  return [header, claims].map(
    (part) => JSON.parse(Buffer.from(part, 'base64url').toString()) as Record<string, unknown>,
  )
}

test('a proof is a compact JWS that the public key in its header verifies', async () => {
  const key = await makeKey()
  const proof = await createProof(key, { method: 'POST', url, at: 1_800_000_000 })
  expect(proof).toMatch(/^[\w-]+\.[\w-]+\.[\w-]{86}$/)
  const [header = '', claims = '', signature = ''] = proof.split('.')
  const publicKey = await crypto.subtle.importKey(
    'jwk',
    key.publicKey,
    { name: 'ECDSA', namedCurve: 'P-256' },
    true,
    ['verify'],
  )
  const algorithm = { name: 'ECDSA', hash: 'SHA-256' }
  const input = new TextEncoder().encode(`${header}.${claims}`)
  expect(
    await crypto.subtle.verify(algorithm, publicKey, Buffer.from(signature, 'base64url'), input),
  ).toBe(true)
})

test('the header names type, algorithm and the public members of the key, and nothing else', async () => {
  const key = await makeKey()
  const [header] = await read(key)
  expect(header).toEqual({ typ: 'dpop+jwt', alg: 'ES256', jwk: key.publicKey })
  expect(Object.keys(key.publicKey).sort()).toEqual(['crv', 'kty', 'x', 'y'])
})

test('the claims name the request without query and fragment', async () => {
  const [, claims] = await read(await makeKey())
  expect(claims).toEqual({
    jti: expect.stringMatching(/^[\w-]{22}$/) as string,
    htm: 'POST',
    htu: 'https://home.example/auth/redeem',
    iat: 1_800_000_000,
  })
})

test('the digests cover the token and the body', async () => {
  const body = { b: 1, a: ['x', { d: undefined, c: null }] }
  const [, claims] = await read(await makeKey(), { token: 'abc.def', body })
  expect(claims).toMatchObject({ ath: digest('abc.def'), bodyHash: digest(canonicalJson(body)) })
})

test('no two proofs share an id', async () => {
  const key = await makeKey()
  const ids = await Promise.all(
    Array.from({ length: 50 }, async () => (await read(key))[1]?.['jti']),
  )
  expect(new Set(ids).size).toBe(50)
})

test('the thumbprint is that of RFC 7638, whatever the order of the members', async () => {
  const jwk = {
    kty: 'EC',
    crv: 'P-256',
    x: 'l8tFrhx-34tV3hRICRDY9zCkDlpBhF42UQUfWVAWBFs',
    y: '9VE4jf_Ok_o64zbTTlcuNJajHmt6v9TDVrU0CdvGRDA',
  } as const
  // the key and thumbprint of RFC 9449, section 6.1
  expect(await thumbprint(jwk)).toBe('0ZcOCORZNYy-DWpqq30jZyJGHTN0d2HglBV3uiguA4I')
  expect(await thumbprint({ y: jwk.y, x: jwk.x, crv: 'P-256', kty: 'EC' })).toBe(
    await thumbprint(jwk),
  )
})

test('POP-01 the thumbprint of an Ed25519 key is that of RFC 8037, A.3', async () => {
  const x = '11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo'
  expect(await thumbprint({ kty: 'OKP', crv: 'Ed25519', x })).toBe(
    'kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k',
  )
})

test('a key is made once and used again; two that make it at once get the same', async () => {
  const store = memoryKeyStore()
  const [one, other] = [createDeviceKeys(store), createDeviceKeys(store)]
  expect(await one.current()).toBeNull()
  const [a, b] = await Promise.all([one.make(), other.make()])
  expect(a?.thumbprint).toBe(b?.thumbprint)
  expect(a?.paired).toBe(false)
  await one.mark(true)
  expect((await other.reload())?.paired).toBe(true)
  expect((await one.make())?.thumbprint).toBe(a?.thumbprint)
})

test('a store that can not keep a key is a clear refusal; one that can not be read holds none', async () => {
  const broken = (): Promise<never> => Promise.reject(new DOMException('denied', 'SecurityError'))
  const keys = createDeviceKeys({ ...memoryKeyStore(), load: broken, keep: broken, mark: broken })
  expect(await keys.current()).toBeNull()
  await expect(keys.make()).rejects.toMatchObject({ code: 'key_refused' })
  await expect(keys.mark(true)).resolves.toBeUndefined()
})
