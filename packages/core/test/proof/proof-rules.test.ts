import { describe, expect, test } from 'vitest'
import { toBase64Url } from '../../src/encoding/base64url.ts'
import { hmacSha256 } from '../../src/encoding/bytes.ts'
import { createNonce, readNonce } from '../../src/proof/nonce-crypto.ts'
import { createProofAllowance } from '../../src/proof/proof-allowance.ts'
import { ALGORITHMS, parseProofJwk } from '../../src/proof/proof-key.ts'
import { createProofRecords, SPENT } from '../../src/proof/proof-records.ts'
import {
  checkProof,
  PROOF_FUTURE_MS,
  PROOF_PAST_MS,
  type ProofClaims,
  type ProofTarget,
} from '../../src/proof/proof.ts'
import { MINUTE, SECOND } from '../../src/time.ts'
import { NOON } from '../kit/clock.ts'

const URL = 'https://notes.example/app/notes'
const CLAIMS: ProofClaims = { jti: '12345678', htm: 'GET', htu: URL, iat: NOON / SECOND }
const TARGET: ProofTarget = { method: 'GET', url: URL, ath: null, bodyHash: null, thumbprint: null }

/** `ok`, or what is wrong. */
function check(
  claims: Partial<ProofClaims> = {},
  target: Partial<ProofTarget> = {},
  now = NOON,
  madeAt?: number | null,
): string {
  const outcome = checkProof({ ...CLAIMS, ...claims }, 'key', { ...TARGET, ...target }, now, madeAt)
  return outcome.ok ? 'ok' : outcome.fault
}

describe('a proof', () => {
  test('POP-01 is for one method and one address, query and fragment aside', () => {
    expect(check()).toBe('ok')
    expect(check({ htm: 'POST' })).toBe('method')
    expect(check({ htm: 'get' })).toBe('method')
    expect(check({ htu: `${URL}?a#b` }, { url: `${URL}?c` })).toBe('ok')
    expect(check({ htu: 'HTTPS://NOTES.example:443/app/notes' })).toBe('ok')
    for (const htu of [
      `${URL}/`,
      URL.replace('https', 'http'),
      URL.replace('notes.', ''),
      '',
      '/app',
    ])
      expect(check({ htu }), htu).toBe('url')
    const ws = URL.replace('https', 'wss')
    expect(check({ htu: ws }, { url: ws })).toBe('url')
    const plain = URL.replace('https', 'http')
    expect(check({ htu: plain }, { url: plain })).toBe('ok')
    expect(check({ htu: 'nothing' }, { url: 'nothing' })).toBe('url')
  })

  test('SEC-14 is for an address of 2,048 characters at most', () => {
    const long = (length: number): string => `${URL}?`.padEnd(length, 'a')
    expect(check({ htu: long(2_048) })).toBe('ok')
    expect(check({ htu: long(2_049) })).toBe('url')
  })

  test('POP-01 names itself in 8 to 128 characters', () => {
    const of = (length: number): string => check({ jti: 'x'.repeat(length) })
    expect([7, 8, 128, 129].map(of)).toEqual(['jti', 'ok', 'ok', 'jti'])
  })

  test('POP-01 counts for five minutes, and five seconds ahead', () => {
    expect([PROOF_PAST_MS, PROOF_FUTURE_MS]).toEqual([5 * MINUTE, 5 * SECOND])
    const at = (now: number): string => check({}, {}, now)
    expect([at(NOON + 5 * MINUTE), at(NOON + 5 * MINUTE + 1)]).toEqual(['ok', 'time'])
    expect([at(NOON - 5 * SECOND), at(NOON - 5 * SECOND - 1)]).toEqual(['ok', 'time'])
    expect(at(Number.NaN)).toBe('time')
  })

  test('POP-03 is judged by its nonce where it has one, whatever its clock says', () => {
    expect(check({ iat: 0 }, {}, NOON, NOON - 5 * MINUTE)).toBe('ok')
    expect(check({}, {}, NOON, NOON - 5 * MINUTE - 1)).toBe('time')
    expect(check({}, {}, NOON, null)).toBe('time')
  })

  test('POP-01 names the token beside it, and none where there is none', () => {
    expect(check({ ath: 'hash' }, { ath: 'hash' })).toBe('ok')
    for (const [ath, wanted] of [
      ['other', 'hash'],
      ['hash', null],
    ] as const)
      expect(check({ ath }, { ath: wanted })).toBe('ath')
    expect(check({}, { ath: 'hash' })).toBe('ath')
  })

  test('POP-01 covers the body where it has to', () => {
    expect(check({ bodyHash: 'hash' }, { bodyHash: 'hash' })).toBe('ok')
    expect(check({ bodyHash: 'other' }, { bodyHash: 'hash' })).toBe('body')
    expect(check({}, { bodyHash: 'hash' })).toBe('body')
    expect(check({ bodyHash: 'other' })).toBe('ok')
  })

  test('POP-01 is of the very key where one is asked for', () => {
    expect(check({}, { thumbprint: 'key' })).toBe('ok')
    expect(check({}, { thumbprint: 'other' })).toBe('key')
  })

  test('POP-03 of which something else is wrong too is not said to be late', () => {
    expect(check({ bodyHash: 'x' }, { bodyHash: 'y' }, 0)).toBe('body')
  })
})

