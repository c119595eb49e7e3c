import { createPair, memoryStore } from '@pair/core'
import { fixedClock, signIn } from '@pair/testkit/app'
import { describe, expect, it } from 'vitest'

const T0 = Date.UTC(2026, 0, 1)
const HOUR = 3_600_000

describe('a fixed clock', () => {
  it('stands until it is moved', () => {
    const clock = fixedClock(T0)
    expect([clock(), clock()]).toEqual([T0, T0])
    clock.advance(1_500)
    expect(clock()).toBe(T0 + 1_500)
    clock.set(5)
    expect(clock()).toBe(5)
  })

  it('moves the pair that it was given to', async () => {
    const clock = fixedClock(T0)
    const secret = 'a secret of these tests, 32 bytes or more'
    const pair = createPair({ secret, store: memoryStore({ clock }), clock })
    const { headers } = await signIn(pair)
    const whoAsks = async (): Promise<string> =>
      (await pair.authenticate(new Request('http://localhost/', { headers }))).kind
    clock.advance(23 * HOUR)
    expect(await whoAsks()).toBe('session')
    clock.advance(2 * HOUR)
    expect(await whoAsks()).toBe('none')
    await pair.close()
  })
})
