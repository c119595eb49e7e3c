import { describe, expect, test } from 'vitest'
import type { Store } from '../../src/ports/store.ts'
import { STORES } from '../kit/stores.ts'
import { createCarrier, createRelayKey, once, type Carrier, type Change } from './carrier.ts'

const SECOND = 1_000
const HOUR = 3_600_000
const key = createRelayKey()

/** Instances that each have a clock, with one client. */
async function createTwo(first: Store, second: Store): Promise<[Carrier, Carrier]> {
  const one = await createCarrier({ key, store: first })
  const two = await createCarrier({ key, store: second })
  return [one, { ...two, client: one.client }]
}

describe('two instances', () => {
  test.each(STORES)(
    'APP-18: a request that one took is refused by the other ($name)',
    async (kind) => {
      const [one, two] = await createTwo(...kind.openTwo())
      const request = await one.request()
      expect((await one.mint(request)).status).toBe(200)
      expect((await two.mint(request)).body.code).toBe('relay_refused')
    },
  )

  test.each(STORES)(
    'APP-18: of 20 who bring one request to each of two instances at once, one wins ($name)',
    async (kind) => {
      for (let round = 0; round < 8; round++) {
        const [one, two] = await createTwo(...kind.openTwo())
        const jti = once()
        const requests = await Promise.all([one.request({ jti }), one.request({ jti })])
        const answers = await Promise.all(
          Array.from({ length: 40 }, (_, at) =>
            one.mint(requests[(at >> 1) % 2]!, at % 2 ? one : two),
          ),
        )
        expect(answers.filter(({ status }) => status === 200)).toHaveLength(1)
        expect((await one.pair.codes.list()).items).toHaveLength(1)
        await Promise.all([one.pair.close(), two.pair.close()])
      }
    },
    30_000,
  )
})

describe('how long what was said once is known', () => {
  /** A request that is taken as long as any can be: all in it is as far ahead as clocks may be. */
  const longest = (carrier: Carrier): Change => {
    const ahead = Math.floor(carrier.now() / SECOND) + 5
    return {
      now: ahead * SECOND,
      lifeSeconds: 300,
      wish: { requestedAt: ahead },
      proof: { iat: ahead },
    }
  }

  test('APP-18: no sweep forgets a mark as long as its request could be taken', async () => {
    const carrier = await createCarrier({ key })
    const fresh = await carrier.request(longest(carrier))
    const spent = await carrier.request(longest(carrier))
    expect((await carrier.mint(spent)).status).toBe(200)
    let taken = 0
    for (let age = 0; age < 320; age += 5) {
      await carrier.pair.sweep()
      expect((await carrier.mint(spent)).status, `after ${age} s`).toBe(401)
      // Every so long another that was as fresh is taken still: it is the mark that refuses.
      const probe = await createCarrier({ key, clock: carrier.now })
      if ((await probe.mint(fresh)).status === 200) taken = age
      carrier.pass(5 * SECOND)
    }
    expect(taken).toBe(300)
  })

  test('APP-18: marks are kept an hour longer than any request can be taken, then forgotten', async () => {
    const carrier = await createCarrier()
    await carrier.mint(await carrier.request(longest(carrier)))
    const marks = async (): Promise<number> =>
      (await carrier.store.list(['pair', 'relay'], { limit: 10 })).length
    expect(await marks()).toBe(3)
    carrier.pass(305 * SECOND + HOUR)
    await carrier.pair.sweep()
    expect(await marks()).toBe(3)
    carrier.pass(1)
    await carrier.pair.sweep()
    expect(await marks()).toBe(0)
  })

  test.each([-10, -3, 3, 10].map((minutes) => [minutes]))(
    'APP-18: a clock that jumps by %d minutes and back lets no request in twice',
    async (minutes) => {
      const carrier = await createCarrier()
      const spent = await carrier.request(longest(carrier))
      const unsent = await carrier.request()
      expect((await carrier.mint(spent)).status).toBe(200)
      carrier.pass(minutes * 60 * SECOND)
      expect((await carrier.mint(spent)).status).toBe(401)
      // Old, or of times to come.
      if (Math.abs(minutes) >= 3) expect((await carrier.mint(unsent)).status).toBe(401)
      await carrier.pair.sweep()
      carrier.pass(-minutes * 60 * SECOND)
      await carrier.pair.sweep()
      expect((await carrier.mint(spent)).status).toBe(401)
      expect((await carrier.mint(unsent)).status).toBe(200)
      expect((await carrier.mint(unsent)).status).toBe(401)
    },
  )

  test('APP-18: a clock that runs a day ahead forgets nothing that its store knows better', async () => {
    const at = { ms: 1_800_000_000_000 }
    const truth = at.ms
    const carrier = await createCarrier({ clock: () => at.ms, storeClock: () => truth })
    const spent = await carrier.request(longest(carrier))
    expect((await carrier.mint(spent)).status).toBe(200)
    at.ms += 24 * HOUR
    await carrier.pair.sweep()
    at.ms = truth
    expect((await carrier.mint(spent)).status).toBe(401)
  })

  test('APP-18: a mark that can not be read counts as one', async () => {
    const carrier = await createCarrier()
    const request = await carrier.request()
    const probe = await createCarrier({ key: carrier.key })
    await probe.mint(request)
    const marks = await probe.store.list(['pair', 'relay'], { limit: 10 })
    expect(marks).toHaveLength(3)
    for (const { key: place } of marks) {
      const fresh = await createCarrier({ key: carrier.key })
      await fresh.store.commit([], [{ key: place, value: '{', purgeAt: null }])
      expect((await fresh.mint(request)).body.code).toBe('relay_refused')
    }
  })
})

test('APP-18: what many relays’ clients ask for leaves three marks each and no more', async () => {
  const carrier = await createCarrier()
  for (let each = 0; each < 20; each++) await carrier.mint(await carrier.request())
  for (let each = 0; each < 20; each++)
    await carrier.mint(await carrier.request({ proof: { htm: 'GET' } }))
  const marks = await carrier.store.list(['pair', 'relay'], { limit: 1_000 })
  expect(marks).toHaveLength(60)
  for (const { value } of marks) {
    expect(Object.keys((JSON.parse(value) as { record: object }).record)).toEqual(['at', 'mint'])
    expect(value).not.toContain(carrier.wish.nonce)
  }
})
