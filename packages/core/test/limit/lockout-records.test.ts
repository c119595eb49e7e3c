import { describe, expect, test } from 'vitest'
import type { Place } from '../../src/limit/lockout-records.ts'
import { HOUR, MINUTE, SECOND } from '../../src/time.ts'
import { NOON } from '../kit/clock.ts'
import { HOME, openCounted } from '../kit/counted.ts'

const { network } = HOME
const RECORD = ['lockout', network, 'record']
/** Noon begins a slice of four quarters; it counts in the next, and a lock at the end of that is a quarter more. */
const KEPT_UNTIL = NOON + 3 * HOUR + 15 * MINUTE

const place = (generation: number): Place => ({
  network,
  generation,
  slice: NOON / HOUR,
  position: 2,
  since: NOON,
})

describe('the record of a lock', () => {
  test('LIM-02 says which generation, since when, and is kept as long as its counters', async () => {
    const { lockouts, stored } = openCounted()
    await lockouts.lock(network, NOON - SECOND, NOON)
    expect(await stored(RECORD)).toMatchObject({
      kind: 'lockout',
      record: { generation: 0, lockedAt: NOON - SECOND },
      purgeAt: KEPT_UNTIL,
    })
  })

  test('LIM-02 is not moved by guesses of the same time, and begins anew by a later one', async () => {
    const { lockouts, stored } = openCounted()
    await lockouts.lock(network, NOON, NOON)
    const first = await stored(RECORD)
    for (const since of [NOON - SECOND, NOON]) {
      await lockouts.lock(network, since, NOON + SECOND)
      expect(await stored(RECORD)).toEqual(first)
    }
    await lockouts.lock(network, NOON + 1, NOON + SECOND)
    expect(await stored(RECORD)).toMatchObject({ record: { generation: 0, lockedAt: NOON + 1 } })
  })

  test('LIM-02 once it is over the next lock is one of the next generation', async () => {
    const { lockouts, stored } = openCounted()
    await lockouts.lock(network, NOON, NOON)
    const later = NOON + 15 * MINUTE
    await lockouts.lock(network, NOON, later)
    expect(await stored(RECORD)).toMatchObject({ record: { generation: 1, lockedAt: NOON } })
  })

  test('LIM-02 of rivals the first stands', async () => {
    const { lockouts, stored } = openCounted()
    await Promise.all([
      lockouts.lock(network, NOON, NOON),
      lockouts.lock(network, NOON - SECOND, NOON),
    ])
    expect(await stored(RECORD)).toMatchObject({ record: { lockedAt: NOON } })
  })

  test('LIM-02 stands also where the failures that made it are of a slice that counts no more', async () => {
    const at = openCounted()
    for (let n = 0; n < 9; n++) await at.wrong()
    at.clock.advance(2 * HOUR - MINUTE)
    expect(await at.wrong()).toBe('wrong')
    at.clock.advance(2 * MINUTE)
    expect(await at.wrong()).toBe('locked_out')
  })
})

describe('the record of a generation', () => {
  test('LIM-02 is kept longer by who is counted in it later, and only then', async () => {
    const at = openCounted()
    await at.wrong()
    await at.right(true)
    const first = await at.stored(RECORD)
    expect(first).toMatchObject({
      record: { generation: 1, lockedAt: null },
      purgeAt: KEPT_UNTIL,
    })
    at.clock.advance(HOUR - 1)
    await at.wrong()
    expect(await at.stored(RECORD)).toEqual(first)
    at.clock.advance(1)
    await at.wrong()
    expect(await at.stored(RECORD)).toMatchObject({
      record: { generation: 1, lockedAt: null },
      purgeAt: KEPT_UNTIL + HOUR,
    })
  })

  test('LIM-02 keeps a lock that right answers lifted, and forgets one that is over', async () => {
    const { lockouts, stored } = openCounted()
    const lockedAt = NOON + HOUR - MINUTE
    await lockouts.lock(network, lockedAt, lockedAt)
    expect(await lockouts.enter(network, lockedAt + MINUTE)).toMatchObject({ generation: 0 })
    expect(await stored(RECORD)).toMatchObject({
      record: { generation: 0, lockedAt },
      purgeAt: KEPT_UNTIL + HOUR,
    })
    expect(await lockouts.enter(network, NOON + 2 * HOUR)).toMatchObject({ generation: 1 })
    expect(await stored(RECORD)).toMatchObject({ record: { generation: 1, lockedAt: null } })
  })

  test('LIM-02 is written anew by a mint of that generation, not by one of an older', async () => {
    const { lockouts, stored } = openCounted()
    await lockouts.forgive(place(0), NOON)
    expect(await stored(RECORD)).toMatchObject({ record: { generation: 1, lockedAt: null } })
    await lockouts.forgive(place(0), NOON)
    expect(await stored(RECORD)).toMatchObject({ record: { generation: 1 } })
    await lockouts.forgive(place(1), NOON)
    expect(await stored(RECORD)).toMatchObject({ record: { generation: 2 } })
    await lockouts.forgive(place(0), NOON)
    expect(await stored(RECORD)).toMatchObject({ record: { generation: 2 } })
  })
})

describe('a network that is not locked', () => {
  test('LIM-02 has no end of a lock, whether or not there is a record of it', async () => {
    const { lockouts } = openCounted()
    expect(await lockouts.lockedUntil(network, NOON)).toBeNull()
    await lockouts.forgive(place(0), NOON)
    expect(await lockouts.lockedUntil(network, NOON)).toBeNull()
    // one that right answers lifted
    await lockouts.lock(network, NOON, NOON)
    expect(await lockouts.lockedUntil(network, NOON)).toBeNull()
  })
})
