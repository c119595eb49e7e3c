import { deepStrictEqual } from 'node:assert/strict'
import type { AdapterCase } from '../adapter-case.ts'
import { app, empty, json, problem } from '../expected.ts'
import { deviceItem, guest, member, sessionItem } from '../settled.ts'

const APP = ['notes:read', 'notes:write']
const OWNER = {
  transport: 'cookie',
  keyed: true,
  scopes: [...APP, 'access:read', 'access:write'],
} as const

/** Who has access: shown and changed by a device that may. */
export const accessCases: readonly AdapterCase[] = [
  {
    name: 'CODE-14 codes are issued, listed and revoked',
    async holds(start) {
      const site = await start()
      const owner = await site.join({ keyed: true })
      const path = '/auth/codes'
      await site.askAs(owner, { path }, json(200, { items: [], next: null }))
      const code = {
        id: 'cod_…',
        label: 'for the phone',
        scopes: ['notes:read'],
        uses: 1,
        used: 0,
        held: 0,
        boundThumbprint: null,
        createdAt: '<time>',
        expiresAt: '<time>',
        issuedBy: { sessionId: 'ses_…', deviceId: 'dev_…' },
      }
      const wish = { label: 'for the phone', scopes: ['notes:read'] }
      const link = 'http://<host>/pair#code=<secret>'
      const issued = await site.askAs(
        owner,
        { path, body: wish },
        json(201, { code, link, typed: '<typed>' }),
      )
      deepStrictEqual(issued.body?.link?.split('#')[0], `${site.origin}/pair`)
      await site.askAs(owner, { path }, json(200, { items: [code], next: null }))
      const one = { method: 'DELETE', path: `${path}/${issued.body?.code?.id}` }
      await site.askAs(owner, one, empty(204))
      const redeem = { path: '/auth/redeem', body: { code: issued.body?.typed } }
      await site.ask(redeem, problem(401, 'code_invalid'))
      await site.askAs(owner, { path, body: { uses: 0 } }, problem(400, 'invalid_request'))
      await site.askAs(owner, { path: `${path}?after=x` }, problem(400, 'invalid_request'))
    },
  },
  {
    name: 'SES-06 sessions and devices are shown to whom may see them',
    async holds(start) {
      const site = await start()
      const owner = await site.join({ keyed: true })
      const [sessions, devices] = [[sessionItem(OWNER)], [deviceItem(OWNER)]]
      const admission = { mode: 'code', stored: null, version: 'first' }
      const lists = { sessions, devices, codes: [], approvals: [] }
      const shown = { cursor: '<cursor>', ...lists, admission }
      await site.askAs(
        owner,
        { path: '/auth/sessions' },
        json(200, { items: sessions, next: null }),
      )
      await site.askAs(owner, { path: '/auth/devices' }, json(200, { items: devices, next: null }))
      await site.askAs(owner, { path: '/auth/access' }, json(200, shown))
      const reader = await site.join({ transport: 'bearer' })
      for (const path of ['/auth/sessions', '/auth/devices', '/auth/access', '/auth/codes']) {
        await site.ask({ path }, problem(401, 'session_required'))
        await site.askAs(reader, { path }, problem(403, 'insufficient_scope'))
        await site.ask({ path, headers: owner.credential }, problem(401, 'proof_required'))
      }
    },
  },
  {
    name: 'SES-06 a device is renamed, narrowed and revoked, and what it may do changes at once',
    async holds(start) {
      const site = await start()
      const owner = await site.join({ keyed: true })
      const other = await site.join({ transport: 'bearer' })
      const device = `/auth/devices/${other.deviceId}`
      const session = `/auth/sessions/${other.sessionId}`
      const rename = { method: 'PATCH', path: device }
      await site.askAs(owner, { ...rename, body: { label: 'Renamed' } }, empty(204))
      await site.askAs(owner, { ...rename, body: { label: '' } }, problem(400, 'invalid_request'))
      const narrow = { method: 'PATCH', path: session, body: { scopes: ['notes:read'] } }
      await site.askAs(owner, narrow, empty(204))
      const now = { transport: 'bearer', label: 'Renamed', scopes: ['notes:read'] } as const
      await site.askAs(other, { path: '/auth/session' }, json(200, member(now)))
      await site.askAs(other, { path: '/notes', body: {} }, problem(403, 'insufficient_scope'))
      await site.askAs(owner, { method: 'DELETE', path: device }, empty(204))
      await site.askAs(other, { path: '/notes' }, problem(401, 'session_revoked'))
      const absent = { method: 'DELETE', path: `/auth/devices/dev_${'A'.repeat(22)}` }
      await site.askAs(owner, absent, problem(404, 'not_found'))
    },
  },
  {
    name: 'SES-06 all others are revoked, and all',
    async holds(start) {
      const site = await start()
      const owner = await site.join({ keyed: true })
      const other = await site.join({ transport: 'bearer' })
      const path = '/auth/sessions/revoke-others'
      await site.askAs(owner, { method: 'POST', path }, empty(204))
      await site.askAs(other, { path: '/open' }, app(200, { kind: 'none', reason: 'revoked' }))
      await site.askAs(owner, { path: '/auth/session' }, json(200, member(OWNER)))
      await site.askAs(owner, { method: 'POST', path: '/auth/sessions/revoke-all' }, empty(204))
      await site.askAs(owner, { path: '/auth/session' }, json(200, guest('revoked')))
    },
  },
]
