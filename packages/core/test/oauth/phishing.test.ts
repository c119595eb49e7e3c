import { describe, expect, test } from 'vitest'
import { ACCESS_SCOPES } from '../../src/grant/scopes.ts'
import type { ApprovalItemWire } from '../../src/http/approval-wire.ts'
import { createDeviceKey } from '../kit/device.ts'
import { createServer, createStranger } from '../kit/newcomers.ts'
import { paired } from '../kit/owners.ts'
import { CLIENT, createDeskServer, deskOf, openDesk, type Desk } from './desk.ts'

/** What the list shows of the one request that waits. */
async function listed({ owner }: Desk): Promise<ApprovalItemWire> {
  const { items } = (await owner.call('/auth/approvals')).as<{ items: ApprovalItemWire[] }>()
  const [only, ...others] = items
  if (!only || others.length > 0) throw new Error(`${items.length} wait`)
  return only
}

describe('the device grant', () => {
  test('is not there unless it is asked for', async () => {
    const server = createServer({ admission: 'approval' })
    for (const path of ['/auth/device_authorization', '/auth/token', '/auth/device'])
      expect((await server.call(path, { body: {} })).status).toBe(404)
    const wellKnown = new Request(`${server.origin}/.well-known/oauth-authorization-server/auth`)
    expect(await server.pair.handler(wellKnown)).toBeNull()
  })

  test.each(['closed', 'code'] as const)('answers nobody while admission is %s', async (mode) => {
    const desk = await openDesk({ mode })
    const { status, body } = await desk.ask()
    expect([status, body.error]).toEqual([400, 'unauthorized_client'])
  })

  test('APP-11 works where a code and a person are needed: what is typed is the code', async () => {
    const desk = await openDesk({ mode: 'code+approval' })
    const { device_code, user_code } = await desk.shown()
    await desk.decide('approve', user_code)
    expect(await desk.told(device_code)).toBe('in')
  })

  test.each(['before', 'after'] as const)(
    'APP-11 nobody is let in once the mode has changed, %s the decision',
    async (when) => {
      const desk = await openDesk()
      const { device_code, user_code } = await desk.shown()
      if (when === 'after') await desk.decide('approve', user_code)
      await desk.server.pair.admission.set('code')
      if (when === 'before')
        await expect(desk.decide('approve', user_code)).rejects.toThrow('admission_refused')
      expect(await desk.told(device_code)).toBe('access_denied')
    },
  )
})

