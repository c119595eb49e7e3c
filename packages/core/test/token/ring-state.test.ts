import { describe, expect, test } from 'vitest'
import { DAY, HOUR, MINUTE } from '../../src/time.ts'
import { createDeviceKey } from '../kit/device.ts'
import {
  admitted,
  bearerOf,
  headerOf,
  plantRing,
  RING,
  rotations,
  twoInstances,
  withinASecond,
} from '../kit/rotations.ts'
import { ORIGIN, startServer, type Server } from '../kit/server.ts'
import { createVisitor, pairVisitor } from '../kit/visitor.ts'

const ring = (record: unknown): string =>
  JSON.stringify({ kind: 'key-ring', attempt: 'a', purgeAt: null, record })
const FIRST = { id: 'key_first', createdAt: 0, activeAt: 0, acceptUntil: null }

/** What may lie there and is no ring that anybody may sign by. */
const FOREIGN: Record<string, string> = {
  nothing: '',
  'half a record': '{"kind":"key-ring","attempt":"a","purgeAt":null,"record":{"gene',
  'another record': ring({ generations: [FIRST] }).replace('key-ring', 'owner'),
  'no generations': ring({}),
  'an empty ring': ring({ generations: [] }),
  'a ring whose generations are all over': ring({ generations: [{ ...FIRST, acceptUntil: 1 }] }),
  'a generation of a newer version': ring({ generations: [{ ...FIRST, activeAt: 'soon' }] }),
  'a generation without a name': ring({ generations: [{ ...FIRST, id: '' }] }),
  'a generation with the name of another thing': ring({ generations: [{ ...FIRST, id: 'ses_x' }] }),
}

/** What every way in answers. */
async function answers({ pair }: Server, token: string, code: string): Promise<number[]> {
  const call = async (path: string, init: RequestInit): Promise<number> =>
    (await pair.handler(new Request(`${ORIGIN}/auth/${path}`, init)))!.status
  const json = { 'content-type': 'application/json' }
  const headers = bearerOf(token)
  const guarded = await pair.guard(new Request(`${ORIGIN}/app`, { headers }), undefined, {})
  return [
    guarded.ok ? 200 : guarded.response.status,
    await call('session', { headers }),
    await call('jwks.json', {}),
    await call('redeem', { method: 'POST', headers: json, body: JSON.stringify({ code }) }),
  ]
}

describe('SES-11 a ring that can not be read', () => {
  test.each(Object.entries(FOREIGN))(
    'SES-11 %s: every way in is 503, on who knew the ring before too, and a rotation mends it',
    async (_, text) => {
      const [one, other] = twoInstances({ signing: 'eddsa' })
      const { accessToken } = await pairVisitor(one, { transport: 'bearer' })
      const key = await createDeviceKey()
      await pairVisitor(one, { key })
      const { typed } = await one.pair.codes.issue({ origin: ORIGIN })
      for (const server of [one, other])
        expect(await admitted(server, bearerOf(accessToken))).toBe('session')
      await plantRing(one.store, text)
      for (const server of [one, other])
        await withinASecond(
          async () =>
            (await answers(server, accessToken!, typed)).join() === [503, 503, 503, 503].join(),
        )
      await expect(one.pair.codes.issue({ origin: ORIGIN })).rejects.toMatchObject({
        code: 'store_unavailable',
      })
      const mended = await other.pair.signingKeys.rotate()
      expect(mended).toMatchObject([{ signing: true }])
      expect(await rotations(one)).toHaveLength(1)
      await withinASecond(
        async () => (await answers(one, accessToken!, typed)).join() === '401,200,200,401',
      )
      const renewed = await createVisitor(one, key).call('POST', '/renew', {
        body: {},
        proof: true,
      })
      expect(renewed.status).toBe(200)
      const fresh = await pairVisitor(one, { transport: 'bearer' })
      await withinASecond(
        async () => (await admitted(other, bearerOf(fresh.accessToken))) === 'session',
      )
    },
  )

  test('SES-11 it is never mended by itself', async () => {
    const server = startServer()
    await plantRing(server.store, FOREIGN['half a record']!)
    await server.pair.sweep()
    await answers(server, 'x', '222-222-222')
    expect((await server.store.read(RING))!.value).toBe(FOREIGN['half a record'])
  })
})

describe('SES-11 SEC-06 clocks', () => {
  test('SES-11 a clock that is not that of the store rotates nothing', async () => {
    const server = startServer({ storeClock: () => Date.UTC(2026, 10, 22, 13) })
    await expect(server.pair.signingKeys.rotate()).rejects.toMatchObject({ code: 'clock_skew' })
    expect(await rotations(server)).toEqual([])
  })

  test('SES-11 an hour back and ten years on, there are keys that sign, and all instances take what they sign', async () => {
    const [one, other] = twoInstances()
    const start = one.clock()
    await one.pair.signingKeys.rotate()
    const kids: string[] = []
    for (const jump of [0, MINUTE, -HOUR, 2 * HOUR, 3_650 * DAY]) {
      one.clock.set(start + jump)
      const { accessToken } = await pairVisitor(one, { transport: 'bearer' })
      kids.push(headerOf(accessToken!).kid!)
      for (const server of [one, other])
        expect(await admitted(server, bearerOf(accessToken)), `${jump}`).toBe('session')
    }
    const [before, after] = kids
    expect(kids).toEqual([before, after, before, after, after])
  })

  test('SES-11 after a rotation by a clock that ran ahead the true one rotates in its own time', async () => {
    const server = startServer()
    const start = server.clock()
    server.clock.set(start + 3_650 * DAY)
    await server.pair.signingKeys.rotate()
    server.clock.set(start)
    const list = await server.pair.signingKeys.rotate()
    server.clock.advance(MINUTE)
    const [signer] = (await server.pair.signingKeys.list()).filter(({ signing }) => signing)
    expect(signer!.id).toBe(list.at(-1)!.id)
    expect((await pairVisitor(server)).session.id).toMatch(/^ses_/)
  })
})
