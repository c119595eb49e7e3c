import { describe, expect, test } from 'vitest'
import type { IssueCode } from '../../src/bootstrap/code-request.ts'
import { REPEAT_MS } from '../../src/bootstrap/redemption.ts'
import { memoryStore } from '../../src/storage/memory/memory-store.ts'
import { dumpStore, dumpText } from '../kit/dump.ts'
import { LOCKOUT_ONLY } from '../kit/guessers.ts'
import { createServer, secretOf, type LoggedServer } from '../kit/newcomers.ts'
import {
  createKeyedRedeemer,
  createNamedRedeemer,
  isLetIn,
  NAME,
  standing,
  told,
  type Redeemer,
} from '../kit/redeemers.ts'

type Wish = IssueCode<'notes:read' | 'notes:write'>

const issue = async ({ pair }: LoggedServer, wish: Wish = {}): Promise<string> =>
  (await pair.codes.issue(wish)).typed

/** Each way to be known again. */
const WAYS: [string, () => Promise<Redeemer>][] = [
  ['a key, with a fresh proof', createKeyedRedeemer],
  ['an Idempotency-Key', async () => createNamedRedeemer(NAME)],
  ['an Idempotency-Key, for a cookie', async () => createNamedRedeemer(NAME, 'cookie')],
]