describe('whoever approves', () => {
  test('has typed the code: an entry of the list alone is never approved, in process either', async () => {
    const desk = await openDesk()
    const { device_code } = await desk.shown()
    const { id, digest, clientId } = await listed(desk)
    expect(clientId).toBe(CLIENT.id)
    const untyped = await desk.owner.call(`/auth/approvals/${id}/approve`, { body: { digest } })
    expect([untyped.status, untyped.body.code]).toEqual([403, 'user_code_required'])
    await expect(desk.server.pair.approvals.approve(id, { digest })).rejects.toMatchObject({
      code: 'user_code_required',
    })
    expect(await desk.told(device_code)).toBe('authorization_pending')
    const rejected = await desk.owner.call(`/auth/approvals/${id}/reject`, { body: { digest } })
    expect(rejected.status).toBe(200)
  })

  test('APP-07 has typed the code of this very request', async () => {
    const desk = await openDesk()
    const mine = await desk.shown()
    const { id, digest } = await listed(desk)
    const other = await desk.shown()
    for (const userCode of [other.user_code, '222-222-222']) {
      const body = { digest, userCode }
      const refused = await desk.owner.call(`/auth/approvals/${id}/approve`, { body })
      expect([refused.status, refused.body.code]).toEqual([401, 'code_invalid'])
      await expect(desk.server.pair.approvals.approve(id, body)).rejects.toMatchObject({
        code: 'code_invalid',
      })
    }
    expect(await desk.told(mine.device_code)).toBe('authorization_pending')
    const body = { digest, userCode: mine.user_code }
    await desk.server.pair.approvals.approve(id, body)
    expect(await desk.told(mine.device_code)).toBe('in')
  })

  test('CODE-02 may type it in any case and with any dashes', async () => {
    const desk = await openDesk()
    const { device_code, user_code } = await desk.shown()
    const { body } = await desk.type(` ${user_code.toLowerCase().replaceAll('-', ' – ')}`)
    const userCode = user_code.replaceAll('-', '').toLowerCase()
    const decision = { digest: body.digest, userCode }
    await desk.owner.call(`/auth/approvals/${String(body.id)}/approve`, { body: decision })
    expect(await desk.told(device_code)).toBe('in')
  })

  test('APP-08 may change who has access, and so may look at what was typed', async () => {
    const desk = await openDesk()
    const { user_code } = await desk.shown()
    const body = { userCode: user_code }
    const stranger = await createStranger(desk.server).call('/auth/device', { body })
    expect([stranger.status, stranger.body.code]).toEqual([401, 'session_required'])
    await desk.server.pair.admission.set('code')
    const reader = await paired(desk.server, ['notes:read', 'access:read'])
    const refused = await reader.call('/auth/device', { body })
    expect([refused.status, refused.body.code]).toEqual([403, 'insufficient_scope'])
  })

  test('types it: no address carries it, and a GET that does is not looked at', async () => {
    const desk = await openDesk()
    const { user_code, ...shown } = await desk.shown()
    expect(JSON.stringify(shown)).not.toContain(user_code)
    expect(shown).not.toHaveProperty('verification_uri_complete')
    const path = `/auth/device?user_code=${user_code}&userCode=${user_code}`
    const got = await desk.owner.call(path)
    expect([got.status, got.text.includes('digest')]).toEqual([405, false])
    const posted = await desk.owner.call(path, { body: {} })
    expect([posted.status, posted.body.code]).toEqual([400, 'invalid_request'])
  })

  test('APP-07 is shown another digest, and has to type another code, once the device asked anew', async () => {
    const desk = await openDesk()
    const key = await createDeviceKey()
    const first = await desk.shown({}, key)
    const seen = await listed(desk)
    const second = await desk.shown({}, key)
    expect((await listed(desk)).id).toBe(seen.id)
    expect((await desk.type(first.user_code)).body).toMatchObject({ code: 'code_invalid' })
    const { id, digest } = seen
    const body = { digest, userCode: first.user_code }
    const refused = await desk.owner.call(`/auth/approvals/${id}/approve`, { body })
    expect(refused.body).toMatchObject({ code: 'approval_changed' })
    await desk.decide('approve', second.user_code)
    expect(await desk.told(first.device_code, key)).toBe('invalid_grant')
    expect(await desk.told(second.device_code, key)).toBe('in')
  })
})

