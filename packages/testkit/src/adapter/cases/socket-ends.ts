import { deepStrictEqual } from 'node:assert/strict'
import { memoryStore } from '@pair/core'
import type { AdapterCase } from '../adapter-case.ts'
import { empty, json } from '../expected.ts'
import { cookieLine } from '../settled.ts'
import { knock } from '../knock.ts'

/** How open sockets end. */
export const socketEndCases: readonly AdapterCase[] = [
  {
    name: 'SES-12 sockets of a session that is revoked close with 4003, and not a frame passes after',
    async holds(start) {
      const site = await start()
      const [bearer, owner] = [
        await site.join({ transport: 'bearer' }),
        await site.join({ keyed: true }),
      ]
      const byToken = await site.talk('/live', bearer.credential)
      const byCookie = await site.talk('/live', { ...owner.credential, origin: site.origin })
      await Promise.all([byToken.heard(), byCookie.heard()])
      await site.pair.sessions.revoke(bearer.sessionId)
      byToken.say('too late')
      await site.pair.devices.revoke(owner.deviceId)
      deepStrictEqual(await Promise.all([byToken.closed, byCookie.closed]), [4003, 4003])
      deepStrictEqual(site.reached, ['socket', 'socket'])
      await site.refuse(knock(bearer.credential), 401, 'session_revoked')
    },
  },
  {
    name: 'SES-12 the socket of a device that logs out closes with 4003',
    async holds(start) {
      const site = await start()
      const owner = await site.join({ keyed: true })
      const talk = await site.talk('/live', { ...owner.credential, origin: site.origin })
      await site.askAs(owner, { method: 'POST', path: '/auth/logout' }, empty(204, cookieLine(0)))
      deepStrictEqual(await talk.closed, 4003)
    },
  },
  {
    name: 'SES-12 sockets close with 4003 when another instance revokes, also where the store tells nothing',
    async holds(start) {
      const { watch: _, ...mute } = memoryStore()
      for (const store of [memoryStore(), mute]) {
        const [here, elsewhere] = [
          await start({ options: { store } }),
          await start({ options: { store } }),
        ]
        const bearer = await here.join({ transport: 'bearer' })
        const talk = await here.talk('/live', bearer.credential)
        await elsewhere.pair.sessions.revoke(bearer.sessionId)
        deepStrictEqual(await talk.closed, 4003)
      }
    },
  },
  {
    name: 'SES-12 a socket closes with 4004 when its session expires',
    async holds(start) {
      const site = await start({ options: { session: { slidingMs: 3_600_000 } } })
      const bearer = await site.join({ transport: 'bearer' })
      // near enough to the end that the server looks again soon
      site.pass(3_599_900)
      const talk = await site.talk('/live', bearer.credential)
      deepStrictEqual(await talk.heard(), 'hello A device')
      site.pass(100)
      deepStrictEqual(await talk.closed, 4004)
    },
  },
  {
    name: 'SES-12 sockets close with 1001 when the server closes',
    async holds(start) {
      const site = await start()
      const bearer = await site.join({ transport: 'bearer' })
      const talk = await site.talk('/live', bearer.credential)
      await site.pair.close()
      deepStrictEqual(await talk.closed, 1001)
    },
  },
  {
    name: 'WS-05 an open socket loses each scope as it is taken away, and closes with 4003 without the one that it needs',
    async holds(start) {
      const site = await start()
      const [reader, writer] = [
        await site.join({ transport: 'bearer' }),
        await site.join({ transport: 'bearer' }),
      ]
      const reading = await site.talk('/live', reader.credential)
      const writing = await site.talk('/live', writer.credential)
      await reading.heard()
      await site.pair.sessions.narrow(reader.sessionId, ['notes:read'])
      await site.pair.sessions.narrow(writer.sessionId, ['notes:write'])
      deepStrictEqual(await writing.closed, 4003)
      let heard = ''
      while (heard !== 'notes:read: ?') {
        reading.say('?')
        heard = await reading.heard()
      }
    },
  },
  {
    name: 'NET-01 an app that throws loses that socket with 1011, and nothing else',
    async holds(start) {
      const site = await start()
      const bearer = await site.join({ transport: 'bearer' })
      const [faulty, sound] = [
        await site.talk('/live', bearer.credential),
        await site.talk('/live', bearer.credential),
      ]
      faulty.say('boom')
      deepStrictEqual(await faulty.closed, 1011)
      sound.say('still here')
      deepStrictEqual(await sound.heard(), 'hello A device')
      deepStrictEqual(await sound.heard(), 'notes:read notes:write: still here')
      await site.ask({ path: '/auth/health' }, json(200, { status: 'ok' }))
    },
  },
]
