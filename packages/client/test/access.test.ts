import { describe, expect, test } from 'vitest'
import type { PairClient } from '../src/index.ts'
import { pairedHome } from './kit/home.ts'

describe('who has access', () => {
  test('is told at once, with this session marked', async () => {
    const { client } = await pairedHome()
    const access = await client.access.get()
    expect(access.sessions).toMatchObject([{ id: client.getSnapshot().session?.id, current: true }])
    expect(access.devices).toMatchObject([{ label: 'A test', current: true }])
    expect(access.cursor).not.toBe('')
  })

  test('grows by a code that is issued here and typed there', async () => {
    const { home, client } = await pairedHome()
    const issued = await client.access.issueCode({ label: 'Tablet', scopes: ['notes:read'] })
    expect(issued).toMatchObject({
      code: { label: 'Tablet', scopes: ['notes:read'] },
      typed: expect.stringMatching(/^.{3}-.{3}-.{3}$/) as string,
    })
    const other = home.profile({ label: 'Tablet' }).open()
    const { session } = await other.redeem(issued.typed)
    expect(session).toMatchObject({ scopes: ['notes:read'], device: { label: 'Tablet' } })
    expect((await client.access.get()).devices.map((device) => device.label).sort()).toEqual([
      'A test',
      'Tablet',
    ])
    await expect(other.access.get()).rejects.toMatchObject({
      code: 'insufficient_scope',
      scopes: ['access:read'],
    })
  })

  test('shrinks: codes, sessions, devices, others', async () => {
    const { home, client } = await pairedHome()
    const others = await Promise.all(
      [1, 2, 3].map(async () => {
        const other = home.profile().open()
        await other.redeem((await client.access.issueCode()).link)
        return other
      }),
    )
    const [one, two, three] = others.map((other) => other.getSnapshot().session!)
    const { code, typed } = await client.access.issueCode()
    await client.access.revokeCode(code.id)
    await expect(home.profile().open().redeem(typed)).rejects.toMatchObject({
      code: 'code_invalid',
    })
    await client.access.narrowSession(one!.id, ['notes:read'])
    await others[0]!.start()
    expect(others[0]!.getSnapshot().session?.scopes).toEqual(['notes:read'])
    await client.access.revokeSession(one!.id)
    expect((await others[0]!.fetch('/notes')).status).toBe(401)
    await client.access.renameDevice(two!.device.id, 'Kitchen')
    expect((await client.access.get()).devices.map((device) => device.label)).toContain('Kitchen')
    await client.access.revokeDevice(two!.device.id)
    expect((await others[1]!.fetch('/notes')).status).toBe(401)
    await client.access.revokeOthers()
    expect((await others[2]!.fetch('/notes')).status).toBe(401)
    expect(three).toBeDefined()
    expect((await client.fetch('/notes')).status).toBe(200)
  })

  test('by ending all, this session or this device, one signs oneself out', async () => {
    const ways: ((client: PairClient) => Promise<void>)[] = [
      (client) => client.access.revokeAll(),
      (client) => client.access.revokeSession(client.getSnapshot().session!.id),
      (client) => client.access.revokeDevice(client.getSnapshot().session!.device.id),
    ]
    for (const way of ways) {
      const { client } = await pairedHome()
      await way(client)
      expect(client.getSnapshot()).toMatchObject({ status: 'unpaired' })
      expect(client.getSnapshot().problem).toBeUndefined()
    }
  })

  test('is changed by nobody through an id that is a path', async () => {
    const { home, client } = await pairedHome()
    home.log.length = 0
    await expect(client.access.revokeDevice('../sessions/revoke-all')).rejects.toMatchObject({
      status: 404,
    })
    expect(home.log).toEqual(['DELETE /auth/devices/..%2Fsessions%2Frevoke-all'])
    expect((await client.fetch('/notes')).status).toBe(200)
  })
})
