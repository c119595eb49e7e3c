import { describe, expect, test } from 'vitest'
import { createDeviceKey } from '../kit/device.ts'
import { MINUTE, SECOND } from '../../src/time.ts'
import { CLIENT, DEVICE_AT, openDesk } from './desk.ts'

describe('a device without a browser', () => {
  test('APP-11 shows a code that is typed elsewhere, and is let in when that is approved', async () => {
    const desk = await openDesk()
    const answer = await desk.ask()
    expect(answer.status).toBe(200)
    expect(answer.headers.get('cache-control')).toBe('no-store')
    expect(answer.body).toEqual({
      device_code: expect.stringMatching(/^apr_[\w-]{22}\.[\w-]{43}\.[\w-]{43}$/),
      user_code: expect.stringMatching(/^[2-9A-HJKMNP-Z]{3}(?:-[2-9A-HJKMNP-Z]{3}){2}$/),
      verification_uri: 'http://localhost:3000/device',
      expires_in: 600,
      interval: 5,
    })
    const { device_code, user_code } = answer.body as Record<string, string>
    const pending = await desk.poll(device_code!)
    expect([pending.status, pending.body.error]).toEqual([400, 'authorization_pending'])

    const found = await desk.type(user_code!)
    expect(found.body).toMatchObject({
      clientId: CLIENT.id,
      label: CLIENT.label,
      address: DEVICE_AT,
      state: 'pending',
      thumbprint: null,
      transport: 'bearer',
      scopes: ['notes:read', 'notes:write'],
    })
    await desk.decide('approve', user_code!)
    const token = await desk.poll(device_code!)
    expect(token.status).toBe(200)
    expect(token.headers.get('cache-control')).toBe('no-store')
    expect(token.body).toEqual({
      access_token: expect.any(String),
      token_type: 'Bearer',
      expires_in: 24 * 3_600,
      scope: 'notes:read notes:write',
    })
    const authorization = `Bearer ${String(token.body.access_token)}`
    const session = await desk.server.call('/auth/session', { headers: { authorization } })
    expect(session.body).toMatchObject({
      authenticated: true,
      session: { transport: 'bearer', device: { label: CLIENT.label, kind: 'app' } },
    })
    // Whose answer was lost asks anew: it is handed out once.
    expect(await desk.told(device_code!)).toBe('invalid_grant')
  })

  test('POP-01 with a key it is known by that from the first request on, and proves it to collect', async () => {
    const desk = await openDesk()
    const key = await createDeviceKey()
    const { device_code, user_code } = await desk.shown({}, key)
    const found = await desk.type(user_code)
    expect(found.body).toMatchObject({ thumbprint: key.thumbprint, transport: 'dpop' })
    await desk.decide('approve', user_code)
    expect(await desk.told(device_code)).toBe('invalid_dpop_proof')
    expect(await desk.told(device_code, await createDeviceKey())).toBe('invalid_dpop_proof')
    const token = await desk.poll(device_code, key)
    expect(token.body).toMatchObject({ token_type: 'DPoP', expires_in: 900 })
    const access = String(token.body.access_token)
    const proof = await key.prove({
      htm: 'GET',
      htu: `${desk.server.origin}/auth/session`,
      at: desk.server.clock(),
      token: access,
    })
    const session = await desk.server.call('/auth/session', {
      headers: { authorization: `DPoP ${access}`, dpop: proof },
    })
    expect(session.body).toMatchObject({ authenticated: true })
  })

  test('APP-14 a key that was not shown is not let in', async () => {
    const desk = await openDesk()
    const { device_code, user_code } = await desk.shown()
    await desk.decide('approve', user_code)
    const refused = await desk.poll(device_code, await createDeviceKey())
    expect([refused.status, refused.body.error]).toEqual([400, 'invalid_dpop_proof'])
    expect(await desk.told(device_code)).toBe('in')
  })

  test('SES-09 a device that came in so before is asked for again, whatever its key', async () => {
    const desk = await openDesk()
    const key = await createDeviceKey()
    for (let round = 0; round < 2; round++) {
      const { device_code, user_code } = await desk.shown({}, key)
      expect(await desk.told(device_code, key)).toBe('authorization_pending')
      await desk.decide('approve', user_code)
      expect(await desk.told(device_code, key)).toBe('in')
    }
    expect((await desk.server.pair.devices.list()).items).toHaveLength(2)
  })

  test('rejected, run out, taken for another: each is told by its word', async () => {
    const desk = await openDesk()
    const rejected = await desk.shown()
    await desk.decide('reject', rejected.user_code)
    expect(await desk.told(rejected.device_code)).toBe('access_denied')
    // Turned away, its network cools down.
    const cooling = await desk.ask()
    expect([cooling.status, cooling.body.error]).toEqual([429, 'temporarily_unavailable'])
    expect(Number(cooling.headers.get('retry-after'))).toBeGreaterThan(0)
  })

  test('APP-09 what nobody decides, or nobody collects in time, is over', async () => {
    const desk = await openDesk()
    const uncollected = await desk.shown()
    await desk.decide('approve', uncollected.user_code)
    const late = await desk.shown()
    desk.server.clock.advance(10 * MINUTE)
    expect(await desk.told(uncollected.device_code)).toBe('expired_token')
    expect(await desk.told(late.device_code)).toBe('expired_token')
    expect((await desk.type(late.user_code)).body).toMatchObject({ code: 'code_invalid' })
  })
})

describe('how often it may ask', () => {
  test('too soon is told to slow down, by five seconds more each time and for good', async () => {
    const desk = await openDesk()
    const { device_code } = await desk.shown()
    const after = async (ms: number): Promise<string> => {
      desk.server.clock.advance(ms)
      return desk.told(device_code)
    }
    expect(await after(0)).toBe('authorization_pending')
    expect(await after(5 * SECOND)).toBe('authorization_pending')
    expect(await after(4 * SECOND)).toBe('slow_down')
    // ten from now on
    expect(await after(10 * SECOND)).toBe('authorization_pending')
    expect(await after(9 * SECOND)).toBe('slow_down')
    // fifteen
    expect(await after(14 * SECOND)).toBe('slow_down')
    // twenty
    expect(await after(20 * SECOND)).toBe('authorization_pending')
    expect(await after(20 * SECOND - 500)).toBe('authorization_pending')
    expect(await after(20 * SECOND - 501)).toBe('slow_down')
  })

  test('SEC-20 too soon stays too soon at an instance whose clock is behind', async () => {
    const desk = await openDesk()
    const { device_code } = await desk.shown()
    const after = async (ms: number): Promise<string> => {
      desk.server.clock.advance(ms)
      return desk.told(device_code)
    }
    expect(await after(0)).toBe('authorization_pending')
    for (const ms of [-3_000, 3_001, -3_000, 3_001])
      expect(await after(ms), String(ms)).toBe('slow_down')
    // A clock that was set back for good tells nothing.
    expect(await after(5 * MINUTE)).toBe('authorization_pending')
    expect(await after(-4 * MINUTE)).toBe('authorization_pending')
  })

  test('what was approved is handed out however soon it is asked for', async () => {
    const desk = await openDesk()
    const { device_code, user_code } = await desk.shown()
    expect(await desk.told(device_code)).toBe('authorization_pending')
    await desk.decide('approve', user_code)
    expect(await desk.told(device_code)).toBe('in')
  })
})
