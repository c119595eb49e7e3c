import { expect, describe, test } from 'vitest'
import { canonicalJson } from '../../src/encoding/canonical-json.ts'
import { HERE, pairKeyed, sha256, type Call } from '../kit/edge.ts'
import { createScene, MARK, TEXTS, type Scene, type Watched } from './scene.ts'

const device = { label: 'A device', kind: 'app' }
const key = { kty: 'EC', crv: 'P-256', x: 'A'.repeat(43), y: 'A'.repeat(43) }

const NOBODY = `apr_${'a'.repeat(22)}`

/** Every member of a body into which somebody without a session may write a text. */
const STRANGERS: [place: string, path: string, body: (text: string, scene: Scene) => object][] = [
  ['redeem code', '/redeem', (text) => ({ code: text })],
  ['preview code', '/codes/preview', (text) => ({ code: text })],
  [
    'redeem device.label',
    '/redeem',
    (text, { typed }) => ({ code: typed, device: { ...device, label: text } }),
  ],
  [
    'redeem device.kind',
    '/redeem',
    (text, { typed }) => ({ code: typed, device: { ...device, kind: text } }),
  ],
  ...['kty', 'crv', 'x', 'y'].map((member): (typeof STRANGERS)[number] => [
    `redeem device.publicKey.${member}`,
    '/redeem',
    (text, { typed }) => ({
      code: typed,
      device: { ...device, publicKey: { ...key, [member]: text } },
    }),
  ]),
  ['redeem transport', '/redeem', (text, { typed }) => ({ code: typed, transport: text })],
  ['redeem scopes', '/redeem', (text, { typed }) => ({ code: typed, scopes: [text] })],
  ['renew refreshToken', '/renew', (text) => ({ refreshToken: text })],
  ['request device.label', '/request', (text) => ({ device: { ...device, label: text } })],
  ['request device.kind', '/request', (text) => ({ device: { ...device, kind: text } })],
  ...['kty', 'crv', 'x', 'y'].map((member): (typeof STRANGERS)[number] => [
    `request device.publicKey.${member}`,
    '/request',
    (text) => ({ device: { ...device, publicKey: { ...key, [member]: text } } }),
  ]),
  ['request transport', '/request', (text) => ({ device, transport: text })],
  ['request scopes', '/request', (text) => ({ device, scopes: [text] })],
  ['request nonce', '/request', (text) => ({ device, nonce: text })],
  ['claim', '/claim', (text) => ({ claim: text })],
  ['claim nonce', '/claim', (text) => ({ claim: 'x', nonce: text })],
  ['withdraw claim', '/withdraw', (text) => ({ claim: text })],
  ['claim-owner secret', '/claim-owner', (text) => ({ secret: text, device })],
  [
    'claim-owner device.label',
    '/claim-owner',
    (text) => ({ secret: 'x', device: { ...device, label: text } }),
  ],
]

/** The same for who is in, where the rest of the body is right. */
const KNOWN: typeof STRANGERS = [
  ['tickets for', '/tickets', (text) => ({ for: text })],
  ['resource', '/resource-tokens', (text) => ({ resource: text, mode: 'view' })],
  ['mode', '/resource-tokens', (text) => ({ resource: 'screen:1', mode: text })],
  ['codes label', '/codes', (text) => ({ label: text })],
  ['codes scopes', '/codes', (text) => ({ scopes: [text] })],
  ['codes uses', '/codes', (text) => ({ uses: text })],
  ['codes boundThumbprint', '/codes', (text) => ({ boundThumbprint: text })],
  ['a digest', `/approvals/${NOBODY}/approve`, (text) => ({ digest: text })],
  ['a reason', `/approvals/${NOBODY}/reject`, (text) => ({ digest: 'x', reason: text })],
  [
    'scopes to approve',
    `/approvals/${NOBODY}/approve`,
    (text) => ({ digest: 'x', scopes: [text] }),
  ],
]

/** Members that this version does not know are ignored, but half a character in one makes the body none. */
const UNKNOWN: typeof STRANGERS = [
  ['redeem nonce', '/redeem', (text, { typed }) => ({ code: typed, nonce: text })],
  ['redeem a member of that name', '/redeem', (text, { typed }) => ({ code: typed, [text]: 1 })],
  ['renew nonce', '/renew', (text) => ({ nonce: text })],
]

async function expectUntouched(
  scene: Watched,
  ask: () => Promise<{ status: number; text?: string }>,
  statuses: number[],
): Promise<void> {
  scene.given()
  const commits = scene.commits()
  const { status } = await ask()
  expect(statuses).toContain(status)
  expect(scene.given()).not.toContain(MARK)
  expect(scene.commits()).toBe(commits)
}

