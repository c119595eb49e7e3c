import { expect, test } from 'vitest'
import { sha256Base64Url } from '../../src/encoding/bytes.ts'
import { canonicalJson } from '../../src/encoding/canonical-json.ts'
import { thumbprintOf } from '../../src/proof/proof-key.ts'
import { createDeviceKey, createEd25519Key } from '../kit/device.ts'

test('POP-01 the thumbprint of RFC 7638 §3.1 is that of the canonical form of the required members', () => {
  const n =
    '0vx7agoebGcQSuuPiLJXZptN9nndrQmbXEps2aiAFbWhM78LhWx4cbbfAAtVT86zwu1RK7aPFFxuhDR1L6tSoc_BJECPebWKRXjBZCiFV4n3oknjhMstn64tZ_2W-5JsGY4Hc5n9yBXArwl93lqt7_RN5w6Cf0h4QyQ5v-65YGjQR0_FDW2QvzqY368QQMicAtaSqzs8KJZgnYb9c7d0zgdAZHzu6qMQvRL5hajrn1n91CbOpbISD08qNLyrdkt-bFTWhAI4vMQFh6WeZu0fM4lFd2NcRwr3XPksINHaQ-G_xBniIqbw0Ls1jF44-csFCur-kEgU8awapJzKnqDKgw'
  expect(sha256Base64Url(canonicalJson({ n, kty: 'RSA', e: 'AQAB' }))).toBe(
    'NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs',
  )
})

test('POP-01 the thumbprint of the Ed25519 key of RFC 8037 A.2 is that of A.3', () => {
  const x = '11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo'
  const thumbprint = 'kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k'
  expect(thumbprintOf({ crv: 'Ed25519', kty: 'OKP', x })).toBe(thumbprint)
})

test('POP-01 the thumbprint of the P-256 key of RFC 9449 is that of its section 6.1', () => {
  const jwk = {
    kty: 'EC',
    crv: 'P-256',
    x: 'l8tFrhx-34tV3hRICRDY9zCkDlpBhF42UQUfWVAWBFs',
    y: '9VE4jf_Ok_o64zbTTlcuNJajHmt6v9TDVrU0CdvGRDA',
  } as const
  expect(thumbprintOf(jwk)).toBe('0ZcOCORZNYy-DWpqq30jZyJGHTN0d2HglBV3uiguA4I')
})

test('POP-01 members beside the required ones, and their order, change no thumbprint', async () => {
  for (const { jwk, thumbprint } of [await createDeviceKey(), await createEd25519Key()]) {
    const spoken = { use: 'sig', alg: 'x', key_ops: ['verify'], ...jwk, kid: 'me' }
    const reversed = Object.fromEntries(Object.entries(spoken).reverse()) as unknown as typeof jwk
    expect(thumbprintOf(reversed)).toBe(thumbprint)
  }
})