describe.each(WAYS)('by %s', (_, make) => {
  test('CODE-12 a lost answer is answered again, and every copy of the first is dead', async () => {
    const server = createServer({ keyless: 'full' })
    const [me, typed] = [await make(), await issue(server)]
    const first = await me.redeem(server, typed)
    server.clock.advance(REPEAT_MS - 1)
    const second = await me.redeem(server, typed)
    expect([first.status, second.status]).toEqual([200, 200])
    expect(second.sessionId).not.toBe(first.sessionId)
    expect(second.deviceId).toBe(first.deviceId)
    expect(await standing(server)).toEqual([second.sessionId])
    expect((await server.pair.devices.list()).items.map(({ id }) => id)).toEqual([first.deviceId])
    expect(await isLetIn(server, first, me.key)).toBe(false)
    expect(await isLetIn(server, second, me.key)).toBe(true)
    if (first.refreshToken !== undefined) {
      const body = { refreshToken: first.refreshToken }
      const renewed = await server.call('/auth/renew', { body })
      expect(renewed.body.code).toBe('session_revoked')
    }
  })

  test('CODE-12 the journal tells it again, as a repeat that replaced the first', async () => {
    const server = createServer()
    const [me, typed] = [await make(), await issue(server)]
    const [first, second] = [await me.redeem(server, typed), await me.redeem(server, typed)]
    const events = await told(server, 'code.redeemed', 'code.reused', 'session.revoked')
    expect(events).toMatchObject([
      { type: 'code.redeemed', sessionId: first.sessionId },
      {
        type: 'code.redeemed',
        sessionId: second.sessionId,
        detail: { repeat: true, replacedSessionId: first.sessionId },
      },
    ])
    expect(events[0]!.detail).not.toHaveProperty('repeat')
  })

  test('CODE-12 it is answered as often as it is lost, for a minute from the first time', async () => {
    const server = createServer()
    const [me, typed] = [await make(), await issue(server)]
    await me.redeem(server, typed)
    let last = ''
    for (let times = 0; times < 3; times++) {
      server.clock.advance(REPEAT_MS / 4)
      const again = await me.redeem(server, typed)
      expect(again.status).toBe(200)
      last = again.sessionId
    }
    server.clock.advance(REPEAT_MS / 4)
    expect((await me.redeem(server, typed)).code).toBe('code_invalid')
    expect(await standing(server)).toEqual([last])
  })

  test('CODE-12 refused after the first use of what was given', async () => {
    const server = createServer({ keyless: 'full' })
    const [me, typed] = [await make(), await issue(server)]
    const first = await me.redeem(server, typed)
    expect(await isLetIn(server, first, me.key)).toBe(true)
    expect((await me.redeem(server, typed)).code).toBe('code_invalid')
    expect(await standing(server)).toEqual([first.sessionId])
    expect(await isLetIn(server, first, me.key)).toBe(true)
  })

  test('CODE-12 refused after any revoke: of the session, the device, the code, and of all', async () => {
    const ends: ((server: LoggedServer, id: string) => Promise<unknown>)[] = [
      ({ pair }, id) => pair.sessions.revoke(id),
      async ({ pair }) => pair.devices.revoke((await pair.devices.list()).items[0]!.id),
      ({ pair }) => pair.sessions.revokeAll(),
    ]
    for (const end of ends) {
      const server = createServer()
      const [me, typed] = [await make(), await issue(server)]
      const first = await me.redeem(server, typed)
      await end(server, first.sessionId)
      expect((await me.redeem(server, typed)).code).toBe('code_invalid')
      expect(await standing(server)).toEqual([])
    }
    const server = createServer()
    const me = await make()
    const { code, typed } = await server.pair.codes.issue({ uses: 2 })
    const first = await me.redeem(server, typed)
    await server.pair.codes.revoke(code.id)
    expect((await me.redeem(server, typed)).code).toBe('code_invalid')
    expect(await standing(server)).toEqual([first.sessionId])
  })

  test('CODE-12 refused when who issued the code is gone, or the mode was changed', async () => {
    const server = createServer({ keyless: 'full' })
    const owner = createNamedRedeemer(null)
    const { typed: own } = await server.pair.codes.issue({
      scopes: ['notes:read', 'access:read', 'access:write'] as never,
    })
    const by = await owner.redeem(server, own)
    const { body } = await server.call('/auth/codes', { body: {}, headers: by.headers })
    const me = await make()
    const first = await me.redeem(server, body.typed as string)
    expect(first.status).toBe(200)
    await server.pair.sessions.revoke(by.sessionId)
    expect((await me.redeem(server, body.typed as string)).code).toBe('code_invalid')
    const [other, typed] = [await make(), await issue(server)]
    await other.redeem(server, typed)
    await server.pair.admission.set('code+approval')
    expect((await other.redeem(server, typed)).code).toBe('code_invalid')
    await server.pair.admission.set('closed')
    expect((await other.redeem(server, typed)).code).toBe('admission_refused')
  })

  test('CODE-12 another redeemer still loses, before the repeat and after it', async () => {
    const server = createServer()
    const [me, typed] = [await make(), await issue(server)]
    const others = [
      await createKeyedRedeemer(),
      createNamedRedeemer(`${NAME}-of-another`),
      createNamedRedeemer(null),
    ]
    await me.redeem(server, typed)
    for (const other of others)
      expect((await other.redeem(server, typed)).code).toBe('code_invalid')
    const again = await me.redeem(server, typed)
    expect(again.status).toBe(200)
    for (const other of others)
      expect((await other.redeem(server, typed)).code).toBe('code_invalid')
    expect(await standing(server)).toEqual([again.sessionId])
  })

  test('CODE-12 of a code for several the same redeemer uses up one, within a minute; later another', async () => {
    const server = createServer()
    const [me, typed] = [await make(), await issue(server, { uses: 3 })]
    const uses = async (): Promise<unknown> =>
      (await server.pair.codes.list()).items.map(({ used }) => used)
    await me.redeem(server, typed)
    expect((await me.redeem(server, typed)).status).toBe(200)
    expect(await uses()).toEqual([1])
    server.clock.advance(REPEAT_MS)
    expect((await me.redeem(server, typed)).status).toBe(200)
    expect(await uses()).toEqual([2])
    expect((await me.redeem(server, typed)).status).toBe(200)
    expect(await uses()).toEqual([2])
    const events = await told(server, 'code.redeemed')
    expect(events.map(({ detail }) => detail?.repeat === true)).toEqual([false, true, false, true])
  })

  test('CODE-12 a code that ran out since is answered again, and its record follows', async () => {
    const server = createServer()
    const [me, typed] = [await make(), await issue(server, { expiresInMs: 60_000 })]
    server.clock.advance(59_000)
    await me.redeem(server, typed)
    server.clock.advance(2_000)
    await server.pair.sweep()
    const again = await me.redeem(server, typed)
    expect(again.status).toBe(200)
    const rows = await dumpStore(server.store)
    expect(dumpText(rows.filter(({ key }) => key[1] === 'code'))).toContain(again.sessionId)
  })

  test('CODE-12 a repeat gives no more than the first, and not longer than a minute more', async () => {
    const server = createServer({ session: { absoluteMs: 3_600_000 }, keyless: 'full' })
    const [me, typed] = [await make(), await issue(server)]
    const first = await me.redeem(server, typed, { scopes: ['notes:read'] })
    expect((await me.redeem(server, typed, { scopes: ['notes:write'] })).code).toBe(
      'insufficient_scope',
    )
    expect(await standing(server)).toEqual([first.sessionId])
    server.clock.advance(REPEAT_MS - 1)
    await me.redeem(server, typed)
    const [session] = (await server.pair.sessions.list()).items
    expect(session).toMatchObject({
      scopes: ['notes:read'],
      expiresAt: server.clock() + 3_600_000,
    })
  })

  test('CODE-12 what was narrowed meanwhile stays narrow', async () => {
    const server = createServer()
    const [me, typed] = [await make(), await issue(server)]
    const { sessionId } = await me.redeem(server, typed)
    await server.pair.sessions.narrow(sessionId, ['notes:read'])
    expect((await me.redeem(server, typed)).status).toBe(200)
    expect((await server.pair.sessions.list()).items).toMatchObject([{ scopes: ['notes:read'] }])
  })

  test('CODE-12 it is no failure, and forgives none', async () => {
    const server = createServer(LOCKOUT_ONLY)
    const [me, typed] = [await make(), await issue(server)]
    const wrong = createNamedRedeemer(null)
    await me.redeem(server, typed)
    for (let times = 0; times < 9; times++)
      expect((await wrong.redeem(server, '222-222-222')).code).toBe('code_invalid')
    for (let times = 0; times < 5; times++)
      expect((await me.redeem(server, typed)).status).toBe(200)
    expect((await wrong.redeem(server, '222-222-222')).code).toBe('code_invalid')
    expect((await wrong.redeem(server, '222-222-222')).code).toBe('locked_out')
  })
})

