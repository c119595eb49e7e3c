import { deepStrictEqual } from 'node:assert/strict'
import type { AdapterCase } from '../adapter-case.ts'
import { app, empty, json, problem } from '../expected.ts'

const path = '/auth/keys/rotate'
const PUBLIC = { 'content-type': 'application/jwk-set+json', 'cache-control': 'public, max-age=30' }
const key = {
  kty: 'OKP',
  crv: 'Ed25519',
  x: '<secret>',
  kid: '<secret>',
  alg: 'EdDSA',
  use: 'sig',
}
const times = { createdAt: '<time>', activeAt: '<time>' }
const first = { id: 'key_first', signing: true, ...times, acceptUntil: '<time>' }
const fresh = { id: 'key_…', signing: false, ...times, acceptUntil: null }

/** Signing keys: shown to anybody, turned over by who may. */
export const keyCases: readonly AdapterCase[] = [
  {
    name: 'SES-11 the public keys are told to anybody, and none where nobody else can verify',
    async holds(start) {
      const site = await start({ options: { signing: 'eddsa' } })
      const jwks = '/auth/jwks.json'
      await site.ask({ path: jwks }, json(200, { keys: [key, key] }, PUBLIC))
      await site.ask({ method: 'HEAD', path: jwks }, empty(200, PUBLIC))
      await site.ask(
        { path: jwks, body: {} },
        problem(405, 'method_not_allowed', { allow: 'GET, HEAD' }),
      )
      await site.pair.signingKeys.rotate()
      await site.ask({ path: jwks }, json(200, { keys: [key, key, key, key] }, PUBLIC))
      const closed = await start()
      await closed.ask({ path: jwks }, json(200, { keys: [] }, PUBLIC))
    },
  },
  {
    name: 'SES-11 keys are turned over by whom access:write was given, with a proof, and old ones live out or end',
    async holds(start) {
      const site = await start()
      const owner = await site.join({ keyed: true })
      const other = await site.join({ transport: 'bearer' })
      await site.ask({ path, body: {} }, problem(401, 'session_required'))
      await site.askAs(other, { path, body: {} }, problem(403, 'insufficient_scope'))
      await site.ask({ path, body: {}, headers: owner.credential }, problem(401, 'proof_required'))
      await site.askAs(owner, { path, body: { old: 'keep' } }, problem(400, 'invalid_request'))
      const rotated = json(200, { items: [first, fresh], next: null })
      await site.askAs(owner, { path, body: {} }, rotated)
      await site.askAs(owner, { path, body: { old: 'live-out' } }, rotated)
      deepStrictEqual((await site.pair.signingKeys.list()).length, 2)
      const ended = { ...fresh, signing: true }
      await site.askAs(
        owner,
        { path, body: { old: 'end' } },
        json(200, { items: [ended], next: null }),
      )
      for (const one of [owner, other])
        await site.ask({ path: '/notes', headers: one.credential }, problem(401, 'session_invalid'))
      const again = await site.join({ transport: 'bearer' })
      const subject = {
        subject: 'owner',
        scopes: ['notes:read', 'notes:write'],
        device: 'A device',
        proven: false,
      }
      await site.askAs(again, { path: '/notes' }, app(200, subject))
    },
  },
]
