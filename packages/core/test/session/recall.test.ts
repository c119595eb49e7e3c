import { describe, expect, test } from 'vitest'
import { fixedClock } from '@pair/testkit/app'
import { faultyStore } from '@pair/testkit/store'
import type { Store, Tail } from '../../src/ports/store.ts'
import { memoryStore } from '../../src/storage/memory/memory-store.ts'
import { NOON } from '../kit/clock.ts'
import { counting } from '../kit/counting.ts'
import { startServer, type Server } from '../kit/server.ts'
import { pairVisitor, type PairWish, type Visitor } from '../kit/visitor.ts'
import { openWorkshop, settled, type Workshop } from '../kit/workshop.ts'

/** An instance that has seen a token, and another, `server`, on the same store, which decides. */
interface Seen {
  server: Server
  visitor: Visitor
  shop: Workshop
  token: string
  /** Is it let in without a look at the store? */
  isKnown(): boolean
}

async function see(own: (store: Store) => Store, wish: PairWish = {}): Promise<Seen> {
  const clock = fixedClock(NOON)
  const store = memoryStore({ clock })
  const server = startServer({ clock, store })
  const visitor = await pairVisitor(server, { transport: 'bearer', ...wish })
  const shop = openWorkshop({ store: own(store), clock })
  const token = visitor.accessToken!
  const seen: Seen = {
    server,
    visitor,
    shop,
    token,
    isKnown: () => shop.verifier.recall(token, 'bearer') !== null,
  }
  await warm(seen)
  return seen
}

/** Asks until changes are heard, and once more. */
async function warm({ shop, token }: Pick<Seen, 'shop' | 'token'>): Promise<void> {
  for (let round = 0; round < 2; round++) {
    await shop.verifier.verify(token, 'bearer')
    await settled()
  }
}

const same = (store: Store): Store => store

function deaf(real: Store): Store {
  const { watch: _, ...store } = real
  return store
}

/** Every way in which a session ends or changes, as another instance decides it. */
const CHANGES: [string, (seen: Seen) => Promise<unknown>, 'revoked' | 'narrower'][] = [
  ['session', ({ server, visitor }) => server.pair.sessions.revoke(visitor.session.id), 'revoked'],
  [
    'device',
    ({ server, visitor }) => server.pair.devices.revoke(visitor.session.device.id),
    'revoked',
  ],
  ['epoch', ({ server }) => server.pair.sessions.revokeAll(), 'revoked'],
  ['logout', ({ visitor }) => visitor.call('POST', '/logout'), 'revoked'],
  [
    'others',
    async ({ server }) => {
      const another = await pairVisitor(server, { transport: 'bearer' })
      await server.pair.sessions.revokeOthers(another.session.id)
    },
    'revoked',
  ],
  [
    'narrowing',
    ({ server, visitor }) => server.pair.sessions.narrow(visitor.session.id, ['notes:read']),
    'narrower',
  ],
]

/** How the other instance hears, or doesn't. */
const EARS: [string, (store: Store) => Store][] = [
  ['a watch that hears', same],
  ['no watch', deaf],
  [
    'a watch that hangs half open: it believes that it hears',
    (store) => {
      const faulty = faultyStore(store)
      const watch = faulty.store.watch!
      return {
        ...faulty.store,
        watch: (prefix, on) => {
          const stop = watch(prefix, on)
          faulty.dropWatch('silent')
          return stop
        },
      }
    },
  ],
  [
    'a watch that dies and says so',
    (store) => ({
      ...store,
      watch: (prefix, on) => {
        on.live(true)
        on.live(false)
        return () => void prefix
      },
    }),
  ],
  ['a watch that never says anything', (store) => ({ ...store, watch: () => () => {} })],
]

