import { deepStrictEqual } from 'node:assert/strict'
import type { AdapterCase, Start } from '../adapter-case.ts'
import { app, json, problem } from '../expected.ts'
import { knock } from '../knock.ts'
import type { Site } from '../site.ts'
import type { Visitor } from '../visitor.ts'

const resources = {
  screen: { modes: ['view', 'control'], messages: { control: ['pointer', 'key'] } },
} as const

const startScreens = (start: Start): Promise<Site> => start({ options: { resources } })

const pointer = '{"type":"pointer"}'

async function made(site: Site, visitor: Visitor, path: string, body: object): Promise<string> {
  const headers = await visitor.headers('POST', path)
  const { status, text, body: answer } = await site.send({ path, body, headers })
  const { resourceToken, ticket } = (answer ?? {}) as { resourceToken?: string; ticket?: string }
  const secret = resourceToken ?? ticket
  if (status !== 200 || secret === undefined) throw new Error(`not made: ${text}`)
  return secret
}

/** A token of this visitor's for a screen. */
function tokenOf(site: Site, visitor: Visitor, id: string, mode: string): Promise<string> {
  return made(site, visitor, '/auth/resource-tokens', { resource: `screen:${id}`, mode })
}

function ticketOf(site: Site, visitor: Visitor, id: string, mode: string): Promise<string> {
  const body = { for: 'socket', resource: `screen:${id}`, mode }
  return made(site, visitor, '/auth/tickets', body)
}

const bearing = (token: string): Record<string, string> => ({ authorization: `Bearer ${token}` })

/** What is opened by a token or ticket that names it. */
export const resourceCases: readonly AdapterCase[] = [
  {
    name: 'RES-01 a route of a resource lets a token of it pass, which its path names, and nothing else',
    async holds(start) {
      const site = await startScreens(start)
      const bearer = await site.join({ transport: 'bearer' }, ['screen:view'])
      const headers = bearing(await tokenOf(site, bearer, 'one', 'view'))
      const path = '/screens/one'
      const shown = {
        subject: 'owner',
        scopes: ['screen:view'],
        device: 'A device',
        proven: false,
        resource: { name: 'screen:one', mode: 'view' },
      }
      await site.ask({ path, headers }, app(200, shown))
      for (const other of ['/screens/two', '/screens/one%20', '/screens/one%2Ftwo', '/screens/%00'])
        await site.ask({ path: other, headers }, problem(403, 'resource_required'))
      await site.ask({ path, headers: bearer.credential }, problem(403, 'resource_required'))
      await site.ask({ path }, problem(401, 'session_required'))
      await site.ask({ path: '/notes', headers }, problem(401, 'session_invalid'))
      await site.pair.sessions.revoke(bearer.sessionId)
      await site.ask({ path, headers }, problem(401, 'session_revoked'))
      deepStrictEqual(site.reached, ['route'])
    },
  },
  {
    name: 'RES-01 RES-03 a socket of a resource opens by a token and takes in what its mode may send',
    async holds(start) {
      const site = await startScreens(start)
      const bearer = await site.join({ transport: 'bearer' }, ['screen:control'])
      const [viewing, controlling] = [
        await site.talk('/screen?id=one', bearing(await tokenOf(site, bearer, 'one', 'view'))),
        await site.talk('/screen?id=one', bearing(await tokenOf(site, bearer, 'one', 'control'))),
      ]
      deepStrictEqual(await Promise.all([viewing.heard(), controlling.heard()]), [
        'hello A device',
        'hello A device',
      ])
      for (const talk of [viewing, controlling])
        for (const frame of ['text', '{"type":"file"}', new Uint8Array(4), '{"type":"__proto__"}'])
          talk.say(frame)
      viewing.say(pointer)
      controlling.say(pointer)
      deepStrictEqual(await controlling.heard(), `screen:control: ${pointer}`)
      await site.ask({ path: '/auth/health' }, json(200, { status: 'ok' }))
      deepStrictEqual(site.reached, ['socket', 'socket', pointer])
    },
  },
  {
    name: 'RES-01 an upgrade that is not for the resource is refused before any 101',
    async holds(start) {
      const site = await startScreens(start)
      const bearer = await site.join({ transport: 'bearer' }, ['screen:view', 'notes:read'])
      const token = bearing(await tokenOf(site, bearer, 'one', 'view'))
      const refuse = (path: string, headers: object, status: number, code: string): Promise<void> =>
        site.refuse(knock({ ...headers }, path), status, code)
      await refuse('/screen?id=two', token, 403, 'resource_required')
      await refuse('/screen', token, 403, 'resource_required')
      await refuse('/screen?id=one', bearer.credential, 403, 'resource_required')
      await refuse('/live', token, 401, 'session_invalid')
      const sealed = await ticketOf(site, bearer, 'one', 'view')
      await refuse(`/screen?id=two&ticket=${sealed}`, {}, 401, 'session_invalid')
      await refuse(`/live?ticket=${sealed}`, {}, 401, 'session_invalid')
      const plain = await site.ticket(bearer, 'socket')
      await refuse(`/screen?id=one&ticket=${plain}`, {}, 401, 'session_invalid')
      deepStrictEqual(site.reached, [])
      const talk = await site.talk(`/screen?id=one&ticket=${sealed}`)
      deepStrictEqual(await talk.heard(), 'hello A device')
      site.pass(300_000)
      await refuse('/screen?id=one', token, 401, 'session_expired')
    },
  },
  {
    name: 'RES-04 the socket of a resource closes with 4004 at the end of its token, with 4003 on a revoke, and goes on with what a narrowing leaves',
    async holds(start) {
      const site = await startScreens(start)
      const scopes = ['screen:view', 'screen:control'] as const
      const bearer = await site.join({ transport: 'bearer' }, scopes)
      const short = bearing(await tokenOf(site, bearer, 'one', 'view'))
      // near enough to the end that the server looks again soon
      site.pass(299_900)
      const ending = await site.talk('/screen?id=one', short)
      deepStrictEqual(await ending.heard(), 'hello A device')
      site.pass(100)
      deepStrictEqual(await ending.closed, 4004)
      const token = bearing(await tokenOf(site, bearer, 'one', 'control'))
      const talk = await site.talk('/screen?id=one', token)
      await talk.heard()
      talk.say(pointer)
      deepStrictEqual(await talk.heard(), `${scopes.join(' ')}: ${pointer}`)
      await site.pair.sessions.narrow(bearer.sessionId, ['screen:view'])
      await site.pair.sessions.revoke(bearer.sessionId)
      talk.say(pointer)
      deepStrictEqual(await talk.closed, 4003)
    },
  },
  {
    name: 'RES-01 WS-02 a key’s sealed ticket opens its resource behind a proven hello, and only then takes messages in',
    async holds(start) {
      const site = await startScreens(start)
      const owner = await site.join({ keyed: true }, ['screen:control'])
      const ticket = await ticketOf(site, owner, 'one', 'control')
      const talk = await site.talk(`/screen?id=one&ticket=${ticket}`)
      const proof = await owner.prove('GET', '/screen', { over: ticket })
      for (const frame of [JSON.stringify({ type: 'hello', proof }), pointer, '{"type":"x"}'])
        talk.say(frame)
      deepStrictEqual(await talk.heard(), 'hello A device')
      deepStrictEqual(await talk.heard(), `screen:control: ${pointer}`)
      deepStrictEqual(site.reached, ['socket', pointer])
    },
  },
]
