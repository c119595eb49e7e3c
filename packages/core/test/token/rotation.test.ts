import { describe, expect, test } from 'vitest'
import { DAY, HOUR, MINUTE } from '../../src/time.ts'
import { createApplicant, openDoor, settle } from '../kit/applicants.ts'
import { STORES } from '../kit/stores.ts'
import { createDeviceKey } from '../kit/device.ts'
import {
  admitted,
  bearerOf,
  headerOf,
  rotations,
  twoInstances,
  withinASecond,
} from '../kit/rotations.ts'
import { askToken, enter, presented, SCREENS } from '../kit/screens.ts'
import { ORIGIN, startServer, type Server } from '../kit/server.ts'
import { createVisitor, pairVisitor, type Visitor } from '../kit/visitor.ts'

const SIGNINGS = ['hs256', 'eddsa'] as const

/** The same credentials, brought to another instance. */
function at(server: Server, visitor: Visitor): Visitor {
  const there = createVisitor(server, visitor.key)
  const { jar, accessToken, refreshToken, session } = visitor
  return Object.assign(there, { jar: new Map(jar), accessToken, refreshToken, session })
}

async function stands(server: Server, visitor: Visitor): Promise<boolean> {
  const { accessToken, key } = visitor
  const proof = key !== null && accessToken !== undefined
  const request = await at(server, visitor).request('GET', '/app', { proof })
  const found = await server.pair.identify(request)
  return found.ok && found.auth.kind === 'session'
}

async function oneOfEach(server: Server): Promise<Visitor[]> {
  return [
    await pairVisitor(server),
    await pairVisitor(server, { key: await createDeviceKey() }),
    await pairVisitor(server, { transport: 'bearer' }),
    await pairVisitor(server, { key: await createDeviceKey(), transport: 'dpop' }),
  ]
}

describe.each(STORES)('SES-11 on $name', ({ openTwo }) => {
  test.each(SIGNINGS)(
    'SES-11 %s: no restart, everybody stays, the fresh keys sign 60 s later under another kid',
    async (signing) => {
      const [one, other] = twoInstances({ signing, keyless: 'full' }, openTwo())
      const before = await oneOfEach(one)
      await other.pair.authenticate(
        new Request(ORIGIN, { headers: bearerOf(before[2]!.accessToken) }),
      )
      const [first, fresh] = await one.pair.signingKeys.rotate()
      expect([first!.signing, fresh!.signing]).toEqual([true, false])
      const during = await pairVisitor(one, { transport: 'bearer' })
      one.clock.advance(MINUTE)
      const after = await pairVisitor(one, { transport: 'bearer' })
      expect(headerOf(during.accessToken!)).toEqual(headerOf(before[2]!.accessToken!))
      expect(headerOf(after.accessToken!).kid).not.toBe(headerOf(during.accessToken!).kid)
      await withinASecond(() => stands(other, after))
      for (const visitor of [...before, during, after])
        for (const server of [one, other]) expect(await stands(server, visitor)).toBe(true)
      const there = await pairVisitor(other, { transport: 'bearer' })
      expect(headerOf(there.accessToken!)).toEqual(headerOf(after.accessToken!))
    },
  )

  test.each(SIGNINGS)(
    'SES-11 %s: ended, nothing old counts anywhere; who can renew goes on',
    async (signing) => {
      const [one, other] = twoInstances({ signing, keyless: 'full' }, openTwo())
      const all = await oneOfEach(one)
      for (const visitor of all) expect(await stands(other, visitor)).toBe(true)
      await one.pair.signingKeys.rotate({ old: 'end' })
      for (const visitor of all) expect(await stands(one, visitor)).toBe(false)
      for (const visitor of all) await withinASecond(async () => !(await stands(other, visitor)))
      const [keyless, keyed, bearer, dpop] = all as [Visitor, Visitor, Visitor, Visitor]
      const renewals = await Promise.all([
        keyless.call('POST', '/renew', { body: {} }),
        at(other, keyed).call('POST', '/renew', { body: {}, proof: true, cookies: false }),
        at(other, bearer).call('POST', '/renew', {
          body: { refreshToken: bearer.refreshToken },
          authorization: null,
        }),
        at(one, dpop).call('POST', '/renew', { body: {}, proof: true, authorization: null }),
      ])
      expect(renewals.map(({ status }) => status)).toEqual([401, 200, 200, 200])
      const { accessToken } = renewals[2]!.body as { accessToken: string }
      for (const server of [one, other])
        await withinASecond(
          async () => (await admitted(server, bearerOf(accessToken))) === 'session',
        )
    },
  )

  test('SES-11 an instance that starts later has the ring as it stands', async () => {
    const [here, store] = openTwo()
    const [one] = twoInstances({}, [here, store])
    await one.pair.signingKeys.rotate()
    one.clock.advance(MINUTE)
    const { accessToken } = await pairVisitor(one, { transport: 'bearer' })
    const late = startServer({ store, clock: one.clock })
    expect(await admitted(late, bearerOf(accessToken))).toBe('session')
    expect(await late.pair.signingKeys.list()).toEqual(await one.pair.signingKeys.list())
    const elsewhere = startServer({ store, clock: one.clock, namespace: 'other' })
    expect(await elsewhere.pair.signingKeys.list()).toHaveLength(1)
  })
})