describe('what is known of a redeemer', () => {
  test('CODE-12 whoever has neither key nor name is nobody twice', async () => {
    const server = createServer()
    const [me, typed] = [createNamedRedeemer(null), await issue(server)]
    await me.redeem(server, typed)
    expect((await me.redeem(server, typed)).code).toBe('code_invalid')
    const rows = await dumpStore(server.store)
    expect(rows.filter(({ key }) => key[1] === 'redemption')).toEqual([])
  })

  test('CODE-12 a name is stored as its hash alone, and forgotten with the code', async () => {
    const store = memoryStore()
    const server = createServer({ store })
    const { code, link } = await server.pair.codes.issue()
    await createNamedRedeemer(NAME).redeem(server, secretOf(link))
    const kept = async (): Promise<unknown[]> =>
      (await dumpStore(store)).filter(({ key }) => key[1] === 'redemption')
    expect(dumpText(await dumpStore(store))).not.toContain(NAME)
    expect(await kept()).toHaveLength(1)
    server.clock.set(code.expiresAt + 86_400_000)
    await server.pair.sweep()
    expect(await kept()).toHaveLength(1)
    server.clock.advance(1)
    await server.pair.sweep()
    expect(await kept()).toEqual([])
  })

  test('CODE-12 names of others, and of other codes, are other names', async () => {
    const server = createServer()
    const me = createNamedRedeemer(NAME)
    const [one, two] = [await issue(server), await issue(server)]
    const first = await me.redeem(server, one)
    const second = await me.redeem(server, two)
    expect(second.deviceId).not.toBe(first.deviceId)
    expect(await standing(server)).toHaveLength(2)
  })

  test('CODE-12 a name is the same bare and quoted', async () => {
    const server = createServer()
    const typed = await issue(server)
    await createNamedRedeemer(NAME).redeem(server, typed)
    expect((await createNamedRedeemer(`"${NAME}"`).redeem(server, typed)).status).toBe(200)
  })

  test('CODE-12 a malformed name, or two of them, is refused and spends nothing', async () => {
    const server = createServer()
    const typed = await issue(server)
    const wrong = [
      'a'.repeat(21),
      'a'.repeat(129),
      `"${'a'.repeat(21)}"`,
      `"${NAME}`,
      `${NAME}"`,
      `""${NAME}""`,
      `'${NAME}'`,
      `${NAME}, ${NAME}`,
      `${NAME} ${NAME}`,
      `${NAME};a=1`,
      `${NAME}/`,
      `${NAME}é`,
      '""',
    ]
    for (const name of wrong) {
      const { status, code } = await createNamedRedeemer(name).redeem(server, typed)
      expect([name, status, code]).toEqual([name, 400, 'invalid_request'])
    }
    expect((await server.pair.codes.list()).items).toMatchObject([{ used: 0 }])
    for (const name of ['a'.repeat(22), 'a'.repeat(128)]) {
      const fresh = await issue(server)
      expect((await createNamedRedeemer(name).redeem(server, fresh)).status).toBe(200)
    }
  })

  test('CODE-12 a page of a listed origin may send the name', async () => {
    const server = createServer({ allowedOrigins: ['https://app.example'] })
    const answer = await server.call('/auth/redeem', {
      method: 'OPTIONS',
      headers: { origin: 'https://app.example', 'access-control-request-method': 'POST' },
    })
    expect(answer.headers.get('access-control-allow-headers')).toContain('Idempotency-Key')
  })

  test('CODE-12 a key that paired by another code meanwhile is not answered again', async () => {
    const server = createServer()
    const [me, one, two] = [await createKeyedRedeemer(), await issue(server), await issue(server)]
    await me.redeem(server, one)
    const second = await me.redeem(server, two)
    expect((await me.redeem(server, one)).code).toBe('code_invalid')
    expect(await standing(server)).toEqual([second.sessionId])
  })
})

