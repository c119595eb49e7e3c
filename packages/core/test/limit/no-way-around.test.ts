import { describe, expect, test } from 'vitest'
import { STORES } from '../kit/stores.ts'
import { counting, type Counting } from '../kit/counting.ts'
import { createDeviceKey, type DeviceKey } from '../kit/device.ts'
import {
  createHouse,
  HOME,
  LOCKOUT_ONLY,
  times,
  toldOf,
  wrongCode,
  type House,
} from '../kit/guessers.ts'
import type { Answer } from '../kit/newcomers.ts'
import { pairVisitor, type Visitor } from '../kit/visitor.ts'

interface Scene {
  house: House & { counted: Counting }
  /** Live sessions, one by cookie with a key, one by bearer. */
  keyed: Visitor
  bearer: Visitor
  key: DeviceKey
}

interface Way {
  what: string
  /** How a code is tried that way. */
  try(scene: Scene, code: string, from: string): Promise<Answer>
}

const device = { label: 'A phone', kind: 'browser' }
const AWAY = { remoteAddress: '203.0.113.50' }

/** By redeeming and by previewing, with these lines. */
function lines(what: string, of: (scene: Scene, path: string) => Record<string, string>): Way[] {
  return ['redeem', 'codes/preview'].map((path) => ({
    what: `${path} with ${what}`,
    try: (scene, code, from) => scene.house.ask(path, { code }, from, of(scene, path)),
  }))
}

/** By redeeming and by previewing, with these members. */
function members(what: string, of: (scene: Scene) => Record<string, unknown>): Way[] {
  return ['redeem', 'codes/preview'].map((path) => ({
    what: `${path} with ${what}`,
    try: (scene, code, from) => scene.house.ask(path, { code, ...of(scene) }, from),
  }))
}

async function withKey(
  { house }: Scene,
  key: DeviceKey,
  code: string,
  [from, path]: readonly [string, string],
): Promise<Answer> {
  const body = path === 'redeem' ? { code, device: { ...device, publicKey: key.jwk } } : { code }
  const htu = `${house.origin}/auth/${path}`
  const dpop = await key.prove({ htm: 'POST', htu, at: house.clock(), body })
  return house.ask(path, body, from, { dpop })
}

const WAYS: readonly Way[] = [
  ...lines('the cookie of a live session', ({ keyed }) => ({ cookie: keyed.cookieHeader() })),
  ...lines('the bearer of a live session', ({ bearer }) => ({
    authorization: `Bearer ${bearer.accessToken}`,
  })),
  ...lines('both of them', ({ keyed, bearer }) => ({
    cookie: keyed.cookieHeader(),
    authorization: `Bearer ${bearer.accessToken}`,
  })),
  ...lines('an Authorization that is not ours', () => ({ authorization: 'Basic YTpi' })),
  ...lines('the origin of our own page', ({ house }) => ({
    origin: house.origin,
    'sec-fetch-site': 'same-origin',
  })),
  ...lines('names for its address that no proxy of ours wrote', () => ({
    'true-client-ip': '192.0.2.1',
    'cf-connecting-ip': '192.0.2.1',
    'x-client-ip': '192.0.2.1',
    'fastly-client-ip': '192.0.2.1',
    via: '1.1 proxy',
  })),
  ...lines('other lines that some servers heed', () => ({
    'x-http-method-override': 'GET',
    'x-original-url': '/auth/session',
    'x-rewrite-url': '/auth/session',
    'idempotency-key': 'A'.repeat(22),
    'user-agent': 'health-check',
    prefer: 'respond-async',
    'x-ratelimit-limit': '1000000',
  })),
  ...members('members that other routes have', () => ({
    claim: `apr_${'A'.repeat(22)}.${'A'.repeat(43)}`,
    secret: 'A'.repeat(43),
    refreshToken: 'A'.repeat(43),
    for: 'socket',
    waitSeconds: 0,
    nonce: 'n',
    ticket: 'A'.repeat(43),
    limit: false,
  })),
  ...members('a device that names itself an agent', () => ({
    device: { label: 'An agent', kind: 'agent' },
    transport: 'bearer',
  })),
  ...['redeem', 'codes/preview'].flatMap((path): Way[] => [
    {
      what: `${path} with the key of a live session, proven`,
      try: (scene, code, from) => withKey(scene, scene.key, code, [from, path]),
    },
    {
      what: `${path} with a fresh key each time, proven`,
      try: async (scene, code, from) => withKey(scene, await createDeviceKey(), code, [from, path]),
    },
    {
      what: `${path} with a query`,
      try: ({ house }, code, from) => house.ask(`${path}?x=${code}#y`, { code }, from),
    },
    {
      what: `${path} with the code spelled another way`,
      try: ({ house }, code, from) =>
        house.ask(path, { code: ` ${code.toLowerCase().replaceAll('-', ' ')} ` }, from),
    },
    {
      what: `${path} with the body as a parser before us read it`,
      try: ({ house }, code, from) =>
        house.call(`/auth/${path}`, {
          method: 'POST',
          headers: { 'content-type': 'application/json' },
          info: { remoteAddress: from, parsedBody: { code } },
        }),
    },
  ]),
]

