import { describe, expect, test } from 'vitest'
import { createHome, MINUTE, type Home } from './kit/home.ts'
import { loopSocket, type SocketLog } from './kit/loop-socket.ts'
import type { PairClient } from '../src/index.ts'

const resources = {
  screen: { modes: ['view', 'control'], messages: { control: ['pointer'] } },
} as const
const pointer = '{"type":"pointer"}'

async function paired(
  transport: 'cookie' | 'dpop',
  scopes = ['screen:control'],
): Promise<{ home: Home; client: PairClient; log: SocketLog }> {
  const home = createHome({ resources })
  const { WebSocket, log } = loopSocket(home)
  const client = home.profile({ transport, WebSocket }).open()
  await client.redeem((await home.code(scopes)).secret)
  return { home, client, log }
}

describe.each(['cookie', 'dpop'] as const)('a session by %s', (transport) => {
  test('RES-01 opens a socket that is for one resource, and sends what its mode may', async () => {
    const { client, log } = await paired(transport)
    const wish = { resource: 'screen:left', mode: 'control', protocols: ['notes'] }
    const socket = await client.openSocket('/screens/left', wish)
    for (const frame of ['{"type":"file"}', pointer]) socket.send(frame)
    await expect.poll(() => log.heard).toEqual([pointer])
    expect(log.protocols).toEqual([['notes']])
    for (const other of [
      { resource: 'screen:right', mode: 'control' },
      undefined,
      'notes',
      { protocols: 'notes' },
    ])
      await expect(client.openSocket('/screens/left', other)).rejects.toMatchObject({
        code: 'socket_failed',
      })
  })

  test('RES-02 is told which mode it may not have', async () => {
    const { client } = await paired(transport, ['screen:view'])
    const refused = { code: 'insufficient_scope', scopes: ['screen:control'] }
    await expect(client.resourceToken('screen:left', 'control')).rejects.toMatchObject(refused)
    const wish = { resource: 'screen:left', mode: 'control' }
    await expect(client.openSocket('/screens/left', wish)).rejects.toMatchObject(refused)
  })

  test('RES-01 gets a token whose requests are proven, also when the credential ran out', async () => {
    const { home, client } = await paired(transport)
    home.pass(16 * MINUTE)
    const { resourceToken, tokenType } = await client.resourceToken('screen:left', 'view')
    const get = async (path: string, token = resourceToken): Promise<number> => {
      const headers = { authorization: `${tokenType} ${token}` }
      return (await client.fetch(path, { headers })).status
    }
    expect(tokenType).toBe('DPoP')
    expect([await get('/screens/left'), await get('/screens/left')]).toEqual([200, 200])
    expect([await get('/screens/right'), await get('/notes')]).toEqual([403, 401])
    expect(await get('/screens/left', `${resourceToken}x`)).toBe(401)
    expect((await client.fetch('/screens/left')).status).toBe(403)
    home.pass(5 * MINUTE)
    expect(await get('/screens/left')).toBe(401)
  })
})
