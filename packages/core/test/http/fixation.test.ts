import { describe, expect, test } from 'vitest'
import type { AuthorizedAnswer } from '../../src/http/wire.ts'
import { createApplicant, letIn, settle } from '../kit/applicants.ts'
import { createServer, type Answer, type LoggedServer } from '../kit/newcomers.ts'
import { keptSecrets } from '../kit/secrets.ts'
import { ORIGIN } from '../kit/server.ts'
import { ALL_ROUTES } from '../limit/stranger-routes.ts'

const device = { label: 'A browser', kind: 'browser' }
const EVIL = 'https://evil.example'

/** The cookie that an answer sets, as it would be sent. */
function setBy({ headers }: Answer): string {
  return headers
    .getSetCookie()
    .filter((line) => !line.includes('Max-Age=0'))
    .map((line) => line.split(';', 1)[0]!)
    .join('; ')
}

async function whois(server: LoggedServer, cookie: string): Promise<string | null> {
  const { body } = await server.call('/auth/session', { headers: { cookie } })
  return body.authenticated === true ? (body.session as AuthorizedAnswer['session']).id : null
}

/** The ways in, each by a browser that carries that cookie already. */
const WAYS: Record<string, (server: LoggedServer, cookie: string) => Promise<Answer>> = {
  async 'a code'(server, cookie) {
    const { typed } = await server.pair.codes.issue()
    return server.call('/auth/redeem', { body: { code: typed, device }, headers: { cookie } })
  },
  async 'an approval'(server, cookie) {
    await server.pair.admission.set('approval')
    const browser = await createApplicant(server, { key: null })
    const [name = '', value = ''] = cookie.split('=')
    browser.jar.set(name, value)
    return letIn(server, browser)
  },
  async 'a code and an approval'(server, cookie) {
    await server.pair.admission.set('code+approval')
    const { typed } = await server.pair.codes.issue()
    const browser = await createApplicant(server, { key: null })
    const [name = '', value = ''] = cookie.split('=')
    browser.jar.set(name, value)
    await browser.redeem(typed)
    await settle(server, 'approve', browser)
    return browser.collect()
  },
  async 'the first owner'(server, cookie) {
    const { secret } = (await server.pair.ownerSecret({ origin: ORIGIN }))!
    return server.call('/auth/claim-owner', { body: { secret, device }, headers: { cookie } })
  },
}

const open = (): LoggedServer => createServer({ secret: keptSecrets(), keyless: 'full' })

async function pairedCookie(server: LoggedServer): Promise<string> {
  const { typed } = await server.pair.codes.issue({ scopes: ['notes:read'] })
  const answer = await server.call('/auth/redeem', { body: { code: typed, device } })
  return setBy(answer)
}

describe.each(Object.entries(WAYS))('by %s', (_, enter) => {
  test('SEC-11 pairing makes a session and a cookie of its own, whatever cookie was there', async () => {
    const server = open()
    const before = await pairedCookie(server)
    const was = await whois(server, before)
    const answer = await enter(server, before)
    expect(answer.status).toBe(200)
    const after = setBy(answer)
    expect(after.split('=')[0]).toBe(before.split('=')[0])
    expect(after).not.toBe(before)
    const is = answer.as<AuthorizedAnswer>().session.id
    expect(is).not.toBe(was)
    expect(await whois(server, after)).toBe(is)
  })

  test('SEC-11 who planted his own session in a browser does not get into the one that is paired there', async () => {
    const server = open()
    const planted = await pairedCookie(server)
    const attacker = await whois(server, planted)
    const { session } = (await enter(server, planted)).as<AuthorizedAnswer>()
    expect(session.id).not.toBe(attacker)
    expect(await whois(server, planted)).toBe(attacker)
    const items = (await server.pair.sessions.list()).items
    const his = items.find(({ id }) => id === attacker)!
    expect(his.scopes).toEqual(['notes:read'])
    expect(his.device.id).not.toBe(session.device.id)
  })

  test('SEC-11 a cookie that was made up is replaced', async () => {
    const server = open()
    const name = (await pairedCookie(server)).split('=')[0]!
    const answer = await enter(server, `${name}=planted`)
    expect(answer.status).toBe(200)
    expect(setBy(answer)).toMatch(new RegExp(`^${name}=(?!planted)`))
  })
})

/** How a page elsewhere may send a browser here: with its mark, or in forms that ask nobody first. */
const FOREIGN: Record<string, { headers: Record<string, string>; form?: true }> = {
  'from another origin': { headers: { origin: EVIL } },
  'from a page without an origin': { headers: { origin: 'null' } },
  'marked as cross-site': { headers: { 'sec-fetch-site': 'cross-site' } },
  'from another port of this host': {
    headers: { origin: 'http://localhost:9999', 'sec-fetch-site': 'same-site' },
  },
  'marked as same-site alone': { headers: { 'sec-fetch-site': 'same-site' } },
  'as a form': { headers: { 'content-type': 'application/x-www-form-urlencoded' }, form: true },
  'as text': { headers: { 'content-type': 'text/plain' } },
  'as parts': { headers: { 'content-type': 'multipart/form-data; boundary=x' } },
  'as a form of another origin': {
    headers: { origin: EVIL, 'content-type': 'application/x-www-form-urlencoded' },
    form: true,
  },
}

