import { describe, expect, test } from 'vitest'
import { STORES } from '../kit/stores.ts'
import { counting } from '../kit/counting.ts'
import { createDeviceKey } from '../kit/device.ts'
import { createHouse, HOME, LOCKOUT_ONLY, type House } from '../kit/guessers.ts'
import type { Counting } from '../kit/counting.ts'
import { helloFrame } from '../kit/visitor.ts'
import { pairVisitor } from '../kit/visitor.ts'
import { keptSecrets } from '../kit/secrets.ts'
import { ALL_ROUTES } from './stranger-routes.ts'

const device = { label: 'A phone', kind: 'browser' }

describe.each(STORES)('on $name', (store) => {
  function open(): House & { counted: Counting } {
    const counted = counting(store.open())
    const secret = keptSecrets()
    const options = { ...LOCKOUT_ONLY, store: counted.store, secret, keyless: 'full' as const }
    return { ...createHouse(options), counted }
  }

  test('LIM-02 a code is looked up where it is redeemed or previewed, and nowhere else, as whatever it is sent', async () => {
    const house = open()
    const { code: view, link, typed } = await house.pair.codes.issue({})
    const secret = new URL(link).hash.replace('#code=', '')
    house.counted.clear()
    for (const text of [typed, secret, typed.replaceAll('-', '')]) {
      const lines: Record<string, string>[] = [
        { authorization: `Bearer ${text}` },
        { authorization: `DPoP ${text}`, dpop: text },
        { dpop: text },
        { cookie: `pair_AAAAAAAA=${text}; code=${text}` },
        { 'x-code': text, 'idempotency-key': text },
      ]
      const members = { claim: text, secret: text, refreshToken: text, ticket: text, for: 'socket' }
      for (const { method, path } of ALL_ROUTES) {
        if (path.endsWith('redeem') || path.endsWith('preview') || path.includes('events')) continue
        for (const headers of lines) {
          const at = `/auth/${path.replace(':id', view.id)}?code=${text}&ticket=${text}`
          const body =
            method === 'GET' || method === 'DELETE'
              ? {}
              : { body: { ...members, code: text, device, scopes: [], label: text } }
          const answer = await house.call(at, {
            method,
            ...body,
            headers,
            info: { remoteAddress: HOME },
          })
          expect(
            [200, 400, 401, 403, 404, 410, 429],
            `${method} ${path}: ${answer.text}`,
          ).toContain(answer.status)
          expect(answer.headers.getSetCookie().join()).not.toMatch(/pair_\w+=[^;]/)
        }
      }
    }
    expect(house.counted.lookups()).toBe(0)
    expect((await house.pair.codes.list()).items.map(({ used }) => used)).toEqual([0])
    // Here it is.
    await house.preview(typed, '203.0.113.99')
    expect(house.counted.lookups()).toBe(1)
  })

  test('LIM-02 nor where an upgrade is asked for, nor in its first frame', async () => {
    const house = open()
    const typed = await house.typed()
    const key = await createDeviceKey()
    const visitor = await pairVisitor(house, { key, code: { scopes: ['notes:read'] } })
    const ticket = await visitor.ticket()
    house.counted.clear()
    const upgrade = (search: string, headers: Record<string, string> = {}): Promise<unknown> =>
      house.pair.openSocket(
        new Request(`${house.origin}/live${search}`, { headers }),
        { remoteAddress: HOME },
        { scopes: ['notes:read'] },
      )
    for (const refused of [
      await upgrade(`?ticket=${typed}`),
      await upgrade(`?code=${typed}`),
      await upgrade('', { authorization: `Bearer ${typed}` }),
      await upgrade('', { 'sec-websocket-protocol': typed }),
      await upgrade('', { cookie: `pair_AAAAAAAA=${typed}`, origin: house.origin }),
    ])
      expect(refused).toBeInstanceOf(Response)
    for (const frame of [
      typed,
      JSON.stringify({ type: 'hello', proof: typed }),
      JSON.stringify({ type: 'hello', code: typed, proof: typed }),
      JSON.stringify({ type: 'redeem', code: typed }),
    ]) {
      const fresh = await visitor.ticket()
      const opened = await house.pair.openSocket(
        new Request(`${house.origin}/live?ticket=${fresh}`),
        { remoteAddress: HOME },
        { scopes: ['notes:read'] },
      )
      if (opened instanceof Response) throw new Error(await opened.text())
      const closed: number[] = []
      const socket = opened.attach(
        { send: () => {}, close: (code) => void closed.push(code) },
        () => {
          throw new Error('it opened')
        },
      )
      expect(await socket.receive(frame)).toBe(false)
      expect(closed).toEqual([4001])
      socket.closed()
    }
    expect(house.counted.lookups()).toBe(0)
    // A right hello opens, so that those above were refused for what they held.
    const opened = await house.pair.openSocket(
      new Request(`${house.origin}/live?ticket=${ticket}`),
      { remoteAddress: HOME },
      { scopes: ['notes:read'] },
    )
    if (opened instanceof Response) throw new Error(await opened.text())
    let ready = 0
    const socket = opened.attach({ send: () => {}, close: () => {} }, () => void ready++)
    await socket.receive(await helloFrame(house, key, ticket))
    expect(ready).toBe(1)
    socket.closed()
  })

  test('LIM-02 bad tickets, tokens and proofs lock nobody out', async () => {
    const house = open()
    const typed = await house.typed()
    for (let count = 0; count < 30; count++) {
      const info = { remoteAddress: HOME }
      await house.call(`/auth/session?ticket=${'A'.repeat(43)}`, { info })
      await house.call('/auth/session', { info, headers: { authorization: `Bearer ${typed}` } })
      await house.ask('renew', { refreshToken: 'A' })
      await house.ask('claim', { claim: 'A' })
    }
    expect((await house.redeem(typed)).status).toBe(200)
  })
})
