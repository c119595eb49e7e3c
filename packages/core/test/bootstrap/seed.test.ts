import { randomBytes } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { faultyStore } from '@pair/testkit/store'
import type { SeedCode } from '../../src/bootstrap/seed-service.ts'
import { isPairError } from '../../src/errors.ts'
import { memoryStore } from '../../src/storage/memory/memory-store.ts'
import { dumpStore, dumpText } from '../kit/dump.ts'
import { createKeyed, createServer, createStranger, type LoggedServer } from '../kit/newcomers.ts'
import { OWNER, paired, typesTold } from '../kit/owners.ts'
import { NOON } from '../kit/clock.ts'

const SECOND = 1_000
const DAY = 86_400 * SECOND
const drawSeed = (): string => randomBytes(32).toString('base64url')
const terms = { expiresAt: NOON + 600 * SECOND }

async function refusalOf(work: Promise<unknown>): Promise<string> {
  const error: unknown = await work.then(
    () => null,
    (thrown: unknown) => thrown,
  )
  return isPairError(error) ? `${error.code}: ${error.message}` : 'no refusal'
}

const statusOf = async (server: LoggedServer, code: string): Promise<number> =>
  (await createStranger(server).redeem(code)).status

describe('CODE-09 a seed that a launcher chose', () => {
  test('CODE-09 is the secret of a code for one, with the terms of any other', async () => {
    const server = createServer()
    const seed = drawSeed()
    const code = await server.pair.codes.seed(seed, {
      ...terms,
      label: 'Desktop app',
      scopes: ['notes:read', 'access:read'],
      subject: 'desktop',
      data: { window: 1 },
    })
    expect(code).toMatchObject({ label: 'Desktop app', uses: 1, used: 0, ...terms })
    expect((await server.pair.codes.list()).items).toEqual([code])
    const { status, body } = await (await createKeyed(server)).redeem(seed)
    expect(status).toBe(200)
    expect(body).toMatchObject({
      session: {
        scopes: ['notes:read', 'access:read'],
        subject: 'desktop',
        data: { window: 1 },
      },
    })
    expect(await statusOf(server, seed)).toBe(401)
    expect(await typesTold(server)).toEqual(['code.issued', 'code.redeemed'])
  })

  test('CODE-09 gives the scopes of the app and none of access where none are named', async () => {
    const server = createServer()
    expect(await server.pair.codes.seed(drawSeed(), terms)).toMatchObject({
      scopes: ['notes:read', 'notes:write'],
      label: null,
    })
  })

  test('CODE-09 is one code however often it is brought, and the first terms hold', async () => {
    const server = createServer()
    const seed = drawSeed()
    const first = await server.pair.codes.seed(seed, { ...terms, uses: 2 })
    server.clock.advance(60 * SECOND)
    const wider: SeedCode<'notes:read'> = { expiresAt: NOON + DAY, uses: 'unlimited' }
    expect(await server.pair.codes.seed(seed, wider)).toEqual(first)
    expect((await server.pair.codes.list()).items).toEqual([first])
    expect(await statusOf(server, seed)).toBe(200)
    expect(await server.pair.codes.seed(seed, terms)).toEqual({ ...first, used: 1 })
    expect(await statusOf(server, seed)).toBe(200)
    expect(await server.pair.codes.seed(seed, wider)).toBeNull()
    expect(await statusOf(server, seed)).toBe(401)
    expect((await typesTold(server)).filter((type) => type === 'code.issued')).toHaveLength(1)
  })

  test.each<[string, (server: LoggedServer, id: string) => Promise<unknown>]>([
    ['revoked', ({ pair }, id) => pair.codes.revoke(id)],
    ['of an age that is over', ({ pair }) => pair.sessions.revokeAll()],
    ['over', async ({ clock }) => clock.advance(600 * SECOND)],
    ['over and announced', async ({ clock, pair }) => (clock.advance(600 * SECOND), pair.sweep())],
    ['forgotten', async ({ clock, pair }) => (clock.advance(3 * DAY), pair.sweep())],
  ])('CODE-09 opens nothing more once its code is %s', async (_, end) => {
    const server = createServer()
    const seed = drawSeed()
    const code = await server.pair.codes.seed(seed, terms)
    await end(server, code!.id)
    expect(await server.pair.codes.seed(seed, terms)).toBeNull()
    expect((await server.pair.codes.list()).items).toEqual([])
    expect(await statusOf(server, seed)).toBe(401)
  })

  test('CODE-09 ends at its instant, however late it is brought', async () => {
    const server = createServer()
    const seed = drawSeed()
    server.clock.advance(590 * SECOND)
    expect(await server.pair.codes.seed(seed, terms)).toMatchObject(terms)
    server.clock.advance(10 * SECOND)
    expect(await statusOf(server, seed)).toBe(401)
  })

  test.each([
    ['nothing', ''],
    ['the secret of a link of ours', randomBytes(16).toString('base64url')],
    ['a byte less', randomBytes(31).toString('base64url')],
    ['a byte more', randomBytes(33).toString('base64url')],
    ['hex', randomBytes(32).toString('hex')],
    ['a blank behind', `${drawSeed()}\n`],
    ['padding', `${drawSeed()}=`],
    ['another spelling of the last character', `${'abcdefghij_-'.repeat(4).slice(0, 42)}B`],
    ['one letter', 'A'.repeat(43)],
    ['few bytes', Buffer.alloc(32, 'abc').toString('base64url')],
    ['no text', 7 as never],
    ['bytes', randomBytes(32) as never],
  ])('CODE-09 is refused where it is %s', async (_, seed) => {
    const server = createServer()
    const said = await refusalOf(server.pair.codes.seed(seed, terms))
    expect(said).toBe('invalid_request: `seed` must be 32 random bytes as base64url.')
    expect((await server.pair.codes.list()).items).toEqual([])
  })

  test.each<[string, object]>([
    ['expiresAt', {}],
    ['expiresAt', { expiresAt: Number.NaN }],
    ['expiresAt', { expiresAt: -1 }],
    ['expiresAt', { expiresAt: NOON + 0.5 }],
    ['expiresAt', { expiresAt: '2027-01-01T00:00:00Z' }],
    ['expiresAt', { expiresAt: NOON + 30 * DAY + 1 }],
    ['uses', { ...terms, uses: 0 }],
    ['uses', { ...terms, uses: 1_001 }],
    ['scopes', { ...terms, scopes: ['notes:erase'] }],
    ['scopes', { ...terms, scopes: [] }],
    ['label', { ...terms, label: '' }],
  ])('CODE-09 needs terms that are terms: `%s` of %j', async (field, wrong) => {
    const server = createServer()
    const said = await refusalOf(server.pair.codes.seed(drawSeed(), wrong as never))
    expect(said).toContain(`invalid_request: \`${field}\` must `)
    expect((await server.pair.codes.list()).items).toEqual([])
  })

  test('CODE-09 is asked of the policy like any code', async () => {
    const told: unknown[] = []
    const policy = { issue: (facts: object) => (told.push(facts), 'not today') }
    const server = createServer({ policy })
    const seed = drawSeed()
    expect(await refusalOf(server.pair.codes.seed(seed, terms))).toContain('policy_refused')
    expect(told).toMatchObject([{ uses: 1, scopes: ['notes:read', 'notes:write'], ...terms }])
    expect(JSON.stringify(told)).not.toContain(seed)
    expect(await statusOf(server, seed)).toBe(401)
  })

  test('CODE-09 CODE-10 is nowhere in the store, the journal, the log and the lists', async () => {
    const server = createServer()
    const seed = drawSeed()
    const code = await server.pair.codes.seed(seed, { ...terms, uses: 2 })
    await createStranger(server).redeem(seed)
    const rows = await dumpStore(server.store)
    const all = dumpText(rows) + JSON.stringify([server.logs, server.refusals, code])
    for (const form of ['base64url', 'base64', 'hex'] as const)
      expect(all).not.toContain(Buffer.from(seed, 'base64url').toString(form).slice(0, 20))
    // What stands there instead lets nobody in.
    for (const text of all.match(/[\w-]{22,43}/g) ?? [])
      if (text.length === 22 || text.length === 43) expect(await statusOf(server, text)).toBe(401)
  })

  test('CODE-09 is taken by no route', async () => {
    const server = createServer()
    const owner = await paired(server, OWNER)
    const seed = drawSeed()
    const body = { seed, code: seed, secret: seed, link: seed }
    expect((await owner.call('/auth/codes', { body })).status).toBe(201)
    expect(await statusOf(server, seed)).toBe(401)
  })

  test.each(['error-before', 'error-after'] as const)(
    'CODE-09 whose commit meets %s and a store that goes away makes one code when it is brought again',
    async (fault) => {
      for (const away of [false, true]) {
        const line = faultyStore(memoryStore())
        const server = createServer({ store: line.store })
        const seed = drawSeed()
        line.plan('commit', fault, away ? { thenDown: true } : {})
        const first = await refusalOf(server.pair.codes.seed(seed, terms))
        expect(first).toMatch(away ? /^store_unavailable/ : /^no refusal/)
        line.up()
        expect(await server.pair.codes.seed(seed, terms)).toMatchObject({ uses: 1, used: 0 })
        expect([await statusOf(server, seed), await statusOf(server, seed)]).toEqual([200, 401])
        expect((await server.pair.sessions.list()).items).toHaveLength(1)
      }
    },
  )

  test('CODE-09 whose commit fails while a rival brings it has the terms of the rival', async () => {
    const line = faultyStore(memoryStore())
    const [one, rival] = [createServer({ store: line.store }), createServer({ store: line.store })]
    const seed = drawSeed()
    line.plan('commit', 'hang-before')
    const first = one.pair.codes.seed(seed, { ...terms, uses: 2 })
    await expect.poll(() => line.calls('commit'), { interval: 5 }).toBe(1)
    const theirs = await rival.pair.codes.seed(seed, { ...terms, uses: 3 })
    await line.release()
    expect(await first).toEqual(theirs)
    line.plan('commit', 'error-before')
    const other = drawSeed()
    const [mine, others] = await Promise.all([
      one.pair.codes.seed(other, { ...terms, uses: 4 }),
      rival.pair.codes.seed(other, { ...terms, uses: 5 }),
    ])
    expect(mine).toEqual(others)
    expect(mine).toEqual(await one.pair.codes.seed(other, terms))
  })

  test('CODE-09 makes nothing by a clock that is off', async () => {
    const server = createServer({ storeClock: () => NOON + 60_000 })
    const seed = drawSeed()
    expect(await refusalOf(server.pair.codes.seed(seed, terms))).toContain('clock_skew')
    expect((await server.pair.codes.list()).items).toEqual([])
  })

  test('CODE-09 whose record can not be read opens nothing and is not made anew', async () => {
    const server = createServer()
    const seed = drawSeed()
    const code = await server.pair.codes.seed(seed, terms)
    const key = ['pair', 'code', code!.id, 'record']
    const { version } = (await server.store.read(key))!
    await server.store.commit([{ key, version }], [{ key, value: '{"v":99}', purgeAt: null }])
    expect(await server.pair.codes.seed(seed, terms)).toBeNull()
    expect(await statusOf(server, seed)).toBe(401)
  })
})