describe.each(Object.entries(FOREIGN))('a page that sends a code %s', (_, { headers, form }) => {
  test('SEC-11 SEC-22 signs nobody in, sets no cookie, and the code is whole', async () => {
    const server = open()
    const { typed } = await server.pair.codes.issue({ label: 'of the attacker' })
    const victim = await pairedCookie(server)
    const id = await whois(server, victim)
    const sessions = (await server.pair.sessions.list()).items.length
    const body = form
      ? new URLSearchParams({ code: typed }).toString()
      : JSON.stringify({ code: typed, device })
    for (const cookie of ['', victim]) {
      const answer = await server.call('/auth/redeem', {
        body,
        headers: { ...headers, ...(cookie && { cookie }) },
      })
      expect([403, 415]).toContain(answer.status)
      expect(answer.headers.getSetCookie()).toEqual([])
    }
    expect((await server.pair.sessions.list()).items).toHaveLength(sessions)
    expect(await whois(server, victim)).toBe(id)
    const own = await server.call('/auth/redeem', { body: { code: typed, device } })
    expect(own.status).toBe(200)
  })

  test('SEC-11 SEC-22 asks for nothing, collects nothing and signs nobody out either', async () => {
    const server = open()
    const victim = await pairedCookie(server)
    await server.pair.admission.set('approval')
    const browser = await createApplicant(server, { key: null })
    await browser.ask()
    await settle(server, 'approve', browser)
    const { claim } = browser.pending
    const cookie = [victim, ...[...browser.jar].map((pair) => pair.join('='))].join('; ')
    const asked = { device, claim, secret: 'x' }
    const body = form ? new URLSearchParams({ claim }).toString() : JSON.stringify(asked)
    for (const path of ['request', 'claim', 'withdraw', 'claim-owner', 'logout', 'renew']) {
      const answer = await server.call(`/auth/${path}`, { body, headers: { ...headers, cookie } })
      expect([path, [403, 415].includes(answer.status)]).toEqual([path, true])
      expect(answer.headers.getSetCookie()).toEqual([])
    }
    expect(await whois(server, victim)).not.toBeNull()
    expect((await browser.collect()).status).toBe(200)
  })
})

describe('where somebody is sent on to', () => {
  const PLACES = [
    'https://evil.example/',
    '//evil.example',
    '/\\evil.example',
    'javascript:alert(1)',
  ]

  test('SEC-11 no route of ours answers with a redirect, whatever it is asked to return to', async () => {
    const server = open()
    const cookie = await pairedCookie(server)
    const sent: string[] = []
    for (const { method, path } of ALL_ROUTES)
      for (const place of PLACES) {
        const words = ['return', 'returnTo', 'next', 'redirect', 'redirect_uri', 'url', 'continue']
        const query = new URLSearchParams(words.map((word) => [word, place])).toString()
        const url = `/auth/${path.replace(':id', `ses_${'A'.repeat(22)}`)}?${query}`
        const request = new Request(ORIGIN + url, {
          method,
          headers: { cookie, 'sec-fetch-mode': 'navigate', accept: 'text/html' },
        })
        const { status, headers, body } = (await server.pair.handler(request))!
        await body?.cancel()
        const isSent = (status >= 300 && status < 400) || headers.has('location')
        if (isSent || headers.has('refresh')) sent.push(`${method} ${url} ${status}`)
      }
    expect(sent).toEqual([])
  })

  test('SEC-11 a guard answers 401 and sends nobody anywhere', async () => {
    const server = open()
    for (const place of PLACES) {
      const url = `${ORIGIN}/notes?next=${encodeURIComponent(place)}`
      const request = new Request(url, { headers: { 'sec-fetch-mode': 'navigate' } })
      const found = await server.pair.guard(request, undefined, {})
      if (found.ok) throw new Error('let through')
      expect(found.response.status).toBe(401)
      expect(found.response.headers.has('location')).toBe(false)
      expect(await found.response.text()).not.toContain('evil')
    }
  })

  test('SEC-11 links lead to the origin that the operator names, and to no page of another scheme', async () => {
    const { pair } = open()
    const { link } = await pair.codes.issue({ origin: 'https://home.example' })
    expect(link).toMatch(/^https:\/\/home\.example\/pair#code=[\w-]+$/)
    for (const origin of ['javascript:alert(1)', '//evil.example', '/pair', 'data:text/html,x'])
      await expect(pair.codes.issue({ origin })).rejects.toMatchObject({ code: 'invalid_request' })
  })
})