describe.each(TEXTS)('%s', (name, text) => {
  // What is longer than any body may be is not read to its end.
  const refused = name === '1 MB' ? [413] : [400]
  // A proof that is missing, or of such a path, is looked for first.
  const unproven = name.endsWith('B') ? [401] : []

  test.each(STRANGERS)('SEC-21 as %s is refused before the store', async (_, path, body) => {
    const scene = await createScene()
    const call = { body: body(text, scene) }
    await expectUntouched(scene, () => scene.edge.call(`/auth${path}`, call), [
      ...refused,
      ...unproven,
    ])
    const parsed: Call = {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      info: { parsedBody: call.body },
    }
    await expectUntouched(scene, () => scene.edge.call(`/auth${path}`, parsed), [
      ...refused,
      ...unproven,
    ])
  })

  test.each(KNOWN)(
    'SEC-21 as %s of who is in is refused, and no write follows',
    async (_, path, body) => {
      const scene = await createScene()
      // The proof of the request is a write of its own, and spent before the body is judged.
      scene.given()
      const { status } = await scene.owner.call(`/auth${path}`, { body: body(text, scene) })
      expect(refused).toContain(status)
      expect(scene.given()).not.toContain(MARK)
    },
  )

  // a code of 10 KB is text like any other, and unknown
  test.each(name === '10 KB' ? [] : UNKNOWN)(
    'SEC-21 as %s is refused before the store',
    async (_, path, body) => {
      const scene = await createScene()
      await expectUntouched(
        scene,
        () => scene.edge.call(`/auth${path}`, { body: body(text, scene) }),
        refused,
      )
    },
  )

  test('SEC-21 as the label of a device, the scopes of a session or the mode is refused, and no write follows', async () => {
    const scene = await createScene()
    const { deviceId, sessionId } = scene.owner
    for (const [method, path, body] of [
      ['PATCH', `/auth/devices/${deviceId}`, { label: text }],
      ['PATCH', `/auth/sessions/${sessionId}`, { scopes: [text] }],
      ['PUT', '/auth/admission', { mode: text, version: null }],
    ] as const) {
      scene.given()
      const { status } = await scene.owner.call(path, { method, body })
      expect(refused).toContain(status)
      expect(scene.given()).not.toContain(MARK)
    }
  })

  test('SEC-21 in a path, a query or a header never reaches the store', async () => {
    const scene = await createScene()
    const encoded = encodeURIComponent(text.replaceAll(/\p{Cs}/gu, '\ufffd'))
    const asks: [path: string, call: Call, statuses: number[]][] = [
      [`/auth/sessions/${encoded}`, { method: 'DELETE' }, [404]],
      [`/auth/devices/${encoded}`, { method: 'DELETE' }, [404]],
      [`/auth/codes/${encoded}`, { method: 'DELETE' }, [404]],
      [`/auth/approvals/${encoded}`, { method: 'DELETE' }, [404]],
      [`/auth/approvals/${encoded}/approve`, { body: { digest: 'x' } }, [404]],
      [`/auth/approvals/${encoded}/reject`, { body: { digest: 'x' } }, [404]],
      [`/auth/approvals?after=${encoded}`, {}, [400]],
      [`/auth/sessions?after=${encoded}`, {}, [400]],
      [`/auth/devices?after=${encoded}`, {}, [400]],
      [`/auth/codes?after=${encoded}`, {}, [400]],
      [`/auth/access/events?after=${encoded}`, {}, [400]],
    ]
    for (const [path, call, statuses] of asks) {
      scene.given()
      const { status } = await scene.owner.call(path, call)
      expect([...statuses, ...unproven], path.slice(0, 40)).toContain(status)
      expect(scene.given(), path.slice(0, 40)).not.toContain(MARK)
    }
    // no header can hold NUL or half a character: what comes closest is tried
    const header = text.replaceAll(/[\0\p{Cs}]/gu, '\u00ff')
    const proof = await scene.owner.prove('GET', `${HERE}/auth/session`, { jti: text, htu: text })
    for (const headers of [
      { authorization: `Bearer ${header}` },
      { authorization: `DPoP ${header}`, dpop: header },
      { cookie: `${scene.owner.cookie.split('=', 1)[0]}=${header}` },
      { cookie: `${scene.owner.cookie.split('=', 1)[0]}_claim=${header}` },
      { cookie: scene.owner.cookie, dpop: header },
      { cookie: scene.owner.cookie, dpop: proof },
      { host: header },
      { origin: header },
      { 'x-forwarded-for': header, 'x-forwarded-proto': header, 'x-forwarded-host': header },
      { 'idempotency-key': header, 'last-event-id': header, 'sec-fetch-site': header },
    ]) {
      scene.given()
      const { status } = await scene.edge.call('/auth/session', {
        headers: headers as Record<string, string>,
      })
      expect([200, 400, 401, 403], JSON.stringify(headers).slice(0, 60)).toContain(status)
      const gave = await scene.edge.call(`/auth/session?ticket=${encoded}`)
      expect(gave.body.authenticated).toBe(false)
      expect(scene.given()).not.toContain(MARK)
    }
  })
})

test('SEC-21 a key that is proven for a body with such a text lets nobody in', async () => {
  const scene = await createScene()
  for (const [, text] of TEXTS.slice(0, 3)) {
    const body = { code: scene.typed, device: { ...device, publicKey: key }, note: text }
    const dpop = await scene.owner.prove('POST', `${HERE}/auth/redeem`, {
      bodyHash: sha256(canonicalJson({ ...body, note: '' })),
    })
    await expectUntouched(
      scene,
      () => scene.edge.call('/auth/redeem', { body, headers: { dpop } }),
      [400],
    )
  }
  // the code is as good as before
  await pairKeyed(scene.edge, scene.typed)
})
