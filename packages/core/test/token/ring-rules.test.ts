import { expect, test } from 'vitest'
import {
  acceptedIn,
  FIRST_GENERATION,
  LONGEST_SIGNED_MS,
  lookupsIn,
  pepperIn,
  PRE_ACCEPTANCE_MS,
  rotateRing,
  signingIn,
  type Generation,
  type KeyRing,
} from '../../src/token/key-ring.ts'
import { DAY, HOUR } from '../../src/time.ts'
import { NOON } from '../kit/clock.ts'

/** One an hour, the last of which begins at noon. */
const generation = (n: number): Generation => ({
  id: `key_${n}`,
  createdAt: 0,
  activeAt: NOON - (4 - n) * HOUR,
  acceptUntil: null,
})
const RING: KeyRing = { generations: [1, 2, 3, 4].map(generation) }

test('SES-11 codes are looked up by three generations, and made under the one that has begun', () => {
  expect(lookupsIn(RING).map(({ id }) => id)).toEqual(['key_2', 'key_3', 'key_4'])
  expect(pepperIn(RING, NOON)?.id).toBe('key_4')
  expect(pepperIn(RING, NOON - 1)?.id).toBe('key_3')
  // by a clock that fell back the oldest of those by which it will be found
  expect(pepperIn(RING, 0)?.id).toBe('key_2')
  expect(signingIn(RING, 0)?.id).toBe('key_1')
  expect(pepperIn({ generations: [] }, NOON)).toBeNull()
})

test('SES-11 a rotation under way is not overtaken, however many there were before', () => {
  const wish = { id: 'key_5', old: 'live-out', longestMs: DAY } as const
  expect(LONGEST_SIGNED_MS).toBe(400 * DAY)
  for (const now of [NOON - 1, NOON - PRE_ACCEPTANCE_MS])
    expect(rotateRing(RING, wish, now)).toBe(RING)
  expect(rotateRing(RING, wish, NOON).generations).toHaveLength(5)
  expect(rotateRing(RING, wish, NOON - PRE_ACCEPTANCE_MS - 1).generations).toHaveLength(5)
})

test('SES-11 what a generation signed counts until its last millisecond', () => {
  const ring = { generations: [{ ...generation(1), acceptUntil: NOON }, generation(2)] }
  const at = (now: number): string[] => acceptedIn(ring, now).map(({ id }) => id)
  expect([at(NOON - 1), at(NOON)]).toEqual([['key_1', 'key_2'], ['key_2']])
  expect(signingIn(RING, NOON)?.id).toBe('key_4')
  expect(signingIn(RING, NOON - 1)?.id).toBe('key_3')
  expect(signingIn({ generations: [] }, NOON)).toBeNull()
  expect(FIRST_GENERATION).toEqual({
    id: 'key_first',
    createdAt: 0,
    activeAt: 0,
    acceptUntil: null,
  })
})

test('SES-11 a fresh generation begins a minute later, and older ones live out, no longer than they would have', () => {
  const soon = NOON + 2 * HOUR
  const ring = { generations: [{ ...generation(1), acceptUntil: soon }, generation(2)] }
  const wish = { id: 'key_5', old: 'live-out', longestMs: DAY } as const
  const activeAt = NOON + PRE_ACCEPTANCE_MS
  expect(rotateRing(ring, wish, NOON)).toEqual({
    generations: [
      { ...generation(1), acceptUntil: soon },
      { ...generation(2), acceptUntil: activeAt + DAY },
      { id: 'key_5', createdAt: NOON, activeAt, acceptUntil: null },
    ],
  })
  expect(rotateRing(ring, wish, soon).generations.map(({ id }) => id)).toEqual(['key_2', 'key_5'])
})

test('SES-11 where what is old is to end, the fresh one is alone and signs at once', () => {
  expect(rotateRing(RING, { id: 'key_5', old: 'end', longestMs: DAY }, NOON)).toEqual({
    generations: [{ id: 'key_5', createdAt: NOON, activeAt: NOON, acceptUntil: null }],
  })
})

test('SES-11 no more than sixty-four generations are kept, the newest', () => {
  let ring: KeyRing = { generations: [] }
  for (let n = 0; n < 70; n++) {
    const wish = { id: `key_${n}`, old: 'live-out', longestMs: 400 * DAY } as const
    ring = rotateRing(ring, wish, NOON + n * HOUR)
  }
  expect(ring.generations).toHaveLength(64)
  expect(ring.generations.at(-1)?.id).toBe('key_69')
})
