import { describe, expect, test } from 'vitest'
import { MINUTE } from '../../src/time.ts'
import { createDeviceKey, type DeviceKey } from '../kit/device.ts'
import { dumpStore } from '../kit/dump.ts'
import type { Answer } from '../kit/newcomers.ts'
import { CLIENT, openDesk, type Desk } from './desk.ts'

async function letIn(desk: Desk, key?: DeviceKey): Promise<Answer> {
  const { device_code, user_code } = await desk.shown({}, key)
  await desk.decide('approve', user_code)
  return desk.poll(device_code, key)
}

async function refresh(desk: Desk, refreshToken: unknown, key?: DeviceKey): Promise<Answer> {
  const { server } = desk
  const htu = `${server.origin}/auth/token`
  const proof = key && (await key.prove({ htm: 'POST', htu, at: server.clock() }))
  const params = {
    grant_type: 'refresh_token',
    refresh_token: String(refreshToken),
    client_id: CLIENT.id,
  }
  return desk.form('/auth/token', params, { headers: proof ? { dpop: proof } : {} })
}

const errorOf = ({ status, body }: Answer): unknown => (status === 200 ? 'in' : body.error)

describe('a device without a key', () => {
  test('is not renewed where such devices are limited: it has no refresh token', async () => {
    const { body } = await letIn(await openDesk())
    expect(body).not.toHaveProperty('refresh_token')
  })

  test('is not let in at all where they are refused', async () => {
    const desk = await openDesk({ keyless: 'refuse' })
    expect(errorOf(await desk.ask())).toBe('invalid_request')
    expect(errorOf(await letIn(desk, await createDeviceKey()))).toBe('in')
  })

  test('SES-08 renews by a refresh token that is followed by another; an old one ends nothing silently', async () => {
    const desk = await openDesk({ keyless: 'full' })
    const first = (await letIn(desk)).body
    expect(first.expires_in).toBe(900)
    desk.server.clock.advance(10 * MINUTE)
    const second = (await refresh(desk, first.refresh_token)).body
    expect(second).toMatchObject({ token_type: 'Bearer', expires_in: 900, scope: first.scope })
    expect(second.refresh_token).not.toBe(first.refresh_token)
    desk.server.clock.advance(MINUTE)
    const third = await refresh(desk, second.refresh_token)
    expect(errorOf(third)).toBe('in')
    desk.server.clock.advance(MINUTE)
    expect(errorOf(await refresh(desk, first.refresh_token))).toBe('invalid_grant')
    const { items } = await desk.server.pair.audit.read({ limit: 1_000 })
    expect(items.some(({ type }) => type === 'session.reused')).toBe(true)
  })

  test('SES-05 does not once it is signed out', async () => {
    const desk = await openDesk({ keyless: 'full' })
    const { refresh_token } = (await letIn(desk)).body
    await desk.server.pair.sessions.revokeAll()
    expect(errorOf(await refresh(desk, refresh_token))).toBe('invalid_grant')
  })
})

describe('a device with a key', () => {
  test('SES-04 renews by a proof of that key alone: the refresh token only names the session', async () => {
    const desk = await openDesk()
    const key = await createDeviceKey()
    const { refresh_token } = (await letIn(desk, key)).body
    expect(errorOf(await refresh(desk, refresh_token))).toBe('invalid_dpop_proof')
    expect(errorOf(await refresh(desk, refresh_token, await createDeviceKey()))).toBe(
      'invalid_grant',
    )
    const renewed = await refresh(desk, refresh_token, key)
    expect(renewed.body).toMatchObject({ token_type: 'DPoP', expires_in: 900, refresh_token })
    const other = await createDeviceKey()
    await letIn(desk, other)
    expect(errorOf(await refresh(desk, refresh_token, other))).toBe('invalid_grant')
    await desk.server.pair.sessions.revokeAll()
    expect(errorOf(await refresh(desk, refresh_token, key))).toBe('invalid_grant')
  })

  test('SES-01 the credential of a cookie is never told in a body', async () => {
    const desk = await openDesk()
    const { owner, server } = desk
    const { body } = await owner.call('/auth/session')
    const { id } = (body as { session: { id: string } }).session
    const answer = await refresh(desk, id, owner.key!)
    expect([errorOf(answer), answer.headers.get('set-cookie')]).toEqual(['invalid_grant', null])
    expect(server.refusals.at(-1)).toMatchObject({
      reason: 'it is of another client',
    })
  })

  test('POP-03 whose clock is off is given a nonce, by which it needs none', async () => {
    const desk = await openDesk()
    const key = await createDeviceKey()
    const htu = `${desk.server.origin}/auth/device_authorization`
    const ask = async (claims: Record<string, unknown>): Promise<Answer> => {
      const at = desk.server.clock() - 60 * MINUTE
      const dpop = await key.prove({ htm: 'POST', htu, at, claims })
      return desk.form(
        '/auth/device_authorization',
        { client_id: CLIENT.id },
        { headers: { dpop } },
      )
    }
    const stale = await ask({})
    const nonce = stale.headers.get('dpop-nonce')
    expect([stale.status, stale.body.error]).toEqual([400, 'use_dpop_nonce'])
    expect((await ask({ nonce })).status).toBe(200)
  })

  test('POP-01 a proof is used once', async () => {
    const desk = await openDesk()
    const key = await createDeviceKey()
    const htu = `${desk.server.origin}/auth/device_authorization`
    const dpop = await key.prove({ htm: 'POST', htu, at: desk.server.clock() })
    const ask = (): Promise<Answer> =>
      desk.form('/auth/device_authorization', { client_id: CLIENT.id }, { headers: { dpop } })
    expect((await ask()).status).toBe(200)
    expect(errorOf(await ask())).toBe('invalid_dpop_proof')
  })

  test('POP-02 who is not let into the queue leaves no spent proof behind', async () => {
    const desk = await openDesk({ mode: 'closed' })
    const spent = async (): Promise<number> =>
      (await dumpStore(desk.server.store)).filter(({ key }) => key[1] === 'proof').length
    const before = await spent()
    expect(errorOf(await desk.ask({}, await createDeviceKey()))).toBe('unauthorized_client')
    expect(await spent()).toBe(before)
    await desk.server.pair.admission.set('approval')
    await desk.shown({}, await createDeviceKey())
    expect(await spent()).toBe(before + 1)
  })

  test('LIM-01 renews as often as others do, and is told when to come again', async () => {
    const desk = await openDesk({ limits: { poll: { max: 2 } } })
    const key = await createDeviceKey()
    const { refresh_token } = (await letIn(desk, key)).body
    for (let at = 0; at < 2; at++)
      expect(errorOf(await refresh(desk, refresh_token, key))).toBe('in')
    const refused = await refresh(desk, refresh_token, key)
    expect([refused.status, errorOf(refused)]).toEqual([429, 'temporarily_unavailable'])
    expect(refused.headers.has('retry-after')).toBe(true)
  })
})
