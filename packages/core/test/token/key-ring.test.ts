import { describe, expect, test } from 'vitest'
import { toBase64Url } from '../../src/encoding/base64url.ts'
import { utf8 } from '../../src/encoding/bytes.ts'
import type { KeyId } from '../../src/ids.ts'
import {
  acceptedIn,
  FIRST_GENERATION,
  PRE_ACCEPTANCE_MS,
  rotateRing,
  signingIn,
  type KeyRing,
  type OldKeys,
} from '../../src/token/key-ring.ts'
import { createKeyDeriver } from '../../src/token/keys-crypto.ts'
import { DAY, HOUR, MINUTE, SECOND } from '../../src/time.ts'
import { NOON } from '../kit/clock.ts'
import { SECRET } from '../kit/server.ts'

const UNROTATED: KeyRing = { generations: [FIRST_GENERATION] }

function rotate(ring: KeyRing, id: string, now: number, old: OldKeys = 'live-out'): KeyRing {
  return rotateRing(ring, { id: `key_${id}`, old, longestMs: DAY }, now)
}
const ids = (generations: readonly { id: KeyId }[]): string[] => generations.map(({ id }) => id)
const textOf = (key: Uint8Array): string => toBase64Url(key)
const derive = createKeyDeriver(utf8(SECRET), 'pair', 'hs256')
/** Under what codes are kept that are made then, and under what they are looked up. */
const pepperOf = (ring: KeyRing, now: number): string => textOf(derive(ring, now).codePepper)
const peppersOf = (ring: KeyRing, now: number): string[] =>
  derive(ring, now).codePeppers.map(textOf)
const signer = (ring: KeyRing, now: number): string | undefined => signingIn(ring, now)?.id

describe('SES-11 the ring', () => {
  test('SES-11 a fresh generation is accepted from its making and signs 60 s later to the millisecond', () => {
    const ring = rotate(UNROTATED, 'two', NOON)
    expect(ids(acceptedIn(ring, NOON))).toEqual(['key_first', 'key_two'])
    expect(PRE_ACCEPTANCE_MS).toBe(60 * SECOND)
    expect(signer(ring, NOON)).toBe('key_first')
    expect(signer(ring, NOON + MINUTE - 1)).toBe('key_first')
    expect(signer(ring, NOON + MINUTE)).toBe('key_two')
  })

  test('SES-11 what older ones signed counts for the longest life of a token after the last of it', () => {
    const ring = rotate(UNROTATED, 'two', NOON)
    const end = NOON + MINUTE + DAY
    expect(ids(acceptedIn(ring, end - 1))).toEqual(['key_first', 'key_two'])
    expect(ids(acceptedIn(ring, end))).toEqual(['key_two'])
    // A later rotation gives it no longer life.
    const later = rotate(ring, 'three', NOON + HOUR)
    expect(ids(acceptedIn(later, end))).toEqual(['key_two', 'key_three'])
    expect(ids(rotate(later, 'four', end).generations)).toEqual([
      'key_two',
      'key_three',
      'key_four',
    ])
  })

  test('SES-11 a rotation under way is not overtaken by another, until its keys sign', () => {
    const ring = rotate(UNROTATED, 'two', NOON)
    for (const after of [0, 1, MINUTE - 1]) expect(rotate(ring, 'x', NOON + after)).toBe(ring)
    const next = rotate(ring, 'three', NOON + MINUTE)
    expect(ids(next.generations)).toEqual(['key_first', 'key_two', 'key_three'])
    expect(signer(next, NOON + MINUTE)).toBe('key_two')
  })

  test('SES-11 to end what is old, the fresh one signs at once and stands alone, also during a rotation', () => {
    for (const ring of [UNROTATED, rotate(UNROTATED, 'two', NOON), { generations: [] }]) {
      const ended = rotate(ring, 'last', NOON, 'end')
      expect(ids(acceptedIn(ended, NOON))).toEqual(['key_last'])
      expect(signer(ended, NOON)).toBe('key_last')
    }
  })

  test('SES-11 what another rotates, in whatever order, leaves one that signs at every moment', () => {
    let ring = UNROTATED
    for (let step = 0; step < 500; step++) {
      const now = NOON + step * 17 * SECOND
      ring = rotate(ring, `n${step}`, now, step % 97 === 96 ? 'end' : 'live-out')
      for (const at of [-10 * 365 * DAY, -HOUR, 0, HOUR, 10 * 365 * DAY])
        expect(signingIn(ring, now + at)).not.toBeNull()
    }
  })

  test('SES-11 a ring keeps 64 generations at most, the newest', () => {
    let ring = UNROTATED
    for (let step = 0; step < 200; step++) ring = rotate(ring, `n${step}`, NOON + step * MINUTE)
    expect(ring.generations).toHaveLength(64)
    expect(ring.generations.at(-1)!.id).toBe('key_n199')
    expect(ring.generations.filter(({ acceptUntil }) => acceptUntil === null)).toHaveLength(1)
  })

  test('SES-11 codes that were made since the rotation before are found behind one, whenever they were made', () => {
    let ring = UNROTATED
    let made: { at: number; pepper: string }[] = []
    for (let second = 0; second < 600; second += 5) {
      const now = NOON + second * SECOND
      if (second % 60 === 0) {
        ring = rotate(ring, `n${second}`, now)
        const found = peppersOf(ring, now)
        const lost = made.filter(({ at, pepper }) => at >= now - MINUTE && !found.includes(pepper))
        expect(lost, `${second} s`).toEqual([])
        made = []
      }
      made.push({ at: now, pepper: pepperOf(ring, now) })
    }
  })

  test('SES-11 SEC-06 an hour back an older generation signs again, and codes that are made then are found', () => {
    let ring = rotate(UNROTATED, 'two', NOON)
    ring = rotate(ring, 'three', NOON + MINUTE)
    ring = rotate(ring, 'four', NOON + 2 * MINUTE)
    for (const at of [NOON - HOUR, NOON, NOON + MINUTE, NOON + HOUR]) {
      expect(ids(acceptedIn(ring, at)), `${at - NOON}`).toContain(signer(ring, at))
      const pepper = pepperOf(ring, at)
      for (const later of [at, NOON + HOUR])
        expect(peppersOf(ring, later), `${at - NOON}`).toContain(pepper)
    }
  })

  test('SES-11 SEC-06 a rotation by a clock ten years ahead does not stand in the way, and gives nothing old a longer life', () => {
    const ahead = rotate(UNROTATED, 'ahead', NOON + 3_650 * DAY)
    expect(signer(ahead, NOON)).toBe('key_first')
    const mended = rotate(ahead, 'mended', NOON)
    expect(signer(mended, NOON + MINUTE)).toBe('key_mended')
    expect(signer(mended, NOON + 3_650 * DAY)).not.toBe('key_ahead')
    expect(ids(acceptedIn(mended, NOON + MINUTE + DAY))).toEqual(['key_mended'])
  })
})
