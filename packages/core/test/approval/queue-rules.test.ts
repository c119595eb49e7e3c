import { describe, expect, test } from 'vitest'
import { joinQueue, SHARED, type JoinOutcome, type Place } from '../../src/approval/queue.ts'

const KEEP = 300
const NOW = 10_000

const place = (n: number, more: Partial<Place> = {}): Place => ({
  id: `apr_${n}`,
  thumbprint: `key-${n}`,
  network: `network-${n}`,
  holdsCode: false,
  since: n,
  expiresAt: NOW * 2,
  ...more,
})
const many = (count: number, from: number, more: Partial<Place> = {}): Place[] =>
  Array.from({ length: count }, (_, n) => place(from + n, more))
const join = (waiting: readonly Place[], next: Place, now = NOW): JoinOutcome =>
  joinQueue(waiting, next, KEEP, now)
const ids = (outcome: JoinOutcome): string[] =>
  outcome.ok ? outcome.places.map(({ id }) => id.slice(4)) : []
const displaced = (outcome: JoinOutcome): string | null =>
  outcome.ok ? (outcome.displaced?.id ?? null) : null

describe('where there is room', () => {
  test('APP-09 nobody is displaced, and who came first is first', () => {
    const outcome = join([place(1), place(7)], place(4))
    expect(ids(outcome)).toEqual(['1', '4', '7'])
    expect(displaced(outcome)).toBeNull()
  })

  test('APP-09 a code holder joins also where strangers have all of theirs', () => {
    const strangers = many(16, 1)
    const outcome = join(strangers, place(99, { holdsCode: true }))
    expect(outcome).toMatchObject({ ok: true, displaced: null })
    expect(ids(outcome)).toHaveLength(17)
  })

  test('APP-09 the sixteenth stranger joins, the seventeenth takes a place', () => {
    expect(displaced(join(many(15, 1), place(99)))).toBeNull()
    const outcome = join(many(16, 1), place(99))
    expect(displaced(outcome)).toBe('apr_1')
    expect(ids(outcome)).toEqual([...many(15, 2), place(99)].map(({ id }) => id.slice(4)))
  })

  test('APP-09 a stranger joins beside thirty-one code holders, and does not join beside thirty-two', () => {
    const holders = (count: number): Place[] => many(count, 1, { holdsCode: true })
    expect(join(holders(31), place(99))).toMatchObject({ ok: true, displaced: null })
    expect(join(holders(32), place(99))).toEqual({ ok: false, retryMs: KEEP })
  })
})

describe('who asks again', () => {
  test('APP-09 goes on in his place, by his request or by his key', () => {
    const waiting = [place(1), place(2), place(3)]
    const again = place(2, { thumbprint: null })
    expect(ids(join(waiting, again))).toEqual(['1', '2', '3'])
    const anew = place(9, { thumbprint: 'key-2', since: 9 })
    expect(ids(join(waiting, anew))).toEqual(['1', '3', '9'])
  })

  test('APP-09 two without a key are two', () => {
    const waiting = [place(1, { thumbprint: null }), place(2, { thumbprint: null })]
    expect(ids(join(waiting, place(3, { thumbprint: null })))).toEqual(['1', '2', '3'])
  })
})

describe('two of a network', () => {
  const home = { network: 'home' }

  test('APP-09 and the third takes the place of the oldest of them, nobody else’s', () => {
    const outcome = join([place(1), place(2, home), place(3, home)], place(4, home))
    expect(displaced(outcome)).toBe('apr_2')
    expect(ids(outcome)).toEqual(['1', '3', '4'])
  })

  test('APP-09 without a code, and two with one', () => {
    const waiting = [place(1, home), place(2, home)]
    expect(displaced(join(waiting, place(3, { ...home, holdsCode: true })))).toBeNull()
    const holders = waiting.map((each) => ({ ...each, holdsCode: true }))
    expect(displaced(join(holders, place(3, home)))).toBeNull()
  })

  test('APP-09 are eight where networks can not be told', () => {
    const shared = { network: SHARED }
    expect(displaced(join(many(7, 1, shared), place(9, shared)))).toBeNull()
    expect(displaced(join(many(8, 1, shared), place(9, shared)))).toBe('apr_1')
  })

  test('APP-09 the oldest has its turn first: so long has who comes to wait', () => {
    const waiting = [place(1, { ...home, since: NOW }), place(2, { ...home, since: NOW })]
    const at = (now: number): JoinOutcome => join(waiting, place(3, { ...home, since: now }), now)
    expect(at(NOW)).toEqual({ ok: false, retryMs: KEEP })
    expect(at(NOW + KEEP - 1)).toEqual({ ok: false, retryMs: 1 })
    expect(displaced(at(NOW + KEEP))).toBe('apr_1')
  })

  test('SEC-06 one that a clock ahead put there holds up nobody', () => {
    const waiting = [place(1, { ...home, since: NOW + 1 }), place(2, { ...home, since: NOW + 1 })]
    expect(displaced(join(waiting, place(3, home)))).toBe('apr_1')
  })
})

describe('a full queue', () => {
  const holders = many(16, 1, { holdsCode: true })
  const home = { network: 'home' }
  const strangers = [place(20), place(21, home), place(22, home), ...many(13, 30)]

  test('APP-09 loses the oldest of the busiest network of strangers', () => {
    expect(displaced(join([...holders, ...strangers], place(99)))).toBe('apr_21')
    const holder = place(99, { holdsCode: true })
    expect(displaced(join([...holders, ...strangers], holder))).toBe('apr_21')
  })

  test('APP-09 of networks that are equally busy, the oldest of all', () => {
    expect(displaced(join([...holders, ...many(16, 40)], place(99)))).toBe('apr_40')
  })

  test('APP-09 a code holder need not wait for a stranger’s turn to end, a stranger has to', () => {
    const young = strangers.map((each) => ({ ...each, since: NOW }))
    expect(displaced(join([...holders, ...young], place(99, { holdsCode: true })))).toBe('apr_21')
    expect(join([...holders, ...young], place(99))).toEqual({ ok: false, retryMs: KEEP })
  })

  test('APP-09 where only code holders wait the busiest of their networks makes room for one of them', () => {
    const codes = { holdsCode: true }
    const waiting = [
      ...many(20, 1, codes),
      place(40, { ...codes, ...home }),
      place(41, { ...codes, ...home }),
      ...many(10, 50, codes),
    ]
    const outcome = join(waiting, place(99, codes))
    expect(displaced(outcome)).toBe('apr_40')
    expect(ids(outcome)).toHaveLength(32)
    expect(ids(outcome)).not.toContain('40')
  })
})