describe('the first use', () => {
  test('CODE-12 a use that can not be kept is refused, and then the lost answer is given again', async () => {
    const real = memoryStore()
    let full = true
    const server = createServer({
      store: {
        ...real,
        commit: async (checks, writes) =>
          full && writes.some((write) => 'key' in write && write.key[1] === 'presence')
            ? Promise.reject(new Error('full'))
            : real.commit(checks, writes),
      },
    })
    const [me, typed] = [createNamedRedeemer(NAME), await issue(server)]
    const first = await me.redeem(server, typed)
    const uses = await Promise.all(
      Array.from({ length: 5 }, () => server.call('/auth/session', { headers: first.headers })),
    )
    expect(uses.map(({ status }) => status)).toEqual(Array(5).fill(503))
    full = false
    const again = await me.redeem(server, typed)
    expect(again.status).toBe(200)
    expect(await isLetIn(server, first)).toBe(false)
    expect(await isLetIn(server, again)).toBe(true)
  })

  test('CODE-12 renewing is a use, by a key and by a refresh token', async () => {
    const server = createServer({ keyless: 'full' })
    const keyed = await createKeyedRedeemer()
    const typed = await issue(server)
    await keyed.redeem(server, typed)
    const htu = `${server.origin}/auth/renew`
    const proof = await keyed.key!.prove({ htm: 'POST', htu, at: server.clock() })
    const renewed = await server.call('/auth/renew', { body: {}, headers: { dpop: proof } })
    expect(renewed.status).toBe(200)
    expect((await keyed.redeem(server, typed)).code).toBe('code_invalid')
    const [named, other] = [createNamedRedeemer(NAME), await issue(server)]
    const { refreshToken } = await named.redeem(server, other)
    expect((await server.call('/auth/renew', { body: { refreshToken } })).status).toBe(200)
    expect((await named.redeem(server, other)).code).toBe('code_invalid')
  })
})
