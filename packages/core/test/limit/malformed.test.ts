import { describe, expect, test } from 'vitest'
import { STORES } from '../kit/stores.ts'
import { createDeviceKey } from '../kit/device.ts'
import {
  BY_DEFAULT,
  createHouse,
  HOME,
  times,
  toldOf,
  wrongCode,
  type House,
} from '../kit/guessers.ts'
import type { Answer, Call } from '../kit/newcomers.ts'
import { STRANGERS } from './stranger-routes.ts'

const device = { label: 'A phone', kind: 'browser' }

/** What no server could read as a guess. */
const MALFORMED: readonly [what: string, status: number, call: Call][] = [
  ['a body that is no JSON', 400, { body: '{' }],
  ['a body that is no object', 400, { body: '[]' }],
  ['a member that is there twice', 400, { body: '{"code":"222-222-222","code":"222-222-223"}' }],
  ['no code at all', 400, { body: {} }],
  ['a code that is no text', 400, { body: { code: 222_222_222 } }],
  ['a code of eight symbols', 400, { body: { code: '222-222-22' } }],
  ['a code with a symbol that none has', 400, { body: { code: '222-222-22O' } }],
  ['a code of twelve symbols', 400, { body: { code: '222-222-222-222' } }],
  ['a link’s secret that is too short', 400, { body: { code: 'A'.repeat(21) } }],
  ['a text of 129 characters', 400, { body: { code: '2'.repeat(129) } }],
  [
    'another media type',
    415,
    {
      body: `code=${wrongCode(1)}`,
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
    },
  ],
  [
    'JSON as text',
    415,
    { body: { code: wrongCode(1) }, headers: { 'content-type': 'text/plain' } },
  ],
  ['a body over its limit', 413, { body: { code: wrongCode(1), more: 'x'.repeat(17_000) } }],
]

/** What only redeeming could refuse. */
const UNREDEEMABLE: readonly [what: string, status: number, body: Record<string, unknown>][] = [
  ['a device without a kind', 400, { code: wrongCode(1), device: { label: 'x' } }],
  ['a name of nothing', 400, { code: wrongCode(1), device: { label: ' ', kind: 'browser' } }],
  ['a transport that there is not', 400, { code: wrongCode(1), transport: 'pigeon' }],
  ['scopes that are none', 400, { code: wrongCode(1), scopes: ['no scope'] }],
]

const from = { info: { remoteAddress: HOME } }

/** Whether nothing was counted: as many may follow as there are. */
async function untouched(house: House): Promise<void> {
  expect(await house.fail(9)).toEqual([...times(8, 'code_invalid'), 'rate_limited'])
}

describe.each(STORES)('on $name', (store) => {
  const open = (): House => createHouse({ ...BY_DEFAULT, store: store.open() })

  test('LIM-01 what is no guess answers 4xx and doesn’t count: redeeming', async () => {
    const house = open()
    for (const [what, status, call] of MALFORMED)
      for (let left = 3; left > 0; left--)
        expect([what, (await house.call('/auth/redeem', { ...call, ...from })).status]).toEqual([
          what,
          status,
        ])
    for (const [what, status, body] of UNREDEEMABLE)
      for (let left = 3; left > 0; left--)
        expect([what, (await house.ask('redeem', body)).status]).toEqual([what, status])
    await untouched(house)
  })

  test('LIM-01 what is no guess answers 4xx and doesn’t count: previewing', async () => {
    const house = open()
    const typed = await house.typed()
    for (const [what, status, call] of MALFORMED)
      for (let left = 3; left > 0; left--)
        expect([
          what,
          (await house.call('/auth/codes/preview', { ...call, ...from })).status,
        ]).toEqual([what, status])
    for (let left = 15; left > 0; left--) expect((await house.preview(typed)).status).toBe(200)
    expect(toldOf(await house.preview(typed))).toBe('rate_limited')
  })

  test('LIM-01 nor does what another host or page sends, nor a wrong method', async () => {
    const house = open()
    const body = { code: wrongCode(1) }
    const tell = async (call: Call): Promise<string> =>
      toldOf(await house.call('/auth/redeem', { body, ...call, ...from }))
    for (let left = 12; left > 0; left--) {
      expect(await tell({ headers: { host: 'evil.example' } })).toBe('host_refused')
      expect(await tell({ headers: { origin: 'https://evil.example' } })).toBe('origin_refused')
      expect(await tell({ method: 'PUT' })).toBe('method_not_allowed')
    }
    await untouched(house)
  })

  test('LIM-01 nor a key without a proof, or with one that doesn’t hold: no code is judged by it', async () => {
    const house = open()
    const key = await createDeviceKey()
    const body = { code: await house.typed(), device: { ...device, publicKey: key.jwk } }
    const proof = await key.prove({
      htm: 'POST',
      htu: `${house.origin}/auth/redeem`,
      at: house.clock(),
      body: { ...body, code: wrongCode(1) },
    })
    for (let left = 12; left > 0; left--) {
      expect(toldOf(await house.ask('redeem', body))).toBe('proof_required')
      expect(toldOf(await house.ask('redeem', body, HOME, { dpop: proof }))).toBe('proof_invalid')
    }
    await untouched(house)
  })

  test('LIM-01 malformed writes of strangers don’t count on any route', async () => {
    const house = open()
    for (const { method, path } of STRANGERS) {
      if (method === 'DELETE') continue
      const answer: Answer = await house.call(`/auth/${path}`, { method, body: '{', ...from })
      expect([path, answer.status]).toEqual([path, 400])
    }
    for (let left = 5; left > 0; left--)
      expect(toldOf(await house.ask('logout', {}))).toBe('session_required')
    expect(toldOf(await house.ask('logout', {}))).toBe('rate_limited')
  })
})
