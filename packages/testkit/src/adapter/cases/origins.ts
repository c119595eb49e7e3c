import { deepStrictEqual, ok } from 'node:assert/strict'
import type { AdapterCase } from '../adapter-case.ts'
import { app, json, nothingHere, problem } from '../expected.ts'
import { guest } from '../settled.ts'
import { knock } from '../knock.ts'

/** Pages that are not ours: another port is the same site to a browser, and not to us. */
const strangers = (port: string): readonly Record<string, string>[] => [
  { origin: 'http://127.0.0.1:1' },
  { origin: 'http://localhost:4000' },
  { origin: `http://localhost:${port}` },
  { origin: `https://127.0.0.1:${port}` },
  { origin: 'https://evil.example' },
  { origin: 'null' },
  { 'sec-fetch-site': 'same-site' },
  { 'sec-fetch-site': 'cross-site' },
]

/** Which hosts we are, and whose pages may ask. */
export const originCases: readonly AdapterCase[] = [
  {
    name: 'NET-02 a Host that is not ours is refused on our routes, guarded ones and the socket',
    async holds(start) {
      const site = await start({ options: { allowedHosts: ['lab.lan'], allowInsecureLan: true } })
      const visitor = await site.join({ transport: 'bearer' })
      const headers = visitor.credential
      const port = new URL(site.origin).port
      for (const host of [
        'evil.example',
        `evil.example:${port}`,
        '192.168.1.7',
        'localhost.evil.example',
      ])
        for (const path of ['/auth/session', '/auth/health', '/notes', '/open'])
          await site.ask({ path, host, headers }, problem(403, 'host_refused'))
      for (const host of ['evil.example', `localhost.evil.example:${port}`])
        await site.refuse({ ...knock(headers), host }, 403, 'host_refused')
      await site.ask({ path: '/elsewhere', host: 'evil.example' }, nothingHere)
      deepStrictEqual(site.reached, [])
      for (const host of ['localhost', 'lab.lan', `app.localhost:${port}`])
        await site.ask({ path: '/auth/session', host }, json(200, guest()))
    },
  },
  {
    name: 'NET-02 a Host that is there twice is refused',
    async holds(start) {
      const site = await start()
      const { credential: headers } = await site.join({ transport: 'bearer' })
      for (const host of [
        [site.host, 'evil.example'],
        ['evil.example', site.host],
      ])
        for (const path of ['/auth/session', '/notes', '/open'])
          await site.ask({ path, host, headers }, problem(403, 'host_refused'))
      for (const host of [
        [site.host, 'evil.example'],
        [site.host, site.host],
      ])
        await site.refuse({ ...knock(headers), host }, 403, 'host_refused')
      deepStrictEqual(site.reached, [])
    },
  },
  {
    name: 'NET-02 a Host that is junk or missing gets a 4xx and reaches nothing',
    async holds(start) {
      const site = await start()
      const { credential: headers } = await site.join({ transport: 'bearer' })
      for (const host of [
        'a b',
        'localhost@evil.example',
        'localhost/../x',
        'localhost?x',
        '',
        '[::1',
        'localhost:99999999',
        '\u00e9',
        [],
      ])
        for (const path of ['/auth/session', '/notes', '/open']) {
          // who answers, the server or the framework, is theirs
          const { status } = await site.send({ path, host, headers })
          ok(status >= 400 && status < 500, `${JSON.stringify(host)} at ${path}: ${status}`)
        }
      deepStrictEqual(site.reached, [])
      await site.ask({ path: '/auth/session' }, json(200, guest()))
    },
  },
  {
    name: 'SEC-22 pages of other origins, other ports of this machine too, can change nothing, with a cookie or without',
    async holds(start) {
      const site = await start()
      const { port } = new URL(site.origin)
      const owner = await site.join({ keyed: true })
      const code = await site.code()
      const refused = problem(403, 'origin_refused')
      const body = { code }
      for (const headers of strangers(port)) {
        await site.ask({ path: '/auth/redeem', body, headers }, refused)
        await site.ask(
          { path: '/notes', body, headers: { ...headers, ...owner.credential } },
          refused,
        )
        await site.ask({ path: '/open', body, headers }, refused)
        await site.askAs(owner, { method: 'POST', path: '/auth/logout', headers }, refused)
      }
      deepStrictEqual(site.reached, [])
      const own = { origin: site.origin, ...owner.credential }
      await site.ask({ path: '/notes', body: { own: true }, headers: own }, app(200, { own: true }))
      const none = { 'sec-fetch-site': 'none', ...owner.credential }
      await site.ask(
        { path: '/notes', body: { own: true }, headers: none },
        app(200, { own: true }),
      )
      const { status } = await site.send({
        path: '/auth/redeem',
        body,
        headers: { origin: site.origin },
      })
      deepStrictEqual(status, 200)
    },
  },
  {
    name: 'SEC-22 reading by a page of another origin is not refused, and not shared with it either',
    async holds(start) {
      const site = await start()
      for (const headers of strangers(new URL(site.origin).port))
        await site.ask({ path: '/auth/session', headers }, json(200, guest()))
    },
  },
  {
    name: 'WS-03 an upgrade from a page that is not ours, or a cookie from no page, is refused before any 101',
    async holds(start) {
      const site = await start()
      const { port } = new URL(site.origin)
      const owner = await site.join({ keyed: true })
      const bearer = await site.join({ transport: 'bearer' })
      const ticket = await site.ticket(bearer, 'socket')
      const byTicket = `/live?ticket=${ticket}`
      const pages = strangers(port).filter((headers) => 'origin' in headers)
      for (const headers of pages)
        for (const knocking of [
          knock({ ...headers, ...owner.credential }),
          knock({ ...headers, ...bearer.credential }),
          knock(headers, byTicket),
        ])
          await site.refuse(knocking, 403, 'origin_refused')
      await site.refuse(knock(owner.credential), 403, 'origin_refused')
      deepStrictEqual(site.reached, [])
      // the ticket was not spent by them
      const talk = await site.talk(byTicket)
      deepStrictEqual(await talk.heard(), 'hello A device')
    },
  },
]
