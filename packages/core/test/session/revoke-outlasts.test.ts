import { describe, expect, test } from 'vitest'
import { fixedClock } from '@pair/testkit/app'
import type { Store } from '../../src/ports/store.ts'
import { memoryStore } from '../../src/storage/memory/memory-store.ts'
import { NOON } from '../kit/clock.ts'
import { createDeviceKey } from '../kit/device.ts'
import { startServer, type Server } from '../kit/server.ts'
import { pairVisitor, type PairWish, type Visitor } from '../kit/visitor.ts'

const DAY = 86_400_000
const YEAR = 365 * DAY

/** A store before whose next commit something else happens first. */
function interruptible(): { store: Store; before(act: () => Promise<unknown>): void } {
  const clock = fixedClock(NOON)
  const real = memoryStore({ clock })
  let next: (() => Promise<unknown>) | null = null
  return {
    store: {
      ...real,
      async commit(checks, writes) {
        const act = next
        next = null
        await act?.()
        return real.commit(checks, writes)
      },
    },
    before: (act) => void (next = act),
  }
}

interface Scene {
  server: Server
  visitor: Visitor
  before(act: () => Promise<unknown>): void
}

async function scene(wish: PairWish = {}, sliding: number = YEAR): Promise<Scene> {
  const { store, before } = interruptible()
  const server = startServer({ store, keyless: 'full', session: { slidingMs: sliding } })
  const visitor = await pairVisitor(server, { key: await createDeviceKey(), ...wish })
  return { server, visitor, before }
}

async function renew(visitor: Visitor): Promise<string> {
  const { refreshToken } = visitor
  const body = refreshToken === undefined ? {} : { refreshToken }
  const answer = await visitor.call<{ code?: string; refreshToken?: string }>('POST', '/renew', {
    body,
    proof: visitor.key !== null,
    authorization: null,
  })
  if (answer.body.refreshToken !== undefined) visitor.refreshToken = answer.body.refreshToken
  return answer.body.code ?? 'ok'
}

const REVOKES: [string, (scene: Scene) => Promise<void>][] = [
  ['session', ({ server, visitor }) => server.pair.sessions.revoke(visitor.session.id)],
  ['device', ({ server, visitor }) => server.pair.devices.revoke(visitor.session.device.id)],
]

/** The renewals on those days after the revoke, after a sweep on each of them. */
async function renewalsAfter({ server, visitor }: Scene, days: number[]): Promise<string[]> {
  const revokedAt = server.clock()
  const told: string[] = []
  for (const day of days) {
    server.clock.set(revokedAt + day * DAY)
    await server.pair.sweep()
    told.push(await renew(visitor))
    expect((await server.pair.sessions.list()).items, `after ${day} days`).toEqual([])
    const { items } = await server.pair.devices.list()
    expect(items.filter(({ session }) => session !== null)).toEqual([])
  }
  return told
}
const REFUSED = expect.stringMatching(/^session_(revoked|invalid)$/)
const refused = (days: number[]): unknown[] => days.map(() => REFUSED)

describe.each(REVOKES)('SES-06 the revoke of a %s', (_, revoke) => {
  const wishes: [string, PairWish][] = [
    ['a key', {}],
    ['a cookie', { key: null, transport: 'cookie' }],
    ['a refresh token', { key: null, transport: 'bearer' }],
  ]
  test.each(wishes)(
    'SES-06 outlasts a session that was renewed by %s while it was under way',
    async (__, wish) => {
      const made = await scene(wish)
      made.server.clock.advance(300 * DAY)
      let between = 'did not run'
      made.before(async () => {
        between = await renew(made.visitor)
      })
      await revoke(made)
      expect(between).toBe('ok')
      expect(await renew(made.visitor)).toBe('session_revoked')
      const days = [1, 65, 94, 95, 96, 97, 200, 364, 365, 366, 394, 395, 396, 400]
      expect(await renewalsAfter(made, days)).toEqual(refused(days))
    },
  )

  test('SES-06 at the last moment of a session outlasts it too', async () => {
    const made = await scene()
    made.server.clock.advance(YEAR - 1)
    made.before(() => renew(made.visitor))
    await revoke(made)
    const days = [30, 31, 96, 364, 366, 396, 400]
    expect(await renewalsAfter(made, days)).toEqual(refused(days))
  })

  test('SES-06 that no renewal meets outlasts the session just as well', async () => {
    const made = await scene()
    made.server.clock.advance(300 * DAY)
    await revoke(made)
    const days = [0, 65, 96, 366, 400]
    expect(await renewalsAfter(made, days)).toEqual(refused(days))
  })

  test('SES-06 leaves nothing of its target in the store for ever', async () => {
    const made = await scene()
    made.server.clock.advance(300 * DAY)
    made.before(() => renew(made.visitor))
    await revoke(made)
    for (const years of [2, 1]) {
      made.server.clock.advance(years * YEAR)
      // the first one finds that the clock has jumped
      await made.server.pair.sweep()
      await made.server.pair.sweep()
    }
    const { session } = made.visitor
    for (const prefix of [
      ['session', session.id],
      ['device', session.device.id],
    ]) {
      expect(await made.server.store.list(['pair', ...prefix], { limit: 10 })).toEqual([])
    }
  })
})

test('SES-06 the revoke of a device outlasts a longer session that its key is given meanwhile', async () => {
  const made = await scene({ code: { session: { slidingMs: 3_600_000 } } })
  const { server, visitor } = made
  let again: Visitor | undefined
  made.before(async () => {
    again = await pairVisitor(server, { key: visitor.key })
  })
  await server.pair.devices.revoke(visitor.session.device.id)
  expect(again?.session.device.id).toBe(visitor.session.device.id)
  const days = [0, 31, 32, 60, 200, 364]
  expect(await renewalsAfter({ ...made, visitor: again! }, days)).toEqual(refused(days))
})
