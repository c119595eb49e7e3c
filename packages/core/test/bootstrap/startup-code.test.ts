import { describe, expect, test } from 'vitest'
import { faultyStore } from '@pair/testkit/store'
import { memoryStore } from '../../src/storage/memory/memory-store.ts'
import { createKeyed, createServer, createStranger, secretOf } from '../kit/newcomers.ts'
import { jitteredStore, race } from '../kit/races.ts'
import { ORIGIN } from '../kit/server.ts'

const MINUTE = 60_000

describe('a start', () => {
  test('CODE-08 has one code, however often and at once it is asked for', async () => {
    for (let round = 1; round <= 8; round++) {
      const server = createServer({ store: jitteredStore(memoryStore(), round) })
      const answers = await race(() => server.pair.startupCode({ origin: ORIGIN }))
      expect(new Set(answers.map((answer) => JSON.stringify(answer))).size).toBe(1)
      expect(await server.pair.startupCode({ origin: 'http://127.0.0.1:9999' })).toEqual(answers[0])
      expect((await server.pair.codes.list()).items).toHaveLength(1)
      const { items } = await server.pair.audit.read()
      expect(items.map(({ type }) => type)).toEqual(['code.issued'])
    }
  })

  test('CODE-08 link and typed code are one record: who uses one has used the other', async () => {
    for (const first of ['link', 'typed'] as const) {
      const server = createServer()
      const { link, typed } = await server.pair.startupCode({ origin: ORIGIN })
      const [used, other] = first === 'link' ? [secretOf(link), typed] : [typed, secretOf(link)]
      expect((await createStranger(server).redeem(used)).status).toBe(200)
      expect((await createStranger(server).redeem(other)).body.code).toBe('code_invalid')
    }
  })

  test('CODE-08 what is printed leads to where the server is reached', async () => {
    const local = createServer({ publicUrl: undefined as never })
    expect((await local.pair.startupCode({ origin: 'http://localhost:8123' })).link).toMatch(
      /^http:\/\/localhost:8123\/pair#code=/,
    )
    const behind = createServer({ publicUrl: 'https://home.example/app' })
    expect((await behind.pair.startupCode({ origin: 'http://localhost:8123' })).link).toMatch(
      /^https:\/\/home\.example\/app\/pair#code=/,
    )
  })

  test('CODE-08 that takes six minutes still pairs, and the life of its code begins when it serves', async () => {
    const server = createServer()
    server.clock.advance(6 * MINUTE)
    const { typed, expiresAt } = await server.pair.startupCode({ origin: ORIGIN })
    expect(expiresAt).toBe(server.clock() + 10 * MINUTE)
    server.clock.advance(10 * MINUTE - 1)
    expect((await createStranger(server).redeem(typed)).status).toBe(200)
  })

  test('CODE-08 whose store takes six minutes to answer still pairs', async () => {
    const clock = createServer().clock
    const real = memoryStore({ clock })
    let slow = true
    const server = createServer({
      clock,
      store: {
        ...real,
        async read(key) {
          if (slow) clock.advance(6 * MINUTE)
          slow = false
          return real.read(key)
        },
      },
    })
    const { typed } = await server.pair.startupCode({ origin: ORIGIN })
    server.clock.advance(3 * MINUTE)
    expect((await createStranger(server).redeem(typed)).status).toBe(200)
  })

  test('CODE-08 whose store is down says so to all who asked, and a later call makes the one code', async () => {
    const line = faultyStore(memoryStore())
    const server = createServer({ store: line.store })
    line.plan('commit', 'error-before', { thenDown: true })
    const answers = await race(
      () =>
        server.pair.startupCode({ origin: ORIGIN }).catch((error: { code: string }) => error.code),
      4,
    )
    expect(answers).toEqual(Array(4).fill('store_unavailable'))
    line.up()
    const again = await race(() => server.pair.startupCode({ origin: ORIGIN }))
    expect(new Set(again.map(({ typed }) => typed)).size).toBe(1)
    expect((await server.pair.codes.list()).items).toHaveLength(1)
  })

  test('CODE-08 gives its code all scopes of the app and of access', async () => {
    const server = createServer()
    const { link } = await server.pair.startupCode({ origin: ORIGIN })
    const { body } = await (await createKeyed(server)).redeem(secretOf(link))
    expect(body).toMatchObject({
      session: { scopes: ['notes:read', 'notes:write', 'access:read', 'access:write'] },
    })
  })
})
