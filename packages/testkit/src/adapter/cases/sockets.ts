import { deepStrictEqual } from 'node:assert/strict'
import type { AdapterCase } from '../adapter-case.ts'
import { json } from '../expected.ts'
import { knock } from '../knock.ts'
import type { Talk } from '../talk.ts'

const APP = 'notes:read notes:write'

/** Says each and hears it back in this order. */
async function holdsOrder(talk: Talk, scopes: string): Promise<void> {
  const frames = Array.from({ length: 200 }, (_, n) => `frame ${n}`)
  for (const frame of frames) talk.say(frame)
  talk.say(new Uint8Array(3))
  const heard: string[] = []
  for (let n = 0; n <= frames.length; n++) heard.push(await talk.heard())
  deepStrictEqual(
    heard,
    [...frames, '3 bytes'].map((frame) => `${scopes}: ${frame}`),
  )
}

/** Sockets of devices without a key, and upgrades that are refused. */
export const socketCases: readonly AdapterCase[] = [
  {
    name: 'NET-01 a socket opens by a token without a page, and frames reach the app as they came, in order',
    async holds(start) {
      const site = await start()
      const bearer = await site.join({ transport: 'bearer' })
      const talk = await site.talk('/live', bearer.credential)
      deepStrictEqual(await talk.heard(), 'hello A device')
      await holdsOrder(talk, APP)
      deepStrictEqual(site.reached.slice(0, 2), ['socket', 'frame 0'])
    },
  },
  {
    name: 'NET-01 a socket opens by our cookie from our own page',
    async holds(start) {
      const site = await start()
      const owner = await site.join({ keyed: true })
      const talk = await site.talk('/live', { ...owner.credential, origin: site.origin })
      deepStrictEqual(await talk.heard(), 'hello A device')
      await holdsOrder(talk, `${APP} access:read access:write`)
    },
  },
  {
    name: 'NET-01 a socket’s ticket opens one of 40 sockets at once, 8 times over',
    async holds(start) {
      const site = await start()
      const bearer = await site.join({ transport: 'bearer' })
      for (let round = 0; round < 8; round++) {
        const knocking = knock({}, `/live?ticket=${await site.ticket(bearer, 'socket')}`)
        const rivals = Array.from({ length: 40 }, () => site.send(knocking))
        const statuses = (await Promise.all(rivals)).map(({ status }) => status)
        const refused = statuses.filter((status) => status === 401)
        deepStrictEqual([refused.length, statuses.includes(101)], [39, true])
      }
    },
  },
  {
    name: 'NET-01 a ticket that was minted by a page opens a socket for that page alone',
    async holds(start) {
      const site = await start()
      const bearer = await site.join({ transport: 'bearer' })
      const ticket = await site.ticket(bearer, 'socket', { origin: site.origin })
      const path = `/live?ticket=${ticket}`
      await site.refuse(knock({}, path), 401, 'session_invalid')
      const other = `/live?ticket=${await site.ticket(bearer, 'socket', { origin: site.origin })}`
      const talk = await site.talk(other, { origin: site.origin })
      deepStrictEqual(await talk.heard(), 'hello A device')
    },
  },
  {
    name: 'NET-01 an upgrade without what it needs is refused before any 101, and the app never hears of it',
    async holds(start) {
      const site = await start()
      const bearer = await site.join({ transport: 'bearer' })
      const writer = await site.join({ transport: 'bearer' }, ['notes:write'])
      const ticket = (of: string): string => `/live?ticket=${of}`
      const dead = await site.join({ transport: 'bearer' })
      const orphan = await site.ticket(dead, 'socket')
      await site.pair.sessions.revoke(dead.sessionId)
      await site.refuse(knock(), 401, 'session_required')
      await site.refuse(knock({ origin: site.origin }), 401, 'session_required')
      await site.refuse(knock({ authorization: 'Bearer a.b.c' }), 401, 'session_invalid')
      await site.refuse(knock({}, ticket('17')), 401, 'session_invalid')
      await site.refuse(knock({}, ticket('')), 401, 'session_invalid')
      await site.refuse(knock({}, ticket(bearer.accessToken)), 401, 'session_invalid')
      const query = `/live?access_token=${bearer.accessToken}`
      await site.refuse(knock({}, query), 401, 'session_required')
      const stream = await site.ticket(bearer, 'stream')
      await site.refuse(knock({}, ticket(stream)), 401, 'session_invalid')
      await site.refuse(knock(writer.credential), 403, 'insufficient_scope')
      const narrow = await site.ticket(writer, 'socket')
      await site.refuse(knock({}, ticket(narrow)), 403, 'insufficient_scope')
      await site.refuse(knock(dead.credential), 401, 'session_revoked')
      await site.refuse(knock({}, ticket(orphan)), 401, 'session_revoked')
      // if Authorization is there it alone decides
      const good = await site.ticket(bearer, 'socket')
      const both = knock({ authorization: 'Bearer a.b.c' }, ticket(good))
      await site.refuse(both, 401, 'session_invalid')
      const late = await site.ticket(bearer, 'socket')
      site.pass(31_000)
      await site.refuse(knock({}, ticket(late)), 401, 'session_invalid')
      deepStrictEqual(site.reached, [])
    },
  },
  {
    name: 'NET-02 an upgrade with a Host that is junk, or of a path that nobody has, opens nothing',
    async holds(start) {
      const site = await start()
      const { credential } = await site.join({ transport: 'bearer' })
      for (const host of [
        'a b',
        'localhost@evil.example',
        'localhost/../x',
        '',
        '[::1',
        '\u00e9',
      ]) {
        const { status } = await site.send({ ...knock(credential), host })
        deepStrictEqual([host, status >= 400], [host, true])
      }
      const { status } = await site.send(knock(credential, '/elsewhere'))
      deepStrictEqual([status, site.reached], [404, []])
      await site.ask({ path: '/auth/health' }, json(200, { status: 'ok' }))
    },
  },
]