describe('a proof that was spent', () => {
  test('POP-02 leaves a mark that one commit alone can make', () => {
    const { spend } = createProofRecords()
    const { checks, writes, journal } = spend('key', 'jti', NOON, NOON + MINUTE)
    // sha256 of `jti`
    const key = ['proof', 'key', 'WxKIvbhszzPMAVjaGh9AXECV2cAP6drdnFivgv8quuU']
    expect(writes).toEqual([{ key, kind: 'proof', record: { at: NOON }, purgeAt: NOON + MINUTE }])
    expect(checks).toEqual([{ key, version: null }])
    expect(journal).toEqual([])
    expect(SPENT.schema.safeParse({ at: NOON }).success).toBe(true)
    expect(SPENT.schema.safeParse({}).success).toBe(false)
  })
})

describe('a nonce', () => {
  const key = new Uint8Array(32).fill(7)
  /** The bytes of a nonce of that time, as RFC 9449 leaves them to us: time, then its HMAC. */
  function made(time: readonly number[]): string {
    const bytes = Uint8Array.from(time)
    return toBase64Url(Uint8Array.from([...bytes, ...hmacSha256(key, bytes).subarray(0, 18)]))
  }

  test('POP-03 holds the time of its making, to the millisecond', () => {
    expect(createNonce(key, 0x0102_0304_0506)).toBe(made([1, 2, 3, 4, 5, 6]))
    expect(createNonce(key, 256.9)).toBe(made([0, 0, 0, 0, 1, 0]))
    expect(readNonce(key, createNonce(key, NOON))).toBe(NOON)
    expect(readNonce(key, made([1, 2, 3, 4, 5, 6]))).toBe(0x0102_0304_0506)
    expect(createNonce(key, NOON)).toHaveLength(32)
  })

  test('POP-03 that this key did not make is none', () => {
    const good = createNonce(key, NOON)
    expect(readNonce(new Uint8Array(32), good)).toBeNull()
    const last = good.endsWith('A') ? 'B' : 'A'
    for (const text of [
      '',
      good.slice(1),
      `${good}AAAA`,
      `${good.slice(0, -1)}${last}`,
      `*${good.slice(1)}`,
    ])
      expect(readNonce(key, text), text).toBeNull()
  })
})

describe('how many proofs may leave a mark', () => {
  const rule = { max: 2, windowMs: MINUTE }

  test('LIM-01 are so many of each device, and so many of all newcomers', () => {
    const { take, size } = createProofAllowance(rule)
    const device = (key: string, now = NOON): boolean => take('device', key, now).ok
    expect([device('a'), device('a'), device('a'), device('b')]).toEqual([true, true, false, true])
    expect(size()).toBe(2)
    const newcomer = (key: string, now = NOON): boolean => take('newcomer', key, now).ok
    expect([newcomer('x'), newcomer('y'), newcomer('z')]).toEqual([true, true, false])
    expect(size()).toBe(2)
    expect(device('a', NOON + MINUTE - 1)).toBe(false)
    expect(take('device', 'a', NOON + MINUTE)).toEqual({
      ok: true,
      standing: {
        name: 'proof',
        max: 2,
        windowMs: MINUTE,
        remaining: 1,
        resetAt: NOON + 2 * MINUTE,
      },
    })
    expect(newcomer('x', NOON + MINUTE)).toBe(true)
    expect(size()).toBe(1)
  })

  test('LIM-01 are given back where they left none, those of newcomers as those of a device', () => {
    const { take, giveBack, size } = createProofAllowance({ max: 1, windowMs: MINUTE })
    const left = (as: 'device' | 'newcomer', key = 'a'): boolean => take(as, key, NOON).ok
    // what was never taken can't be given back
    giveBack('device', 'a')
    giveBack('newcomer', 'a')
    expect([left('device'), left('newcomer'), size()]).toEqual([true, true, 1])
    giveBack('device', 'a')
    expect([left('newcomer'), left('device'), left('device')]).toEqual([false, true, false])
    giveBack('newcomer', 'a')
    giveBack('newcomer', 'a')
    expect([left('newcomer'), left('newcomer'), left('device')]).toEqual([true, false, false])
    giveBack('device', 'a')
    giveBack('device', 'a')
    giveBack('device', 'a')
    giveBack('device', 'a')
    expect([left('device'), left('device')]).toEqual([true, false])
  })

  test('LIM-05 are told apart for ten thousand keys, and counted anew where there are more', () => {
    const { take, size } = createProofAllowance(rule)
    for (let n = 0; n < 10_000; n++) take('device', `key ${n}`, NOON)
    expect(take('device', 'key 0', NOON).standing.remaining).toBe(0)
    expect(size()).toBe(10_000)
    expect(take('device', 'one more', NOON).ok).toBe(true)
    expect(size()).toBe(1)
  })
})

