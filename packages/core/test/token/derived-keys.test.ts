import { hkdfSync } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { toBase64Url } from '../../src/encoding/base64url.ts'
import { utf8 } from '../../src/encoding/bytes.ts'
import { pairKey } from '../../src/token/eddsa-crypto.ts'
import { FIRST_GENERATION, type Generation, type KeyRing } from '../../src/token/key-ring.ts'
import { createKeyDeriver, deriveKeys, type Signing } from '../../src/token/keys-crypto.ts'
import { signToken, tokenKey } from '../../src/token/token-crypto.ts'
import { HOUR } from '../../src/time.ts'
import { NOON } from '../kit/clock.ts'

const MASTER = utf8('a master secret of this test, long enough')
const SECOND: Generation = { id: 'key_two', createdAt: 0, activeAt: NOON, acceptUntil: null }
const UNROTATED: KeyRing = { generations: [FIRST_GENERATION] }
const ROTATED: KeyRing = {
  generations: [{ ...FIRST_GENERATION, acceptUntil: NOON + HOUR }, SECOND],
}

/** RFC 5869 by the runtime's own hand. */
const derived = (purpose: string, namespace = 'home'): Uint8Array =>
  new Uint8Array(hkdfSync('sha256', MASTER, '', `pair/${namespace}/${purpose}/v1`, 32))
const deriver = (signing: Signing = 'hs256'): ReturnType<typeof createKeyDeriver> =>
  createKeyDeriver(MASTER, 'home', signing)

describe('what is derived from the master secret', () => {
  test('SES-11 is one key a purpose, the same in every version', () => {
    const keys = deriveKeys(MASTER, 'home')
    for (const kind of ['session', 'resource', 'approval'] as const) {
      expect(keys[kind].key).toEqual(derived(`token/${kind}`))
      expect(keys[kind].headerSegment).toBe(tokenKey(kind, keys[kind].key).headerSegment)
    }
    expect(keys.codePepper).toEqual(derived('code-lookup'))
    expect(keys.refresh).toEqual(derived('refresh'))
    expect(keys.nonce).toEqual(derived('proof-nonce'))
  })

  test('SES-11 in a later generation is fresh, but for what lasts', () => {
    const keys = deriveKeys(MASTER, 'home', 'key_two')
    for (const kind of ['session', 'resource', 'approval'] as const)
      expect(keys[kind].key).toEqual(derived(`token/${kind}/key_two`))
    expect(keys.codePepper).toEqual(derived('code-lookup/key_two'))
    expect([keys.refresh, keys.nonce]).toEqual([derived('refresh'), derived('proof-nonce')])
  })

  test('SES-13 names the server in eight characters', () => {
    // the first namespace whose name has a zero in front of a digit
    for (let n = 0, padded = 0; padded === 0; n++) {
      const hex = Buffer.from(derived('instance', `home${n}`).subarray(0, 4)).toString('hex')
      expect(deriveKeys(MASTER, `home${n}`).instance).toBe(hex)
      if (/^(?:..)*0./.test(hex)) padded++
    }
  })
})

describe('the keys of a ring', () => {
  test('SES-11 are derived once, and forgotten with their generation', async () => {
    const derive = deriver('eddsa')
    const first = derive(ROTATED, NOON)
    const again = derive(ROTATED, NOON)
    expect(again.codePepper).toBe(first.codePepper)
    expect((await again.publicKeys())[0]).toBe((await first.publicKeys())[0])
    derive({ generations: [SECOND] }, NOON)
    const later = derive(ROTATED, NOON)
    expect(later.codePeppers[0]).toEqual(first.codePeppers[0])
    expect(later.codePeppers[0]).not.toBe(first.codePeppers[0])
    expect(later.codePeppers[1]).toBe(first.codePeppers[1])
  })

  test('SES-11 tell others by EdDSA alone what to verify with, a key for each kind', async () => {
    expect(await deriver()(ROTATED, NOON).publicKeys()).toEqual([])
    const made = ['key_first', 'key_two'].flatMap((id) =>
      (['session', 'resource'] as const).map((kind) =>
        pairKey(kind, derived(`token/${kind}/eddsa/${id}`)),
      ),
    )
    const jwks = (await Promise.all(made)).map(({ publicJwk }) => publicJwk)
    expect(await deriver('eddsa')(ROTATED, NOON).publicKeys()).toEqual(jwks)
  })

  test('SES-11 sign as the server was told to, and requests that wait by HMAC in any case', async () => {
    const hmac = deriver()(UNROTATED, NOON)
    const eddsa = deriver('eddsa')(UNROTATED, NOON)
    const key = deriveKeys(MASTER, 'home')
    for (const kind of ['session', 'resource'] as const) {
      expect(await hmac.sign(kind, { a: 1 })).toBe(signToken(key[kind], { a: 1 }))
      const text = await eddsa.sign(kind, { a: 1 })
      expect(text.startsWith(toBase64Url(utf8('{"alg":"EdDSA","kid":')))).toBe(true)
      expect(await eddsa.verify(kind, text)).toEqual({ a: 1 })
      expect(await eddsa.verify('approval', text)).toBeNull()
      // what was signed before it was told so still counts
      expect(await eddsa.verify(kind, await hmac.sign(kind, { a: 1 }))).toEqual({ a: 1 })
    }
    expect(await eddsa.sign('approval', { a: 1 })).toBe(signToken(key.approval, { a: 1 }))
    expect(await eddsa.verify('approval', await hmac.sign('approval', { a: 1 }))).toEqual({ a: 1 })
  })

  test('SES-11 of each generation that counts verify what it signed, and no other', async () => {
    for (const signing of ['hs256', 'eddsa'] as const) {
      const derive = deriver(signing)
      const texts = [
        await derive(UNROTATED, NOON).sign('session', { a: 1 }),
        await derive(ROTATED, NOON).sign('session', { a: 2 }),
      ]
      const read = async (now: number): Promise<unknown[]> =>
        Promise.all(texts.map((text) => derive(ROTATED, now).verify('session', text)))
      expect(await read(NOON)).toEqual([{ a: 1 }, { a: 2 }])
      expect(await read(NOON + HOUR)).toEqual([null, { a: 2 }])
    }
  })

  test('SES-11 are none where the ring can not be read: nothing is signed and nothing counts', async () => {
    const keys = deriver('eddsa')(null, NOON)
    await expect(keys.sign('session', {})).rejects.toThrow('there is no key that may sign')
    expect(() => keys.codePepper).toThrow('there is no key that may sign')
    expect(keys.codePeppers).toEqual([])
    expect(await keys.publicKeys()).toEqual([])
    const good = await deriver('eddsa')(UNROTATED, NOON).sign('session', {})
    expect(await keys.verify('session', good)).toBeNull()
  })
})
