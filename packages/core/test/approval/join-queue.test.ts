import { describe, expect, test } from 'vitest'
import { joinQueue, type Place } from '../../src/approval/queue.ts'
import type { ApprovalId, Thumbprint } from '../../src/ids.ts'

const HALF = 300

const place = (n: number, holdsCode: boolean, more: Partial<Place> = {}): Place => ({
  id: `apr_${n}` as ApprovalId,
  thumbprint: `key-${n}` as Thumbprint,
  network: `network-${n}`,
  holdsCode,
  since: 0,
  expiresAt: 10_000,
  ...more,
})
const many = (count: number, holdsCode: boolean, from = 0): Place[] =>
  Array.from({ length: count }, (_, n) => place(from + n, holdsCode))

describe('APP-09 where code holders have all places', () => {
  test('APP-09 no stranger joins them, however long they wait', () => {
    for (const now of [0, HALF, 9_000])
      expect(joinQueue(many(32, true), place(99, false, { since: now }), HALF, now)).toEqual({
        ok: false,
        retryMs: HALF,
      })
  })
})

describe('APP-09 a code holder who finds no place', () => {
  test.each([
    ['young', 100],
    ['old', 1_000],
  ])(
    'APP-09 takes that of a stranger, also where two of his like are the busiest network (%s)',
    (_, now) => {
      const waiting = [
        ...many(14, true),
        place(14, true, { network: 'home' }),
        place(15, true, { network: 'home' }),
        ...many(16, false, 50),
      ]
      expect(joinQueue(waiting, place(99, true, { since: now }), HALF, now)).toMatchObject({
        ok: true,
        displaced: { id: 'apr_50', holdsCode: false },
      })
    },
  )
})

test.each([1, 2, 3, 4, 5, 6, 7, 8])(
  'APP-09 32 wait at most, 16 of them strangers, and two of a network and class (walk %i)',
  (seed) => {
    let state = seed
    const draw = (below: number): number => {
      state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
      return (state >>> 8) % below
    }
    let places: Place[] = []
    let displaced = 0
    for (let n = 0; n < 2_000; n++) {
      const now = n * 5
      // those who hold codes come in waves
      const holdsCode = draw(10) < (Math.floor(n / 200) % 2 ? 9 : 2)
      const next = place(n, holdsCode, { network: `network-${draw(40)}`, since: now })
      const strangers = places.filter((each) => !each.holdsCode).length
      const joined = joinQueue(places, next, HALF, now)
      if (!joined.ok) continue
      const gone = joined.displaced
      if (gone) displaced++
      // nobody with a code makes room for somebody without
      expect(gone?.holdsCode === true && !holdsCode).toBe(false)
      // nor for one from elsewhere while there are strangers
      if (gone?.holdsCode && gone.network !== next.network) expect(strangers).toBe(0)
      places = joined.places
      expect(places.length).toBeLessThanOrEqual(32)
      expect(places.filter((each) => !each.holdsCode).length).toBeLessThanOrEqual(16)
      const alike = places.filter(
        (each) => each.network === next.network && each.holdsCode === holdsCode,
      )
      expect(alike.length).toBeLessThanOrEqual(2)
      places = places.filter(() => draw(60) > 0)
    }
    expect(displaced).toBeGreaterThan(20)
  },
)
