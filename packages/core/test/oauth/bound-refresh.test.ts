import { describe, expect, test } from 'vitest'
import { DAY } from '../../src/time.ts'
import { createDeviceKey, type DeviceKey } from '../kit/device.ts'
import type { Answer, LoggedServer } from '../kit/newcomers.ts'
import { typesTold } from '../kit/owners.ts'
import { pairVisitor } from '../kit/visitor.ts'
import { CLIENT, createDeskServer, deskOf, openDesk, type Desk } from './desk.ts'

const OTHER = { id: 'notes-tv', label: 'Notes on the television' }
const KINDS = [['with a key'], ['without a key']] as const

const openHouse = (): Promise<Desk> =>
  openDesk({ keyless: 'full', oauth: { clients: [CLIENT, OTHER] } })

async function letIn(desk: Desk, key: DeviceKey | undefined): Promise<Answer> {
  const { device_code, user_code } = await desk.shown({}, key)
  await desk.decide('approve', user_code)
  return desk.poll(device_code, key)
}

async function proven(server: LoggedServer, path: string, key?: DeviceKey): Promise<object> {
  if (key === undefined) return {}
  const htu = server.origin + path
  return { dpop: await key.prove({ htm: 'POST', htu, at: server.clock() }) }
}

/** What `/token` answers to that refresh token of that client: `in`, or the error. */
async function refresh(
  { server, form }: Desk,
  refreshToken: unknown,
  client: string,
  key?: DeviceKey,
): Promise<unknown> {
  const params = { grant_type: 'refresh_token', refresh_token: String(refreshToken) }
  const headers = { ...(await proven(server, '/auth/token', key)) }
  const answer = await form('/auth/token', { ...params, client_id: client }, { headers })
  return answer.status === 200 ? 'in' : answer.body.error
}

/** The same of `/renew`, where no client is named. */
async function renew(
  { server }: Desk,
  refreshToken: unknown,
  key: DeviceKey | undefined,
): Promise<unknown> {
  const headers = { ...(await proven(server, '/auth/renew', key)) }
  const body = key ? {} : { refreshToken }
  const { status, body: told } = await server.call('/auth/renew', { body, headers })
  return status === 200 ? 'in' : told.code
}

/** How often a session's end was moved on. */
const extensions = async ({ server }: Desk): Promise<number> =>
  (await typesTold(server)).filter((type) => type === 'session.extended').length

describe.each(KINDS)('a device %s', (kind) => {
  const keyOf = async (): Promise<DeviceKey | undefined> =>
    kind === 'with a key' ? createDeviceKey() : undefined

  test('SES-04 is renewed for the client alone that it came in by, and another uses nothing up', async () => {
    const desk = await openHouse()
    const key = await keyOf()
    const { refresh_token } = (await letIn(desk, key)).body
    desk.server.clock.advance(DAY)
    for (let time = 0; time < 3; time++)
      expect(await refresh(desk, refresh_token, OTHER.id, key)).toBe('invalid_grant')
    expect(await extensions(desk)).toBe(0)
    expect(desk.server.refusals.at(-1)).toMatchObject({
      reason: 'it is of another client',
    })
    expect(await refresh(desk, refresh_token, CLIENT.id, key)).toBe('in')
    expect([await extensions(desk), (await typesTold(desk.server)).at(-1)]).toEqual([
      1,
      'session.extended',
    ])
  })

  test('SES-04 is not renewed where no client is named', async () => {
    const desk = await openHouse()
    const key = await keyOf()
    const { refresh_token } = (await letIn(desk, key)).body
    desk.server.clock.advance(DAY)
    expect(await renew(desk, refresh_token, key)).toBe('session_invalid')
    expect(await extensions(desk)).toBe(0)
    expect(await refresh(desk, refresh_token, CLIENT.id, key)).toBe('in')
  })

  test('SES-04 that came in by a code is renewed by no client', async () => {
    const desk = await openHouse()
    const key = await keyOf()
    await desk.server.pair.admission.set('code')
    const visitor = await pairVisitor(desk.server, {
      key: key ?? null,
      transport: key ? 'dpop' : 'bearer',
    })
    desk.server.clock.advance(DAY)
    const token = visitor.refreshToken ?? visitor.session.id
    for (const { id } of [CLIENT, OTHER])
      expect(await refresh(desk, token, id, key)).toBe('invalid_grant')
    expect(await extensions(desk)).toBe(0)
    expect(await renew(desk, token, key)).toBe('in')
  })
})

test('SES-04 a key that names the session of another moves the end of neither', async () => {
  const desk = await openHouse()
  const [own, other] = [await createDeviceKey(), await createDeviceKey()]
  const mine = (await letIn(desk, own)).body.refresh_token
  const its = (await letIn(desk, other)).body.refresh_token
  desk.server.clock.advance(DAY)
  expect(await refresh(desk, its, CLIENT.id, own)).toBe('invalid_grant')
  expect(desk.server.refusals.at(-1)).toMatchObject({
    reason: 'it is of another session',
  })
  expect(await extensions(desk)).toBe(0)
  expect(await refresh(desk, mine, CLIENT.id, own)).toBe('in')
})

test('SES-01 a session that travels by cookie is not moved on where tokens are told', async () => {
  const desk = await openHouse()
  const { id } = (await desk.owner.call('/auth/session')).as<{ session: { id: string } }>().session
  desk.server.clock.advance(DAY)
  expect(await refresh(desk, id, CLIENT.id, desk.owner.key!)).toBe('invalid_grant')
  expect(await extensions(desk)).toBe(0)
})

test('SES-04 a client that is registered no longer renews nothing', async () => {
  const desk = await openHouse()
  const { refresh_token } = (await letIn(desk, undefined)).body
  const { store, clock } = desk.server
  const options = { store, clock, keyless: 'full', oauth: { clients: [OTHER] } } as const
  const later = deskOf(createDeskServer(options), desk.owner)
  expect(await refresh(later, refresh_token, CLIENT.id)).toBe('invalid_client')
  expect(await refresh(later, refresh_token, OTHER.id)).toBe('invalid_grant')
})