describe('a client', () => {
  test('is registered, and called what it is registered as', async () => {
    const desk = await openDesk()
    const unknown = await desk.ask({ client_id: 'The Owner’s phone' })
    expect([unknown.status, unknown.body.error]).toEqual([400, 'invalid_request'])
    const stranger = await desk.ask({ client_id: 'owners-phone' })
    expect([stranger.status, stranger.body.error]).toEqual([400, 'invalid_client'])
    const { user_code } = await desk.shown({ label: 'Yours', client_name: 'Yours' })
    expect((await desk.type(user_code)).body).toMatchObject({ label: CLIENT.label })
  })

  test('has no secret: one that comes with any is refused', async () => {
    const desk = await openDesk()
    const secret = await desk.ask({ client_secret: 'x' })
    expect([secret.status, secret.body.error]).toEqual([400, 'invalid_client'])
    const params = { client_id: CLIENT.id }
    const headers = { authorization: `Basic ${btoa(`${CLIENT.id}:x`)}` }
    const basic = await desk.form('/auth/device_authorization', params, { headers })
    expect([basic.status, basic.body.error]).toEqual([401, 'invalid_client'])
    expect(basic.headers.get('www-authenticate')).toMatch(/^Basic /)
  })

  test('APP-08 asks for no more than it is registered for', async () => {
    const clients = [CLIENT, { id: 'reader', label: 'A reader', scopes: ['notes:read'] }]
    const desk = await openDesk({ oauth: { clients } })
    const scopesOf = async (params: Record<string, string>): Promise<unknown> => {
      const answer = await desk.ask(params)
      if (answer.status !== 200) return answer.body.error
      return (await desk.type(String(answer.body.user_code))).body.scopes
    }
    expect(await scopesOf({ client_id: 'reader' })).toEqual(['notes:read'])
    expect(await scopesOf({ client_id: 'reader', scope: 'notes:write' })).toBe('invalid_scope')
    expect(await scopesOf({ scope: 'notes:write  notes:write' })).toEqual(['notes:write'])
    expect(await scopesOf({ scope: 'access:write' })).toBe('invalid_scope')
    expect(await scopesOf({ scope: 'notes:none' })).toBe('invalid_scope')
  })

  test('APP-14 collects what it asked for itself, by its own way', async () => {
    const clients = [CLIENT, { id: 'other', label: 'Another' }]
    const desk = await openDesk({ oauth: { clients } })
    const { device_code, user_code } = await desk.shown()
    await desk.decide('approve', user_code)
    const other = await desk.poll(device_code, undefined, { client_id: 'other' })
    expect(other.body.error).toBe('invalid_grant')
    const half = device_code.slice(0, device_code.lastIndexOf('.'))
    expect(await desk.told(half)).toBe('invalid_grant')
    // What was asked for at /request is collected at /claim.
    const asked = await desk.server.call('/auth/request', {
      body: { device: { label: 'A phone', kind: 'app' }, transport: 'bearer' },
    })
    const cookie = asked.headers.get('set-cookie')!.split(';', 1)[0]!.split('=')[1]
    const claim = String(asked.body.claim)
    expect(await desk.told(`${claim}.${cookie}`)).toBe('invalid_grant')
    expect(await desk.told(device_code)).toBe('in')
  })

  test.each([false, true])(
    'APP-14 is let in by /token alone: at /claim its code is none (with a key: %s)',
    async (isKeyed) => {
      const desk = await openDesk()
      const key = isKeyed ? await createDeviceKey() : undefined
      const { device_code, user_code } = await desk.shown({}, key)
      const [id, secret, cookie = ''] = device_code.split('.')
      const body = { claim: `${id}.${secret}` }
      const htu = `${desk.server.origin}/auth/claim`
      const asked = await desk.server.call('/auth/request', {
        body: { device: { label: 'A phone', kind: 'app' } },
      })
      const [name] = asked.headers.get('set-cookie')!.split('=', 1)
      const claim = async (): Promise<unknown[]> => {
        const dpop = key && (await key.prove({ htm: 'POST', htu, at: desk.server.clock(), body }))
        const headers = dpop === undefined ? { cookie: `${name}=${cookie}` } : { dpop }
        const answer = await desk.server.call('/auth/claim', { body, headers })
        return [answer.status, answer.body.code]
      }
      expect(await claim()).toEqual([410, 'approval_expired'])
      await desk.decide('approve', user_code)
      expect(await claim()).toEqual([410, 'approval_expired'])
      expect(await desk.told(device_code, key)).toBe('in')
    },
  )

  test('APP-08 of an app without scopes of its own may ask as well', async () => {
    const server = createDeskServer({ scopes: [] })
    const desk = deskOf(server, await paired(server, ACCESS_SCOPES))
    await server.pair.admission.set('approval')
    const { device_code, user_code } = await desk.shown()
    expect((await desk.type(user_code)).body).toMatchObject({ scopes: [] })
    await desk.decide('approve', user_code)
    expect(await desk.told(device_code)).toBe('in')
  })
})