const filled = (length: number): number[] => Array.from({ length }, () => 0xff)

describe('the key of a proof', () => {
  const x = 'l8tFrhx-34tV3hRICRDY9zCkDlpBhF42UQUfWVAWBFs'
  const y = '9VE4jf_Ok_o64zbTTlcuNJajHmt6v9TDVrU0CdvGRDA'
  const ec = { kty: 'EC', crv: 'P-256', x, y }
  const okp = { kty: 'OKP', crv: 'Ed25519', x: '11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo' }

  test('POP-01 is of P-256 or Ed25519, with what else it may say left out', () => {
    expect(ALGORITHMS).toEqual({ EC: ['ES256'], OKP: ['EdDSA', 'Ed25519'] })
    expect(parseProofJwk({ ...ec, kid: 'me', use: 'sig' })).toEqual(ec)
    expect(parseProofJwk({ ...okp, kid: 'me' })).toEqual(okp)
  })

  test('POP-01 is none with a private member, of another sort, or in another spelling', () => {
    const wrong: unknown[] = [null, undefined, 'key', 7, []]
    for (const good of [ec, okp])
      for (const over of [
        { d: x },
        { k: x },
        { kty: 'RSA' },
        { kty: undefined },
        { crv: 'P-384' },
        { x: undefined },
        { x: 7 },
        { x: x.slice(1) },
        { x: `${x.slice(0, -1)}t` },
        { x: `${x}=` },
      ])
        wrong.push({ ...good, ...over })
    for (const length of [31, 33])
      wrong.push({ ...okp, x: toBase64Url(new Uint8Array(length).fill(5)) })
    wrong.push({ ...ec, y: undefined }, { ...ec, y: 'short' }, { ...okp, y })
    wrong.push({ ...ec, kty: 'OKP' }, { ...okp, kty: 'EC' }, { ...ec, crv: 'Ed25519' })
    wrong.push({ ...okp, crv: 'P-256' }, { ...okp, crv: 'X25519' })
    for (const value of wrong) expect(parseProofJwk(value), JSON.stringify(value)).toBeNull()
  })

  test('POP-01 of Ed25519 is a point in its one encoding, and of an order that binds', () => {
    const point = (bytes: readonly number[], last: number): string =>
      toBase64Url(Uint8Array.from([...bytes, ...filled(31 - bytes.length), last]))
    const isKey = (x: string): boolean => parseProofJwk({ kty: 'OKP', crv: 'Ed25519', x }) !== null
    // the prime is 2^255 - 19: its lowest byte is 0xed, the highest 0x7f, all between them 0xff
    expect(isKey(point([0xeb], 0x7f))).toBe(true)
    for (const first of [0xed, 0xee, 0xff]) {
      expect(isKey(point([first], 0x7f))).toBe(false)
      expect(isKey(point([first], 0xff))).toBe(false)
      expect(isKey(point([first], 0x7e))).toBe(true)
      expect(isKey(point([first, 0xfe], 0x7f))).toBe(true)
      expect(isKey(point([first, ...filled(29), 0xfe], 0x7f))).toBe(true)
    }
    const small = [
      'AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA',
      'AQAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA',
      '7P_______________________________________38',
      'JuiVj8KyJ7BFw_SJ8u-Y8NXfrAXTxjM5sTgCiG1T_AU',
      'xxdqcD1N2E-6PAt2DRBnDyogU_osOczGTsf9d5KsA3o',
    ]
    for (const x of small) expect(isKey(x), x).toBe(false)
    // the sign of x makes them no larger
    expect(isKey('AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAIA')).toBe(false)
  })
})
