import { expect, test } from 'vitest'
import { judgeTicket, TICKET_MS, type Ticket } from '../../src/ticket/ticket.ts'
import { SECOND } from '../../src/time.ts'
import { NOON } from '../kit/clock.ts'

const TICKET: Ticket = {
  sessionId: 'ses_one',
  for: 'socket',
  origin: 'https://notes.example',
  thumbprint: null,
  expiresAt: NOON + TICKET_MS,
  endsAt: null,
  state: 'unused',
}
const judge = (over: Partial<Ticket> = {}, now = NOON): unknown =>
  judgeTicket({ ...TICKET, ...over }, 'socket', 'https://notes.example', now)
const refused = (reason: string): object => ({ ok: false, reason })

test('SES-04 a ticket is good once, for half a minute', () => {
  expect(TICKET_MS).toBe(30 * SECOND)
  const good = { ok: true, ticket: { ...TICKET, state: 'used' } }
  for (const now of [NOON, NOON + TICKET_MS - 1]) expect(judge({}, now)).toEqual(good)
  expect(judge({}, NOON + TICKET_MS)).toEqual(refused('expired'))
  expect(judge({ state: 'used' })).toEqual(refused('used'))
  expect(judgeTicket(null, 'socket', null, NOON)).toEqual(refused('unknown'))
})

test('SEC-06 a ticket of a clock that ran ahead is not good before its time', () => {
  expect(judge({}, NOON - 15 * SECOND)).toMatchObject({ ok: true })
  expect(judge({}, NOON - 15 * SECOND - 1)).toEqual(refused('expired'))
})

test('SES-04 a ticket is good for what it was asked for, and for the page that asked', () => {
  expect(judge({ for: 'stream' })).toEqual(refused('purpose'))
  expect(judge({ origin: 'https://other.example' })).toEqual(refused('origin'))
  expect(judge({ origin: null })).toEqual(refused('origin'))
  expect(judgeTicket({ ...TICKET, origin: null }, 'socket', null, NOON)).toMatchObject({ ok: true })
})
