import { agent } from '@pair/core/agent'
import { attachUpgrade } from '@pair/node'
import { describe, expect, onTestFinished, test } from 'vitest'
import { WebSocket, WebSocketServer } from 'ws'
import { requireAgent, requireAny, requireSession } from '../src/index.ts'
import { frameworks, startHome, type ExpressModule, type Home } from './kit/home.ts'

const SHARED = 'a-shared-key-of-forty-two-characters-or-so'
const UNTIL = Date.UTC(2099, 0, 1)
const bearer = (text: string): Record<string, string> => ({ authorization: `Bearer ${text}` })

function start(express: ExpressModule): Promise<Home> {
  const extensions = [agent({ sharedKey: { key: SHARED, until: UNTIL } })]
  return startHome(
    express,
    (app, pair) => {
      app.get('/people', requireSession(pair), (req, res) => void res.json(req.pair.kind))
      app.get('/agents', requireAgent(pair), (req, res) => void res.json(req.agentPair.agent.id))
      app.get('/both', requireAny(pair), (req, res) => void res.json(req.anyPair.kind))
      app.get(
        '/agents/:name',
        requireAgent(pair, (req) => ({ agent: req.params['name'] ?? '' })),
        (req, res) => void res.json(req.agentPair.agent.id),
      )
      app.get(
        '/unnamed',
        requireAgent(pair, () => ({ agent: undefined as never })),
        (_, res) => void res.json('in'),
      )
      app.get('/writers', requireAgent(pair, { scopes: ['notes:write'] }), (_, res) => {
        res.json('in')
      })
    },
    { extensions },
  )
}

describe.each(frameworks)('guards for agents (%s)', (_, express) => {
  test('AGT-03 a key passes where agents may, a session where people may, and nobody in the place of the other', async () => {
    const home = await start(express)
    const { key } = await home.pair.agentKeys.issue({ agent: 'a' })
    const { typed } = await home.pair.agentKeys.supportCode({ agent: 'b' })
    const body = { code: typed, agent: 'b' }
    const bound = (await home.call('/auth/agent-keys/bind', { body })).body.key as string
    const { authorization } = await home.bearer()
    const wrong = ['session_invalid', 'agent_key_required', 'session_invalid']
    const brings: [string, Record<string, string>, string[]][] = [
      ['nobody', {}, ['session_required', 'agent_key_required', 'session_required']],
      ['a session', { authorization }, ['session', 'agent_key_required', 'session']],
      ['a key', bearer(key), ['session_invalid', 'a', 'agent']],
      ['a key by a support code', bearer(bound), ['session_invalid', 'b', 'agent']],
      [
        'the shared key',
        { ...bearer(SHARED), 'pair-agent': 'c' },
        ['session_invalid', 'c', 'agent'],
      ],
      ['the shared key for who has one', { ...bearer(SHARED), 'pair-agent': 'a' }, wrong],
      ['the shared key of nobody', bearer(SHARED), wrong],
      ['a support code', bearer(typed), wrong],
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

  test('AGT-02 the key of x can’t take the place of y; a place that nobody can name is nobody’s', async () => {
    const home = await start(express)
    const { key } = await home.pair.agentKeys.issue({ agent: 'x', scopes: ['notes:read'] })
    const ask = async (path: string) => (await home.call(path, { headers: bearer(key) })).body
    expect(await ask('/agents/x')).toBe('x')
    expect(await ask('/agents/y')).toMatchObject({ code: 'agent_mismatch' })
    expect(await ask('/unnamed')).toMatchObject({ code: 'agent_mismatch' })
    expect(await ask('/writers')).toMatchObject({ code: 'insufficient_scope' })
  })

  test('AGT-03 who comes with the shared key is told that it is deprecated, and when it ends', async () => {
    const home = await start(express)
    const shared = { ...bearer(SHARED), 'pair-agent': 'old' }
    const { headers } = await home.call('/agents', { headers: shared })
    expect(headers.get('deprecation')).toBe('@0')
    expect(headers.get('sunset')).toBe('Thu, 01 Jan 2099 00:00:00 GMT')
    const { key } = await home.pair.agentKeys.issue({ agent: 'a' })
    expect((await home.call('/agents', { headers: bearer(key) })).headers.has('sunset')).toBe(false)
  })

  test('AGT-04 the socket of an agent closes with 4003 when its key is revoked', async () => {
    const home = await start(express)
    const names: string[] = []
    attachUpgrade(home.server, {
      pair: home.pair,
      path: '/live',
      need: { who: 'agent' },
      ws: { WebSocketServer },
      onConnection: ({ auth }) => void names.push(auth.agent.id),
    })
    const { key, agentKey } = await home.pair.agentKeys.issue({ agent: 'a' })
    const dial = (headers: Record<string, string>): WebSocket => {
      const socket = new WebSocket(`${home.origin.replace('http', 'ws')}/live`, { headers })
      onTestFinished(() => socket.terminate())
      return socket
    }
    const socket = dial(bearer(key))
    await new Promise((resolve) => socket.once('open', resolve))
    await expect.poll(() => names).toEqual(['a'])
    const closing = new Promise((resolve) => socket.once('close', resolve))
    await home.pair.agentKeys.revoke(agentKey.id)
    expect(await closing).toBe(4003)
    const { authorization } = await home.bearer()
    for (const headers of [{ authorization }, bearer(key)]) {
      const error = await new Promise<Error>((resolve) => dial(headers).once('error', resolve))
      expect(error.message).toContain('401')
    }
  })
})
