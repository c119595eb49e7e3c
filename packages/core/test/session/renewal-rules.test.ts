import { expect, test } from 'vitest'
import { judgeRenewal, type RenewBy } from '../../src/session/renewal.ts'
import type { Session } from '../../src/session/session.ts'
import { sessionOf } from '../kit/sessions.ts'

const SECRET = { by: 'secret', generation: 1, rotatedAt: null, reusedAt: null } as const
const KEYED = sessionOf()
const BARE = sessionOf({ transport: 'bearer', thumbprint: null, renewal: SECRET })
const COOKIE = sessionOf({ transport: 'cookie', thumbprint: null, renewal: { by: 'cookie' } })

const PROOF: RenewBy = { by: 'proof', thumbprint: 'key' }
const TOKEN: RenewBy = { by: 'secret', refreshToken: 'it was looked at before' }
const MINE: RenewBy = { by: 'cookie', sessionId: 'ses_one' }

const why = (session: Session, by: RenewBy): string => {
  const judged = judgeRenewal(session, by)
  return judged.ok ? 'renewed' : judged.why
}

test('SES-04 of session and what it is renewed by, each goes with its own alone', () => {
  const ways = [PROOF, TOKEN, MINE]
  const sessions = [KEYED, BARE, COOKIE, sessionOf({ renewal: { by: 'nothing' } })]
  expect(sessions.map((session) => ways.map((by) => why(session, by)))).toEqual([
    ['renewed', 'way', 'way'],
    ['way', 'renewed', 'way'],
    ['way', 'way', 'renewed'],
    ['way', 'way', 'way'],
  ])
})

test('SES-04 a key renews its own session, and where one is named that one', () => {
  expect(why(KEYED, { ...PROOF, thumbprint: 'another' })).toBe('session')
  expect(why(KEYED, { ...PROOF, sessionId: 'ses_one' })).toBe('renewed')
  expect(why(KEYED, { ...PROOF, sessionId: 'ses_two' })).toBe('session')
})

test.each([
  ['a key', KEYED, PROOF],
  ['a refresh token', BARE, TOKEN],
] as const)(
  'SES-04 by %s a session is renewed for the client that it came in by',
  (_by, it, by) => {
    const its = { ...it, clientId: 'cli' }
    expect([why(its, { ...by, clientId: 'cli' }), why(its, { ...by, clientId: 'tv' })]).toEqual([
      'renewed',
      'client',
    ])
    expect([why(its, by), why(it, { ...by, clientId: 'cli' })]).toEqual(['client', 'client'])
  },
)

test('SES-01 no client is handed the credential of a cookie, whatever the record says', () => {
  const odd = { ...KEYED, transport: 'cookie', clientId: 'cli' } as const
  expect(why(odd, { ...PROOF, clientId: 'cli' })).toBe('client')
})
