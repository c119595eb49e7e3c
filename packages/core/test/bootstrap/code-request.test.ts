import { describe, expect, test } from 'vitest'
import {
  DEFAULT_CODE_MS,
  termsOf,
  toLinkBase,
  type CodeRequestOutcome,
  type IssueCode,
} from '../../src/bootstrap/code-request.ts'
import { DAY, HOUR, MINUTE, SECOND } from '../../src/time.ts'

const ISSUER = {
  scopes: ['access:write', 'a', 'b'],
  subject: 'owner',
  data: { room: 1 },
  life: { slidingMs: HOUR, absoluteMs: DAY },
}
const KNOWN = ['access:read', 'access:write', 'a', 'b', 'c']

const ask = (request: object, longestLifeMs = 30 * DAY, known = KNOWN): CodeRequestOutcome =>
  termsOf(request as IssueCode, ISSUER, { scopes: known, risk: { longestLifeMs } })
const field = (name: string, must: string): object => ({
  ok: false,
  fault: 'field',
  field: name,
  must,
})

const USUAL = {
  label: null,
  scopes: ['a', 'b'],
  uses: 1,
  expiresInMs: 10 * MINUTE,
  boundThumbprint: null,
  subject: 'owner',
  data: { room: 1 },
  life: ISSUER.life,
}

test('CODE-14 a request that says nothing gets what is usual', () => {
  expect(DEFAULT_CODE_MS).toBe(10 * MINUTE)
  expect(ask({})).toEqual({ ok: true, terms: USUAL })
  expect(ask({}, MINUTE)).toEqual({ ok: true, terms: { ...USUAL, expiresInMs: MINUTE } })
})

test('CODE-14 a request that says all of it gets that', () => {
  const wanted = {
    label: '  For   the kitchen ',
    scopes: ['b'],
    uses: 1_000,
    expiresInMs: 30 * DAY,
    boundThumbprint: 'k'.repeat(43),
    subject: 'guest',
    data: null,
    session: { slidingMs: null },
  }
  expect(ask(wanted)).toEqual({
    ok: true,
    terms: {
      label: 'For the kitchen',
      scopes: ['b'],
      uses: 1_000,
      expiresInMs: 30 * DAY,
      boundThumbprint: 'k'.repeat(43),
      subject: 'guest',
      data: null,
      life: { slidingMs: null, absoluteMs: DAY },
    },
  })
  expect(ask({ uses: 'unlimited' })).toMatchObject({ ok: true, terms: { uses: null } })
  expect(ask({ uses: 1, expiresInMs: 30 * SECOND })).toMatchObject({
    ok: true,
    terms: { expiresInMs: 30 * SECOND },
  })
})

describe('a request for a code', () => {
  const uses = field('uses', 'be 1 to 1,000 or "unlimited"')
  const life = field('expiresInMs', 'be 30 seconds to 30 days')
  const thumbprint = field('boundThumbprint', 'be an RFC 7638 thumbprint')
  const subject = field('subject', 'be 1 to 256 printable characters')
  const data = field('data', 'be JSON of at most 2 KiB')
  const session = field(
    'session',
    'hold durations in milliseconds, from 1,000 to a hundred years, or null',
  )
  const cases: readonly (readonly [object, object])[] = [
    [{ label: '' }, field('label', 'be 1 to 80 printable characters')],
    [{ label: 'a'.repeat(81) }, field('label', 'be 1 to 80 printable characters')],
    [{ uses: 0 }, uses],
    [{ uses: 1_001 }, uses],
    [{ uses: 1.5 }, uses],
    [{ uses: 'many' }, uses],
    [{ expiresInMs: 30 * SECOND - 1 }, life],
    [{ expiresInMs: 30 * DAY + 1 }, life],
    [{ expiresInMs: 60_000.5 }, life],
    [{ boundThumbprint: 'key' }, thumbprint],
    [{ subject: '' }, subject],
    [{ subject: ' owner' }, subject],
    [{ subject: 'a'.repeat(257) }, subject],
    [{ data: 'a'.repeat(2_047) }, data],
    [{ data: 'é'.repeat(1_024) }, data],
    [{ data: () => {} }, data],
    [{ data: 10n }, data],
    [{ data: '\0' }, data],
    [{ data: '\ud800' }, data],
    [{ data: JSON.parse(`${'['.repeat(65)}${']'.repeat(65)}`) }, data],
    [{ session: { slidingMs: 999 } }, session],
    [{ session: { absoluteMs: '1h' } }, session],
    [{ scopes: 'a' }, field('scopes', 'be a list')],
    [{ scopes: [] }, field('scopes', 'name scopes of this server, each once (empty)')],
    [{ scopes: ['a', 'a'] }, field('scopes', 'name scopes of this server, each once (duplicate)')],
    [
      { scopes: ['a', 'x', 'y'] },
      field('scopes', 'name scopes of this server, each once (unknown x y)'),
    ],
  ]

  test('SEC-07 with what is none of its kind is refused, and the field named', () => {
    for (const [request, told] of cases) expect(ask(request)).toEqual(told)
  })

  test('LIM-04 a life beyond the risk budget is refused with its length', () => {
    const must = 'be 30 seconds to 90 seconds, by the risk budget'
    expect(ask({ expiresInMs: 90 * SECOND + 1 }, 90 * SECOND)).toEqual(field('expiresInMs', must))
    expect(ask({ expiresInMs: 90 * SECOND }, 90 * SECOND).ok).toBe(true)
  })
})

test('CODE-14 what is attached is JSON of just two kilobytes, and of 64 levels', () => {
  const deep: unknown = JSON.parse(`${'['.repeat(64)}${']'.repeat(64)}`)
  for (const data of ['a'.repeat(2_046), 'é'.repeat(1_023), deep])
    expect(ask({ data })).toMatchObject({ ok: true, terms: { data } })
  expect(ask({ subject: 'a'.repeat(256) }).ok).toBe(true)
})

test('CODE-15 nobody gives more than he has', () => {
  expect(ask({ scopes: ['a', 'c', 'access:read'] })).toEqual({
    ok: false,
    fault: 'scopes',
    scopes: ['c', 'access:read'],
  })
  expect(ask({ scopes: ['access:write'] })).toMatchObject({ ok: true })
})

test('CODE-15 an app without scopes of its own names none, and its codes need none', () => {
  const access = ['access:read', 'access:write']
  const bare = { ...ISSUER, scopes: access }
  const policy = { scopes: access, risk: { longestLifeMs: DAY } }
  expect(termsOf({}, bare, policy)).toMatchObject({ ok: true, terms: { scopes: [] } })
  expect(termsOf({ scopes: [] }, bare, policy).ok).toBe(false)
  // who has none of the app's scopes has none to give
  expect(termsOf({}, bare, { ...policy, scopes: [...access, 'a'] }).ok).toBe(false)
})

describe('CODE-07 where links lead', () => {
  test.each([
    ['https://home.example', 'https://home.example'],
    ['http://home.example/', 'http://home.example'],
    ['HTTPS://Home.example:8443/app//', 'https://home.example:8443/app'],
  ])('CODE-07 %s is %s', (text, base) => {
    expect(toLinkBase(text)).toBe(base)
  })

  test.each([
    'home.example',
    'ftp://home.example',
    'httpss://home.example',
    'xhttps://home.example',
    'https://home.example?a',
    'https://home.example#a',
    'https://me@home.example',
    'https://:word@home.example',
    '',
  ])('CODE-07 %j leads nowhere', (text) => {
    expect(toLinkBase(text)).toBeNull()
  })
})