describe.each(STORES)('on $name', (store) => {
  async function open(): Promise<Scene> {
    const counted = counting(store.open())
    const house = { ...createHouse({ ...LOCKOUT_ONLY, store: counted.store }), counted }
    const key = await createDeviceKey()
    const keyed = await pairVisitor(house, { key, info: AWAY })
    const bearer = await pairVisitor(house, {
      transport: 'bearer',
      code: { scopes: ['notes:read'] },
      info: AWAY,
    })
    return { house, keyed, bearer, key }
  }

  test.each(WAYS)(
    'LIM-03 $what: ten wrong ones lock, and then the right one is refused',
    async (way) => {
      const scene = await open()
      const { house } = scene
      const right = await house.typed()
      const told: string[] = []
      for (let count = 0; count < 10; count++)
        told.push(toldOf(await way.try(scene, wrongCode(count), HOME)))
      expect(told).toEqual(times(10, 'code_invalid'))
      house.counted.clear()
      expect(toldOf(await way.try(scene, right, HOME))).toBe('locked_out')
      // And by the plain way too: it is one lock.
      expect(toldOf(await house.redeem(right))).toBe('locked_out')
      expect(house.counted.lookups()).toBe(0)
      // The right one would have been let in.
      expect(toldOf(await way.try(scene, right, '203.0.113.8'))).toBe('in')
    },
  )

  test('LIM-03 whoever is locked finds no other path, method or spelling of one that judges a code', async () => {
    const { house } = await open()
    const code = await house.typed()
    await house.fail(10)
    house.counted.clear()
    const paths = ['redeem', 'codes/preview'].flatMap((path) => [
      path,
      `${path}/`,
      `/${path}`,
      path.toUpperCase(),
      `${path}.json`,
      `${path}%2f`,
      `${path};x=1`,
      `./${path}`,
      `x/../${path}`,
      `%72edeem`,
    ])
    for (const path of paths)
      for (const method of ['POST', 'PUT', 'PATCH', 'DELETE', 'GET', 'HEAD', 'OPTIONS']) {
        const isRead = method === 'GET' || method === 'HEAD'
        const answer = await house.call(`/auth/${path}`, {
          method,
          ...(isRead ? {} : { body: { code } }),
          info: { remoteAddress: HOME },
        })
        // `DELETE codes/preview` is the end of a code of that id, for who may.
        expect([401, 404, 405, 429], `${method} ${path}`).toContain(answer.status)
      }
    expect(house.counted.lookups()).toBe(0)
    expect((await house.pair.codes.list()).items.map(({ used }) => used)).toEqual([0])
  })

  test('LIM-03 a window that is full is full with every line and member beside the code', async () => {
    const scene = await open()
    const tight = createHouse({
      store: scene.house.store,
      limits: { redeem: { max: 1 }, preview: { max: 1 } },
    })
    await tight.redeem(wrongCode(1))
    await tight.preview(wrongCode(1))
    const there = { ...scene, house: { ...tight, counted: scene.house.counted } }
    for (const way of WAYS)
      expect([way.what, toldOf(await way.try(there, wrongCode(2), HOME))]).toEqual([
        way.what,
        'rate_limited',
      ])
  })
})
