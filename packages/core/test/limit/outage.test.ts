import { describe, expect, test } from 'vitest'
import { STORES } from '../kit/stores.ts'
import { counting } from '../kit/counting.ts'
import { createDeviceKey } from '../kit/device.ts'
import { COUNTER_FAULTS, failingCounters } from '../kit/failing-counters.ts'
import { BY_DEFAULT, createHouse, HOME, toldOf, wrongCode } from '../kit/guessers.ts'
import type { Answer } from '../kit/newcomers.ts'
import { keptSecrets } from '../kit/secrets.ts'
import { ORIGIN } from '../kit/server.ts'
import { createVisitor, pairVisitor } from '../kit/visitor.ts'
import { STRANGERS } from './stranger-routes.ts'

/** A call that nobody answers is given up after two seconds; all of them at once. */
const PATIENCE_MS = 20_000

describe.each(STORES)('on $name', (store) => {
  describe.each(COUNTER_FAULTS)('where counting %s', (fault) => {
    test(
      'LIM-05 every route that counts answers 503, never 429, and lets nobody pass; who is in stays in',
      async () => {
        const failing = failingCounters(store.open())
        const counted = counting(failing.store)
        const house = createHouse({
          ...BY_DEFAULT,
          store: counted.store,
          secret: keptSecrets(),
          keyless: 'full',
        })
        const info = { remoteAddress: '203.0.113.50' }
        const key = await createDeviceKey()
        const keyed = await pairVisitor(house, { key, info })
        const stranger = createVisitor(house, await createDeviceKey(), info)
        const bearer = await pairVisitor(house, { transport: 'bearer', info })
        const { code, typed, link } = await house.pair.codes.issue({})
        const { secret } = (await house.pair.ownerSecret({ origin: house.origin }))!
        counted.clear()
        failing.fail(fault)

        const asStranger = STRANGERS.map(({ method, path, body }) =>
          house.call(`/auth/${path}`, {
            method,
            ...(body === undefined ? {} : { body }),
            info: { remoteAddress: HOME },
          }),
        )
        const device = { label: 'A phone', kind: 'browser' }
        const more: Promise<Pick<Answer, 'status' | 'headers'>>[] = [
          house.redeem(typed),
          house.redeem(new URL(link).hash.replace('#code=', '')),
          house.preview(typed),
          house.ask('claim-owner', { secret, device }),
          house.ask('redeem', { code: typed }, HOME, { 'x-forwarded-for': '192.0.2.1' }),
          bearer.call('POST', '/tickets', { body: { for: 'socket' } }),
          house.ask('renew', { refreshToken: `ses_${'A'.repeat(22)}.${'A'.repeat(43)}` }),
          keyed.call('POST', '/renew', { body: {}, proof: true, cookies: false }),
          bearer.call('POST', '/renew', {
            body: { refreshToken: bearer.refreshToken },
            authorization: null,
          }),
          stranger.call('POST', '/renew', { body: {}, proof: true }),
          house.call(`/auth/session?ticket=${'A'.repeat(43)}`, { info }),
          house.pair
            .limit(new Request(`${ORIGIN}/app`), info, { name: 'app', max: 1 })
            .then((limited) => {
              if (limited.ok) throw new Error('it passed')
              return limited.response
            }),
        ]
        for (const answer of await Promise.all([...asStranger, ...more])) {
          expect(answer.status).toBe(503)
          expect(answer.headers.get('retry-after')).toBe('1')
          expect(answer.headers.getSetCookie()).toEqual([])
        }
        expect(counted.lookups()).toBe(0)

        // Sessions hang on nothing that counts.
        expect((await keyed.call('GET', '/session', { proof: true })).body.authenticated).toBe(true)
        expect((await bearer.call('GET', '/session')).body.authenticated).toBe(true)
        const guarded = await bearer.request('GET', '/notes')
        expect((await house.pair.guard(guarded, info, { scopes: ['notes:read'] })).ok).toBe(true)
        const codes = await keyed.call('GET', '/codes', { proof: true })
        expect(codes.body).toMatchObject({ items: [{ id: code.id, used: 0 }] })
        const deed = { body: {}, proof: true } as const
        expect((await keyed.call('POST', '/codes', deed)).status).toBe(201)
        expect((await bearer.call('POST', '/logout', { body: {} })).status).toBe(204)

        failing.fail(null)
        expect(toldOf(await house.redeem(typed, '203.0.113.8'))).toBe('in')
      },
      PATIENCE_MS,
    )
  })

  test.each(['redeem', 'begun', 'cleared', 'typed-codes'])(
    'LIM-05 where only the counter of %s fails no code is judged',
    async (word) => {
      const failing = failingCounters(store.open())
      const counted = counting(failing.store)
      const house = createHouse({ ...BY_DEFAULT, store: counted.store })
      const typed = await house.typed()
      counted.clear()
      failing.fail('throws', (key) => key[2] === word)
      for (const code of [typed, wrongCode(1)])
        expect(toldOf(await house.redeem(code))).toBe('store_unavailable')
      expect(counted.lookups()).toBe(0)
      failing.fail(null)
      expect(toldOf(await house.redeem(typed))).toBe('in')
    },
  )

  test('LIM-05 where one of two instances can not count it alone answers 503, and what the other counts holds for both', async () => {
    const [here, there] = store.openTwo()
    const failing = failingCounters(here)
    const [one, other] = [
      createHouse({ ...BY_DEFAULT, store: failing.store }),
      createHouse({ ...BY_DEFAULT, store: there }),
    ]
    const typed = await one.typed()
    failing.fail('throws')
    expect(toldOf(await one.redeem(typed))).toBe('store_unavailable')
    for (let count = 0; count < 8; count++)
      expect(toldOf(await other.redeem(wrongCode(count)))).toBe('code_invalid')
    expect(toldOf(await one.redeem(typed))).toBe('store_unavailable')
    failing.fail(null)
    for (const house of [one, other]) expect(toldOf(await house.redeem(typed))).toBe('rate_limited')
    expect(toldOf(await other.redeem(typed, '203.0.113.9'))).toBe('in')
  })

  test('LIM-05 where a lock can’t be read nobody passes, and where it can’t be written the tenth is the last all the same', async () => {
    const real = store.open()
    let broken: 'read' | 'commit' | null = null
    const isLock = (key: readonly string[]): boolean => key[1] === 'lockout'
    const counted = counting({
      ...real,
      async read(key) {
        if (broken === 'read' && isLock(key)) throw new Error('ECONNRESET')
        return real.read(key)
      },
      async commit(checks, writes) {
        if (broken === 'commit' && checks.some(({ key }) => isLock(key)))
          throw new Error('ECONNRESET')
        return real.commit(checks, writes)
      },
    })
    const house = createHouse({ store: counted.store })
    const typed = await house.typed()
    broken = 'read'
    expect(toldOf(await house.redeem(typed))).toBe('store_unavailable')
    broken = 'commit'
    expect(await house.fail(10)).toEqual(Array(10).fill('code_invalid'))
    counted.clear()
    expect(toldOf(await house.redeem(typed))).toBe('store_unavailable')
    expect(counted.lookups()).toBe(0)
    broken = null
    expect(toldOf(await house.redeem(typed))).toBe('locked_out')
  })
})