describe.each(EARS)('with %s', (_, own) => {
  test.each(CHANGES)(
    'SEC-19 what a %s changes elsewhere is not answered from memory 700 ms later, and a look tells it',
    async (_name, change, becomes) => {
      const seen = await see(own)
      await seen.shop.timers.pass(300)
      await warm(seen)
      expect(seen.isKnown()).toBe(true)
      await change(seen)
      await seen.shop.timers.pass(700)
      expect(seen.isKnown()).toBe(false)
      const found = await seen.shop.verifier.verify(seen.token, 'bearer')
      expect(found).toMatchObject(
        becomes === 'narrower'
          ? { ok: true, session: { scopes: ['notes:read'] } }
          : { ok: false, reason: 'revoked' },
      )
    },
  )
})

describe('the hot path', () => {
  test('SEC-19 a half-open watch over a journal that holds back keeps nothing alive, and no socket either', async () => {
    let held = false
    const seen = await see((store) => ({
      ...store,
      watch: (_, on) => {
        on.live(true)
        return () => {}
      },
      tail: async (...asked) => {
        const found = await store.tail(...asked)
        return held ? { ...found, items: [], settled: false } : found
      },
    }))
    expect(seen.isKnown()).toBe(true)
    const ended: string[] = []
    const found = await seen.shop.verifier.verify(seen.token, 'bearer')
    if (!found.ok) throw new Error(found.detail)
    seen.shop.live.hold(found.session, { changed() {}, ended: (why) => void ended.push(why) })
    await settled()
    held = true
    await seen.server.pair.sessions.revoke(seen.visitor.session.id)
    await seen.shop.timers.pass(1_000)
    expect([seen.isKnown(), ended]).toEqual([false, ['revoked']])
  })

  test('SEC-19 a token is verified once more every five minutes, whatever is heard', async () => {
    const seen = await see(same)
    seen.server.clock.advance(299_999)
    expect(seen.isKnown()).toBe(true)
    seen.server.clock.advance(1)
    expect(seen.isKnown()).toBe(false)
  })

  test('SEC-19 who revokes has it at once: nothing is answered from memory behind its own commit', async () => {
    const seen = await see(same)
    expect(seen.isKnown()).toBe(true)
    await seen.shop.sessions.revoke(seen.visitor.session.id)
    expect(seen.isKnown()).toBe(false)
  })

  test('SEC-19 by watch another instance has it without any timer', async () => {
    const seen = await see(same)
    await seen.server.pair.sessions.revoke(seen.visitor.session.id)
    expect(seen.isKnown()).toBe(false)
  })

  test('SEC-19 a known token costs no call of the store', async () => {
    let counted: ReturnType<typeof counting> | undefined
    const seen = await see((store) => (counted = counting(store)).store)
    counted!.clear()
    for (let times = 0; times < 1_000; times++) expect(seen.isKnown()).toBe(true)
    await settled()
    expect(counted!.calls).toEqual([])
  })

  test('SEC-19 a journal that can not be looked at ends it within half a second, whatever the watch says', async () => {
    for (const fault of ['throws', 'hangs'] as const) {
      let down = false
      const seen = await see((store) => ({
        ...store,
        tail: (...asked): Promise<Tail> =>
          down
            ? fault === 'throws'
              ? Promise.reject(new Error('gone'))
              : new Promise(() => {})
            : store.tail(...asked),
      }))
      down = true
      await seen.shop.timers.pass(499)
      await seen.shop.timers.pass(1)
      expect(seen.isKnown(), fault).toBe(false)
      // and it is verified by the store, as long as that can be
      expect(await seen.shop.verifier.verify(seen.token, 'bearer')).toMatchObject({ ok: true })
      expect(seen.isKnown(), fault).toBe(false)
      down = false
      await seen.shop.timers.pass(2_500)
      await warm(seen)
      expect(seen.isKnown(), fault).toBe(true)
    }
  })

  test('SEC-19 a journal that holds something back keeps nothing alive, whatever the watch says', async () => {
    const unsettled = (store: Store): Store => ({
      ...store,
      tail: async (...asked) => ({ ...(await store.tail(...asked)), settled: false }),
    })
    expect((await see((store) => unsettled(deaf(store)))).isKnown()).toBe(false)
    expect((await see(unsettled)).isKnown()).toBe(false)
  })

  test('SEC-19 a process that was stopped for a second believes nothing of before', async () => {
    let stopped = 0
    const seen = await see(same)
    const { elapsed } = seen.shop.timers
    seen.shop.timers.elapsed = () => elapsed() + stopped
    stopped = 1_000
    expect(seen.isKnown()).toBe(false)
  })

  test('SEC-19 what was read before a change is not remembered behind it, 40 at once', async () => {
    for (let round = 0; round < 8; round++) {
      let gate: Promise<void> | null = null
      let open = (): void => {}
      const seen = await see((store) => ({
        ...store,
        async read(key) {
          const entry = await store.read(key)
          await gate
          return entry
        },
      }))
      // forgotten, so that it has to be looked up again
      await seen.server.pair.devices.rename(seen.visitor.session.device.id, `round ${round}`)
      expect(seen.isKnown()).toBe(false)
      gate = new Promise((resolve) => (open = resolve))
      const asking = Array.from({ length: 40 }, () =>
        seen.shop.verifier.verify(seen.token, 'bearer'),
      )
      await settled()
      await seen.server.pair.sessions.revoke(seen.visitor.session.id)
      open()
      await Promise.all(asking)
      expect(seen.isKnown()).toBe(false)
    }
  })

  test('SES-03 only the very same text is known, presented in the same way', async () => {
    const { shop, token } = await see(same)
    const [head = '', body = '', tail = ''] = token.split('.')
    const others = [
      `${head}.${body}x.${tail}`,
      `${body}.${head}.${tail}`,
      `.${tail}`,
      tail,
      `${token} `,
    ]
    for (const text of others) expect(shop.verifier.recall(text, 'bearer'), text).toBeNull()
    expect(shop.verifier.recall(token, 'dpop')).toBeNull()
    expect(shop.verifier.recall(token, 'cookie')).toBeNull()
    expect(shop.verifier.recall(token, 'bearer')).not.toBeNull()
  })

  test('SES-07 a known token ends at its second, and none is let in before its time', async () => {
    const seen = await see(same, { code: { session: { slidingMs: 120_000 } } })
    const { expiresAt } = seen.shop.verifier.recall(seen.token, 'bearer') as { expiresAt: number }
    seen.server.clock.set(expiresAt - 1)
    expect(seen.isKnown()).toBe(true)
    seen.server.clock.set(expiresAt)
    expect(seen.isKnown()).toBe(false)
    seen.server.clock.set(NOON - 60_000)
    expect(seen.isKnown()).toBe(false)
    seen.server.clock.set(Number.NaN)
    expect(seen.isKnown()).toBe(false)
  })

  test('SES-10 what an app does to the session that it was handed changes no other’s', async () => {
    const { shop, token } = await see(same)
    const found = shop.verifier.recall(token, 'bearer')
    if (!found?.ok) throw new Error('not known')
    expect(() => found.session.scopes.push('access:write')).toThrow(TypeError)
    expect(() => Object.assign(found.session.device, { label: 'x' })).toThrow(TypeError)
    expect(() => Object.assign(found, { expiresAt: Infinity })).toThrow(TypeError)
  })

  test('SES-11 keys that are ended elsewhere take what they signed along, within a second', async () => {
    for (const [, own] of EARS) {
      const seen = await see(own)
      await seen.server.pair.signingKeys.rotate({ old: 'end' })
      await seen.shop.timers.pass(700)
      expect(seen.isKnown()).toBe(false)
    }
  })

  test('SES-06 nobody looks at the journal for long where nobody asks', async () => {
    const seen = await see(same)
    await seen.shop.timers.pass(5_000)
    expect(seen.shop.timers.waiting()).toBe(0)
    expect(seen.isKnown()).toBe(false)
    await warm(seen)
    expect(seen.isKnown()).toBe(true)
  })
})