test('SES-11 the journal tells of a rotation once, in the step that makes it; one under way is answered as it is', async () => {
  const server = startServer()
  const first = await server.pair.signingKeys.rotate()
  for (let again = 0; again < 3; again++)
    expect(await server.pair.signingKeys.rotate()).toEqual(first)
  expect(await rotations(server)).toMatchObject([
    { actor: { kind: 'operator' }, detail: { keyId: first[1]!.id, old: 'live-out' } },
  ])
  server.clock.advance(MINUTE)
  expect(await server.pair.signingKeys.rotate()).toHaveLength(3)
  const [last] = await server.pair.signingKeys.rotate({ old: 'end' })
  expect((await rotations(server)).at(-1)).toMatchObject({
    detail: { keyId: last!.id, old: 'end' },
  })
  await expect(server.pair.signingKeys.rotate({ old: 'keep' as never })).rejects.toMatchObject({
    code: 'invalid_request',
  })
})

test('SES-11 generations leave the list when nothing counts any more that they signed', async () => {
  const server = startServer()
  await server.pair.signingKeys.rotate()
  const lived = MINUTE + DAY
  server.clock.advance(lived - 1)
  expect(await server.pair.signingKeys.list()).toHaveLength(2)
  server.clock.advance(1)
  expect(await server.pair.signingKeys.list()).toMatchObject([{ signing: true, acceptUntil: null }])
})

test('SES-11 what lives longest without renewal lives out', async () => {
  for (const [keyless, life] of [
    ['limited', DAY],
    ['full', 400 * DAY],
  ] as const) {
    const server = startServer({ keyless, session: { slidingMs: null } })
    await server.pair.signingKeys.rotate()
    server.clock.advance(MINUTE - 1_000)
    const { jar } = await pairVisitor(server)
    const cookie = [...jar].map((both) => both.join('=')).join()
    server.clock.advance(life - 1_000)
    expect(await admitted(server, { cookie }), keyless).toBe('session')
    server.clock.advance(HOUR)
    expect(await admitted(server, { cookie }), keyless).not.toBe('session')
  }
})

test('SES-11 a code that was made before a rotation redeems behind it, and is over behind one that ends what is old', async () => {
  const server = startServer()
  const codes = await Promise.all(
    [1, 2, 3, 4].map(() => server.pair.codes.issue({ origin: ORIGIN })),
  )
  const [one, two, three, four] = codes.map(({ typed }) => typed)
  const redeem = async (code = ''): Promise<number> =>
    (await createVisitor(server).redeem(code)).status
  expect(await redeem(one)).toBe(200)
  await server.pair.signingKeys.rotate()
  expect(await redeem(two)).toBe(200)
  server.clock.advance(MINUTE)
  expect(await redeem(three)).toBe(200)
  const link = new URL((await server.pair.codes.issue({ origin: ORIGIN })).link).hash.slice(6)
  await server.pair.signingKeys.rotate({ old: 'end' })
  for (const code of [four, link]) expect(await redeem(code)).toBe(401)
  expect(await redeem((await server.pair.codes.issue({ origin: ORIGIN })).typed)).toBe(200)
})

test('SES-11 proofs of waiting and resource tokens live out and end like the others', async () => {
  const { server } = await openDoor('approval', { resources: SCREENS })
  const applicant = await createApplicant(server)
  await applicant.ask()
  const { proof } = applicant.pending
  const reads = async (): Promise<boolean> =>
    (await server.pair.approvals.readProof(proof)) !== null
  await server.pair.admission.set('code')
  const code = { scopes: ['screen:view'] as never }
  const visitor = await pairVisitor(server, { transport: 'bearer', code })
  const { resourceToken } = (await askToken(visitor, 'screen:x', 'view')).body
  const opens = async (): Promise<string> =>
    enter(server, await presented(server, visitor, resourceToken), {
      resource: 'screen:x',
      mode: 'view',
    })
  await server.pair.signingKeys.rotate()
  server.clock.advance(MINUTE)
  expect([await reads(), await opens()]).toEqual([true, 'view'])
  await server.pair.signingKeys.rotate({ old: 'end' })
  expect([await reads(), await opens()]).toEqual([false, 'session_invalid'])
})

test('SES-11 who waits for a person is collected behind a rotation that ends what is old', async () => {
  const { server } = await openDoor('approval')
  const applicant = await createApplicant(server)
  await applicant.ask()
  await settle(server, 'approve', applicant)
  await server.pair.signingKeys.rotate({ old: 'end' })
  expect((await applicant.collect()).status).toBe(200)
})
