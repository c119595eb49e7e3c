import { upgradeWebSocket } from '@hono/node-server'
import { agent } from '@pair/core/agent'
import { describe, expect, test } from 'vitest'
import { WebSocket } from 'ws'
import {
  guardEvents,
  requireAgent,
  requireAny,
  requireSession,
  requireSocket,
} from '../src/index.ts'
import { closeCode, opened, startHome, type Home } from './kit/home.ts'

const SHARED = 'a-shared-key-of-forty-two-characters-or-so'
const UNTIL = Date.UTC(2099, 0, 1)

function start(): Promise<Home> {
  const extensions = [agent({ sharedKey: { key: SHARED, until: UNTIL } })]
  return startHome(
    (app, pair) => {
      app.get('/people', requireSession(pair), (c) => c.json(c.var.pair.kind))
      app.get('/agents', requireAgent(pair), (c) => c.json(c.var.pair.agent.id))
      app.get('/both', requireAny(pair, { who: 'any' }), (c) => c.json(c.var.pair.kind))
      app.get(
        '/agents/:name',
        requireAgent(pair, (c) => ({ agent: c.req.param('name') ?? '' })),
        (c) => c.json(c.var.pair.agent.id),
      )
      app.get(
        '/unnamed',
        requireAgent(pair, () => ({ agent: undefined as never })),
        (c) => c.json('in'),
      )
      app.get('/writers', requireAgent(pair, { scopes: ['notes:write'] }), (c) => c.json('in'))
      app.get(
        '/live',
        requireSocket(pair, { who: 'agent' }),
        upgradeWebSocket((c) =>
          guardEvents(c, { onMessage: (event, ws) => ws.send(event.data as string) }),
        ),
      )
    },
    { extensions },
  )
}

describe('guards for agents (hono)', () => {
  test('AGT-03 a key passes where agents may, a session where people may, and nobody in the place of the other (hono)', async () => {
    const home = await start()
    const { key } = await home.pair.agentKeys.issue({ agent: 'a' })
    const { typed } = await home.pair.agentKeys.supportCode({ agent: 'b' })
    const body = { code: typed, agent: 'b' }
    const bound = (await home.call('/auth/agent-keys/bind', { body })).body.key as string
    const { authorization } = await home.bearer()
    const brings: [string, Record<string, string>, (string | number)[]][] = [
      ['nobody', {}, ['session_required', 'agent_key_required', 'session_required']],
      ['a session', { authorization }, ['session', 'agent_key_required', 'session']],
      ['a key', bearer(key), ['session_invalid', 'a', 'agent']],
      ['a key by a support code', bearer(bound), ['session_invalid', 'b', 'agent']],
      [
        'the shared key',
        { ...bearer(SHARED), 'pair-agent': 'c' },
        ['session_invalid', 'c', 'agent'],
      ],
      [
        'the shared key in the place of who has one',
        { ...bearer(SHARED), 'pair-agent': 'a' },
        ['session_invalid', 'agent_key_required', 'session_invalid'],
      ],
      [
        'the shared key of nobody',
        bearer(SHARED),
        ['session_invalid', 'agent_key_required', 'session_invalid'],
      ],
      [
        'a support code',
        bearer(typed),
        ['session_invalid', 'agent_key_required', 'session_invalid'],
      ],
    ]
    for (const [name, headers, expected] of brings) {
      const answers = []
      for (const path of ['/people', '/agents', '/both'])
        answers.push((await home.call(path, { headers })).body)
      expect(
        answers.map((each) => each.code ?? each),
        name,
      ).toEqual(expected)
    }
  })

  test('AGT-02 the key of x can’t take the place of y; a place that nobody can name is nobody’s (hono)', async () => {
    const home = await start()
    const { key } = await home.pair.agentKeys.issue({ agent: 'x', scopes: ['notes:read'] })
    const ask = async (path: string) => (await home.call(path, { headers: bearer(key) })).body
    expect(await ask('/agents/x')).toBe('x')
    expect(await ask('/agents/y')).toMatchObject({ code: 'agent_mismatch' })
    expect(await ask('/unnamed')).toMatchObject({ code: 'agent_mismatch' })
    expect(await ask('/writers')).toMatchObject({ code: 'insufficient_scope' })
  })

  test('AGT-03 who comes with the shared key is told that it is deprecated, and when it ends (hono)', async () => {
    const home = await start()
    const shared = { ...bearer(SHARED), 'pair-agent': 'old' }
    const { headers } = await home.call('/agents', { headers: shared })
    expect(headers.get('deprecation')).toBe('@0')
    expect(headers.get('sunset')).toBe('Thu, 01 Jan 2099 00:00:00 GMT')
    const { key } = await home.pair.agentKeys.issue({ agent: 'a' })
    expect((await home.call('/agents', { headers: bearer(key) })).headers.has('sunset')).toBe(false)
  })

  test('AGT-04 the socket of an agent closes with 4003 when its key is revoked (hono)', async () => {
    const home = await start()
    const { key, agentKey } = await home.pair.agentKeys.issue({ agent: 'a' })
    const socket = await opened(`${home.origin}/live`, bearer(key))
    socket.send('hello')
    await new Promise((resolve) => socket.once('message', resolve))
    const closing = closeCode(socket)
    await home.pair.agentKeys.revoke(agentKey.id)
    expect(await closing).toBe(4003)
    const { authorization } = await home.bearer()
    for (const headers of [{ authorization }, bearer(key)]) {
      const refused = new WebSocket(`${home.origin.replace('http', 'ws')}/live`, { headers })
      const error = await new Promise<Error>((resolve) => refused.once('error', resolve))
      expect(error.message).toContain('401')
    }
  })
})

const bearer = (text: string): Record<string, string> => ({ authorization: `Bearer ${text}` })
