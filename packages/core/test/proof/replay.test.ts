import { describe, expect, test } from 'vitest'
import { fixedClock } from '@pair/testkit/app'
import { faultyStore } from '@pair/testkit/store'
import type { Store } from '../../src/ports/store.ts'
import { memoryStore } from '../../src/storage/memory/memory-store.ts'
import { createDeviceKey } from '../kit/device.ts'
import { NOON } from '../kit/clock.ts'
import { jitteredStore, race } from '../kit/races.ts'
import { ORIGIN, startServer, type Server } from '../kit/server.ts'
import { createVisitor, pairVisitor, type Visitor } from '../kit/visitor.ts'

const APP = `${ORIGIN}/app`

async function dpopVisitor(server: Server): Promise<{
  visitor: Visitor
  prove: (jti?: string) => Promise<string>
  ask: (proof: string, at?: Server) => Promise<string>
}> {
  const key = await createDeviceKey()
  const visitor = await pairVisitor(server, { key, transport: 'dpop' })
  const token = visitor.accessToken!
  return {
    visitor,
    prove: (jti) =>
      key.prove({
        htm: 'GET',
        htu: APP,
        at: server.clock(),
        token,
        ...(jti === undefined ? {} : { jti }),
      }),
    ask: async (dpop, at = server) => {
      const guarded = await at.pair.guard(
        new Request(APP, { headers: { authorization: `DPoP ${token}`, dpop } }),
        undefined,
        {},
      )
      return guarded.ok ? 'ok' : ((await guarded.response.json()) as { code: string }).code
    },
  }
}

/** The same store, and how many proofs were marked as spent in it. */
function counted(store: Store): { store: Store; marks: () => number } {
  let marks = 0
  return {
    store: {
      ...store,
      async commit(checks, writes) {
        const done = await store.commit(checks, writes)
        if (done)
          marks += writes.filter((write) => 'key' in write && write.key[1] === 'proof').length
        return done
      },
    },
    marks: () => marks,
  }
}

describe('POP-01', () => {
  test.each([
    ['memory', (store: Store) => store],
    ['slow memory', (store: Store, round: number) => jitteredStore(store, round + 1)],
  ])(
    'POP-01 of 40 who bring one proof at once one passes, on two instances (%s)',
    async (_, wrap) => {
      for (let round = 0; round < 8; round++) {
        const clock = fixedClock(NOON)
        const store = wrap(memoryStore({ clock }), round)
        const [one, two] = [startServer({ store, clock }), startServer({ store, clock })]
        const { prove, ask } = await dpopVisitor(one)
        const proof = await prove()
        const answers = await race((rival) => ask(proof, rival % 2 ? one : two))
        expect(answers.filter((answer) => answer === 'ok')).toHaveLength(1)
        expect(answers.filter((answer) => answer === 'proof_invalid')).toHaveLength(39)
      }
    },
  )

  test('POP-01 replay goes by jti and key, never by the text: a second signature of one jti is refused', async () => {
    const server = startServer()
    const first = await dpopVisitor(server)
    const second = await dpopVisitor(server)
    const texts = [await first.prove('the-same-jti'), await first.prove('the-same-jti')]
    expect(texts[0]).not.toBe(texts[1])
    expect(await first.ask(texts[0]!)).toBe('ok')
    expect(await first.ask(texts[1]!)).toBe('proof_invalid')
    expect(await second.ask(await second.prove('the-same-jti'))).toBe('ok')
  })

  test('POP-01 a proof stays spent as long as it could pass, over every sweep', async () => {
    const server = startServer()
    const { prove, ask } = await dpopVisitor(server)
    const ahead = server.clock() + 5_000
    server.clock.set(ahead)
    const proof = await prove()
    server.clock.set(NOON)
    expect(await ask(proof)).toBe('ok')
    for (const age of [0, 100_000, 299_000, 300_000]) {
      server.clock.set(ahead + age)
      await server.pair.sweep()
      expect(await ask(proof)).toBe('proof_invalid')
    }
  })

  test('POP-01 one request that passes several guards proves itself once', async () => {
    const server = startServer()
    const key = await createDeviceKey()
    const visitor = await pairVisitor(server, { key, transport: 'dpop' })
    const request = await visitor.request('GET', '/app', { proof: true })
    for (const need of [{}, { scopes: ['notes:read'] as const }, { proof: 'required' as const }]) {
      expect((await server.pair.guard(request, undefined, need)).ok).toBe(true)
    }
    expect((await server.pair.guard(request.clone(), undefined, {})).ok).toBe(false)
  })
})

