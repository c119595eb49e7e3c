import { describe, expect, test } from 'vitest'
import { fixedClock } from '@pair/testkit/app'
import { faultyStore } from '@pair/testkit/store'
import type { Store } from '../../src/ports/store.ts'
import { memoryStore } from '../../src/storage/memory/memory-store.ts'
import { judgeTicket, TICKET_MS, type Ticket } from '../../src/ticket/ticket.ts'
import { createDeviceKey } from '../kit/device.ts'
import { dumpStore, dumpText } from '../kit/dump.ts'
import { NOON } from '../kit/clock.ts'
import { jitteredStore, race } from '../kit/races.ts'
import { ORIGIN, startServer, type Server } from '../kit/server.ts'
import { pairVisitor } from '../kit/visitor.ts'

async function open(
  server: Server,
  ticket: string,
  headers: Record<string, string> = {},
): Promise<string> {
  const answer = await server.pair.openSocket(
    new Request(`${ORIGIN}/live?ticket=${encodeURIComponent(ticket)}`, { headers }),
    undefined,
    {},
  )
  return answer instanceof Response ? ((await answer.json()) as { code: string }).code : 'in'
}

describe('SES-04 tickets', () => {
  test.each([
    ['memory', (store: Store) => store],
    ['slow memory', (store: Store, round: number) => jitteredStore(store, round + 41)],
  ])(
    'SES-04 of 40 who bring one ticket at once one gets in, on two instances (%s)',
    async (_, wrap) => {
      for (let round = 0; round < 8; round++) {
        const clock = fixedClock(NOON)
        const store = wrap(memoryStore({ clock }), round)
        const servers = [startServer({ store, clock }), startServer({ store, clock })] as const
        const visitor = await pairVisitor(
          servers[0],
          round % 2 ? {} : { key: await createDeviceKey() },
        )
        const ticket = await visitor.ticket()
        const answers = await race((rival) => open(servers[rival % 2]!, ticket))
        expect(answers.filter((answer) => answer === 'in')).toHaveLength(1)
        expect(answers.filter((answer) => answer === 'session_invalid')).toHaveLength(39)
        expect(await open(servers[1], ticket)).toBe('session_invalid')
      }
    },
  )

  test('SES-04 a ticket is for 30 s, to the millisecond', async () => {
    const server = startServer()
    const visitor = await pairVisitor(server)
    const [early, late] = [await visitor.ticket(), await visitor.ticket()]
    server.clock.advance(29_999)
    expect(await open(server, early)).toBe('in')
    server.clock.advance(1)
    expect(await open(server, late)).toBe('session_invalid')
    server.clock.set(NOON)
    expect(await open(server, early)).toBe('session_invalid')
  })

  test('SES-04 a used ticket stays used over a sweep and a clock that is set back', async () => {
    const server = startServer()
    const visitor = await pairVisitor(server)
    const ticket = await visitor.ticket()
    expect(await open(server, ticket)).toBe('in')
    server.clock.advance(3_600_000)
    await server.pair.sweep()
    server.clock.set(NOON)
    expect(await open(server, ticket)).toBe('session_invalid')
  })

  test('SES-04 only the page that asked for it may use it', async () => {
    const server = startServer({ allowedOrigins: ['https://app.example'] })
    const visitor = await pairVisitor(server)
    const mint = async (origin: string | null): Promise<string> => {
      const { body } = await visitor.call<{ ticket: string }>('POST', '/tickets', {
        body: { for: 'socket' },
        headers: origin === null ? {} : { origin },
      })
      return body.ticket
    }
    for (const minted of [null, ORIGIN, 'https://app.example']) {
      const ticket = await mint(minted)
      for (const used of [
        null,
        ORIGIN,
        'https://app.example',
        'https://evil.example',
        'null',
        'http://localhost:5173',
      ]) {
        if (used === minted) continue
        expect(['session_invalid', 'origin_refused'], `${minted} → ${used}`).toContain(
          await open(server, ticket, used === null ? {} : { origin: used }),
        )
      }
      expect(await open(server, ticket, minted === null ? {} : { origin: minted })).toBe('in')
    }
  })

  test('SES-04 a ticket is kept as a hash alone', async () => {
    const store = memoryStore()
    const server = startServer({ store })
    const visitor = await pairVisitor(server)
    const ticket = await visitor.ticket()
    expect(ticket).toMatch(/^[\w-]{43}$/)
    expect(dumpText(await dumpStore(store))).not.toContain(ticket)
    expect(await open(server, ticket)).toBe('in')
  })

  test('SES-04 what is no ticket is refused without asking the store', async () => {
    const line = faultyStore(memoryStore())
    const server = startServer({ store: line.store })
    const visitor = await pairVisitor(server)
    const ticket = await visitor.ticket()
    const before = line.calls('read')
    for (const text of [
      '',
      'x',
      `${ticket}=`,
      `${ticket} `,
      ` ${ticket}`,
      ticket.slice(1),
      `${ticket}A`,
      'A'.repeat(100_000),
      '../../session',
      `${ticket}\n`,
      `${ticket}\0`,
    ]) {
      expect(await open(server, text)).toBe('session_invalid')
    }
    expect(line.calls('read')).toBe(before)
    expect(await open(server, ticket)).toBe('in')
  })

  test('SES-04 a ticket whose use was not heard lets nobody in twice', async () => {
    for (const fault of ['error-before', 'error-after'] as const) {
      const line = faultyStore(memoryStore())
      const server = startServer({ store: line.store })
      const ticket = await (await pairVisitor(server)).ticket()
      line.plan('commit', fault)
      const outcomes = [
        await open(server, ticket),
        await open(server, ticket),
        await open(server, ticket),
      ]
      expect(outcomes.filter((outcome) => outcome === 'in')).toHaveLength(1)
    }
    const line = faultyStore(memoryStore())
    const server = startServer({ store: line.store })
    const ticket = await (await pairVisitor(server)).ticket()
    line.plan('commit', 'error-after', { thenDown: true })
    expect(await open(server, ticket)).toBe('store_unavailable')
    line.up()
    expect(await open(server, ticket)).toBe('session_invalid')
  })

  test('SES-04 only a live session mints, and only socket or stream', async () => {
    const server = startServer()
    const visitor = await pairVisitor(server)
    for (const body of [
      {},
      { for: 'page' },
      { for: ['socket'] },
      { for: null },
      { for: 'Socket' },
    ]) {
      expect((await visitor.call('POST', '/tickets', { body })).status).toBe(400)
    }
    await server.pair.sessions.revoke(visitor.session.id)
    expect((await visitor.call('POST', '/tickets', { body: { for: 'socket' } })).body.code).toBe(
      'session_revoked',
    )
  })

  test('SES-04 what a ticket gives is what its session has now', async () => {
    const server = startServer()
    const visitor = await pairVisitor(server)
    const ticket = await visitor.ticket()
    await server.pair.sessions.narrow(visitor.session.id, ['notes:read'])
    const guard = await server.pair.openSocket(
      new Request(`${ORIGIN}/live?ticket=${ticket}`),
      undefined,
      { scopes: ['notes:read'] },
    )
    expect(guard instanceof Response ? [] : guard.auth.session.scopes).toEqual(['notes:read'])
    const second = await visitor.ticket()
    expect(
      await server.pair.openSocket(new Request(`${ORIGIN}/live?ticket=${second}`), undefined, {
        scopes: ['notes:write'],
      }),
    ).toMatchObject({ status: 403 })
  })
})

test('SES-04 the rule of tickets is total: one that is used, late, of another purpose or page is refused, whatever else holds', () => {
  const right: Ticket = {
    sessionId: 'ses_x',
    for: 'socket',
    origin: null,
    thumbprint: null,
    expiresAt: NOON + TICKET_MS,
    endsAt: null,
    state: 'unused',
  }
  expect(judgeTicket(right, 'socket', null, NOON)).toEqual({
    ok: true,
    ticket: { ...right, state: 'used' },
  })
  expect(judgeTicket(null, 'socket', null, NOON)).toEqual({ ok: false, reason: 'unknown' })
  for (const [change, use, origin, now] of [
    [{ state: 'used' as const }, 'socket', null, NOON],
    [{}, 'stream', null, NOON],
    [{}, 'socket', ORIGIN, NOON],
    [{ origin: ORIGIN }, 'socket', null, NOON],
    [{}, 'socket', null, NOON + TICKET_MS],
    [{}, 'socket', null, Number.NaN],
  ] as const) {
    expect(judgeTicket({ ...right, ...change }, use, origin, now).ok).toBe(false)
  }
})