describe('POP-02', () => {
  test('POP-02 nothing is marked for a proof that fails a cheaper check', async () => {
    const { store, marks } = counted(memoryStore())
    const server = startServer({ store })
    const { visitor, ask } = await dpopVisitor(server)
    const key = visitor.key!
    const token = visitor.accessToken!
    const before = marks()
    const right = { htm: 'GET', htu: APP, at: NOON, token, jti: 'one-and-the-same' }
    for (const wish of [
      { ...right, htm: 'POST' },
      { ...right, htu: ORIGIN },
      { ...right, token: 'another' },
      { ...right, header: { typ: 'JWT' } },
    ]) {
      expect(await ask(await key.prove(wish))).toBe('proof_invalid')
    }
    for (const at of [NOON - 301_000, NOON + 6_000])
      expect(await ask(await key.prove({ ...right, at }))).toBe('use_dpop_nonce')
    expect(await ask(await (await createDeviceKey()).prove(right))).toBe('proof_invalid')
    expect(marks()).toBe(before)
    // None of them has used up the jti.
    expect(await ask(await key.prove(right))).toBe('ok')
    expect(marks()).toBe(before + 1)
  })

  test('POP-02 a spent mark is purged when the proof could no longer pass', async () => {
    const store = memoryStore()
    const server = startServer({ store })
    const { prove, ask } = await dpopVisitor(server)
    expect(await ask(await prove())).toBe('ok')
    const marks = async (): Promise<number> =>
      (await store.list(['pair', 'proof'], { limit: 100 })).length
    expect(await marks()).toBe(2)
    server.clock.advance(300_000)
    await server.pair.sweep()
    expect(await marks()).toBe(2)
    server.clock.advance(DAY)
    await server.pair.sweep()
    expect(await marks()).toBe(0)
  })

  test('POP-02 a store that fails at the mark answers 503, and nothing was granted', async () => {
    const line = faultyStore(memoryStore())
    const server = startServer({ store: line.store })
    const { prove, ask, visitor } = await dpopVisitor(server)
    const proof = await prove()
    line.plan('commit', 'error-before', { thenDown: true })
    expect(await ask(proof)).toBe('store_unavailable')
    line.up()
    // It never landed: the same proof may be sent again.
    expect(await ask(proof)).toBe('ok')
    line.plan('commit', 'error-before', { thenDown: true })
    const renewed = await visitor.call('POST', '/renew', {
      body: {},
      proof: true,
      authorization: null,
    })
    expect(renewed.status).toBe(503)
    expect(renewed.headers.get('retry-after')).toMatch(/^\d+$/)
    line.up()
  })

  test('POP-02 a mark that landed unheard still lets its own request through, once', async () => {
    const line = faultyStore(memoryStore())
    const server = startServer({ store: line.store })
    const { prove, ask } = await dpopVisitor(server)
    const proof = await prove()
    line.plan('commit', 'error-after')
    expect(await ask(proof)).toBe('ok')
    expect(await ask(proof)).toBe('proof_invalid')
    const second = await prove()
    line.plan('commit', 'error-before')
    // Whether it landed could be told: it had not, and was refused, not granted twice.
    const outcomes = [await ask(second), await ask(second)]
    expect(outcomes.filter((outcome) => outcome === 'ok').length).toBeLessThanOrEqual(1)
  })

  test('POP-02 a stranger with a key and no code is told nothing but code_invalid, and his proof is spent', async () => {
    const server = startServer()
    const key = await createDeviceKey()
    const body = { code: '222-222-222', device: { label: 'A', kind: 'app', publicKey: key.jwk } }
    const proof = await key.prove({ htm: 'POST', htu: `${ORIGIN}/auth/redeem`, at: NOON, body })
    const call = async (): Promise<unknown> =>
      (await createVisitor(server).call('POST', '/redeem', { body, proof })).body.code
    expect(await call()).toBe('code_invalid')
    expect(await call()).toBe('proof_invalid')
  })
})

const DAY = 86_400_000
