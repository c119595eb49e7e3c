import { describe, expect, test } from 'vitest'
import { createApplicant, openDoor, settle, shown, type Applicant } from '../kit/applicants.ts'
import type { Answer, LoggedServer } from '../kit/newcomers.ts'

const HALF = 300_000

const ask = async (
  server: LoggedServer,
  address: string,
): Promise<Applicant & { first: Answer }> => {
  const who = await createApplicant(server, { address })
  const first = await who.ask()
  return Object.assign(who, { first })
}

/** Comes with a code; of its own where none is named. */
async function hold(
  server: LoggedServer,
  address: string,
  code?: string,
): Promise<Applicant & { first: Answer }> {
  const who = await createApplicant(server, { address })
  const typed = code ?? (await server.pair.codes.issue()).typed
  return Object.assign(who, { first: await who.redeem(typed) })
}

const full = (retryAfter: number): object => ({
  status: 429,
  body: { code: 'approval_limited', retryAfter },
})

/** That many strangers, each from a network of its own. */
async function strangers(server: LoggedServer, count: number): Promise<Applicant[]> {
  const all: Applicant[] = []
  for (let n = 0; n < count; n++) {
    const who = await ask(server, `198.51.100.${n}`)
    expect(who.first.status).toBe(202)
    all.push(who)
  }
  return all
}

describe('APP-09 the queue', () => {
  test('APP-09 has one place a key, from wherever it asks', async () => {
    const { server } = await openDoor()
    const phone = await createApplicant(server)
    for (let n = 0; n < 8; n++) {
      phone.address = `203.0.113.${n}`
      expect((await phone.ask()).status).toBe(202)
    }
    expect(await shown(server)).toHaveLength(1)
    // and no more of them are taken than that one
    await strangers(server, 15)
    expect((await ask(server, '192.0.2.1')).first).toMatchObject(full(300))
  })

  test('APP-09 has two places a network, and no place is lost before half its time is over', async () => {
    const { server } = await openDoor()
    const one = await ask(server, '203.0.113.7')
    server.clock.advance(1_000)
    const two = await ask(server, '203.0.113.7')
    server.clock.advance(1_000)
    expect((await ask(server, '203.0.113.7')).first).toMatchObject(full(298))
    expect((await ask(server, '203.0.113.8')).first.status).toBe(202)
    server.clock.advance(HALF - 2_001)
    expect((await ask(server, '203.0.113.7')).first).toMatchObject(full(1))
    server.clock.advance(1)
    const three = await ask(server, '203.0.113.7')
    expect(three.first.status).toBe(202)
    expect([(await one.collect()).status, (await two.collect()).status]).toEqual([410, 202])
    const { items } = await server.pair.audit.read({ limit: 1_000 })
    expect(items.filter(({ type }) => type === 'approval.displaced')).toMatchObject([
      { approvalId: one.pending.approval.id, actor: { kind: 'server' } },
    ])
    expect(await shown(server)).toHaveLength(3)
  })

  test.each([
    ['203.0.113.7', '::ffff:203.0.113.7', '203.0.113.8'],
    ['::ffff:203.0.113.7', '::ffff:cb00:7107', '::ffff:203.0.113.8'],
    ['2001:db8::1', '2001:db8::ffff:1', '2001:db8:0:1::1'],
    ['2001:db8:1:2:3:4:5:6', '2001:0DB8:1:2::', '2001:db8:1:3:3:4:5:6'],
    ['::1', '::2', '0:0:0:1::1'],
  ])('APP-09 takes %s and %s for one network, and %s for another', async (one, same, other) => {
    const { server } = await openDoor()
    expect((await ask(server, one)).first.status).toBe(202)
    expect((await ask(server, same)).first.status).toBe(202)
    expect((await ask(server, one)).first).toMatchObject(full(300))
    expect((await ask(server, same)).first).toMatchObject(full(300))
    expect((await ask(server, other)).first.status).toBe(202)
  })

  test('APP-09 LIM-07 takes all whose address can not be told for one network, which has eight places and no cool-down', async () => {
    const { server } = await openDoor()
    for (const address of ['', 'junk', '', 'junk', '', 'junk', '', 'junk'])
      expect((await ask(server, address)).first.status).toBe(202)
    for (const address of ['', '010.0.0.1', 'junk%eth0'])
      expect((await ask(server, address)).first).toMatchObject(full(300))
    const waiting = await shown(server)
    expect(waiting.map(({ address }) => address)).toEqual(Array.from({ length: 8 }, () => null))
    await server.pair.approvals.reject(waiting[0]!.id, waiting[0]!)
    // who was rejected there is anybody: the others may ask
    expect((await ask(server, 'junk')).first.status).toBe(202)
    expect((await ask(server, '203.0.113.7')).first.status).toBe(202)
  })

  test('APP-09 has sixteen places for strangers; when they are taken the busiest network loses its oldest', async () => {
    const { server } = await openDoor()
    const first = await strangers(server, 7)
    server.clock.advance(1_000)
    const busy = [await ask(server, '203.0.113.7'), await ask(server, '203.0.113.7')]
    const rest: Applicant[] = []
    for (let n = 100; n < 107; n++) rest.push(await ask(server, `198.51.100.${n}`))
    expect(await shown(server)).toHaveLength(16)
    expect((await ask(server, '192.0.2.1')).first).toMatchObject(full(300))
    server.clock.advance(HALF)
    expect((await ask(server, '192.0.2.1')).first.status).toBe(202)
    const stand = async (who: readonly Applicant[]): Promise<number[]> =>
      Promise.all(who.map(async (each) => (await each.collect()).status))
    expect(await stand(busy)).toEqual([410, 202])
    expect(new Set(await stand([...first, ...rest]))).toEqual(new Set([202]))
    // no network is busier than another now: the oldest of all
    expect((await ask(server, '192.0.2.2')).first.status).toBe(202)
    expect(await stand(first)).toEqual([410, ...Array.from({ length: 6 }, () => 202)])
    expect(await shown(server)).toHaveLength(16)
  })

  test('APP-09 has room again where somebody was decided or ran out', async () => {
    const { server } = await openDoor('approval', { approval: { coolDownMs: 1_000 } })
    const all = await strangers(server, 16)
    const knock = async (n: number): Promise<number> =>
      (await ask(server, `192.0.2.${n}`)).first.status
    expect(await knock(1)).toBe(429)
    await settle(server, 'approve', all[5]!)
    expect([await knock(2), await knock(3)]).toEqual([202, 429])
    await settle(server, 'reject', all[6]!)
    expect([await knock(4), await knock(5)]).toEqual([202, 429])
    server.clock.advance(600_000)
    for (let n = 8; n < 24; n++) expect(await knock(n)).toBe(202)
    expect(await knock(24)).toBe(429)
  })
})

describe('APP-09 a place that was left', () => {
  test('APP-09 is free as late as it could have been taken, and before anybody loses his', async () => {
    const { server } = await openDoor()
    const others = await strangers(server, 16)
    await others.pop()!.withdraw()
    server.clock.advance(HALF - 1)
    expect((await ask(server, '192.0.2.1')).first).toMatchObject(full(1))
    server.clock.advance(1)
    expect((await ask(server, '192.0.2.1')).first.status).toBe(202)
    for (const each of others) expect((await each.collect()).status).toBe(202)
  })

  test('APP-09 is there for the key that left it', async () => {
    const { server } = await openDoor()
    const [gone] = await strangers(server, 16)
    await gone!.withdraw()
    expect((await gone!.ask()).status).toBe(202)
    expect(await shown(server)).toHaveLength(16)
  })
})

describe('APP-09 who holds a code', () => {
  test('APP-09 finds sixteen places that strangers never take, and takes theirs at once', async () => {
    const { server } = await openDoor()
    const before = await strangers(server, 16)
    await server.pair.admission.set('code+approval')
    const { typed } = await server.pair.codes.issue({ uses: 40 })
    for (let n = 0; n < 16; n++)
      expect((await hold(server, `203.0.113.${n}`, typed)).first.status).toBe(202)
    expect(await shown(server)).toHaveLength(32)
    const left = async (): Promise<number> =>
      (await shown(server)).filter(({ codeId }) => codeId === null).length
    for (let n = 16; n < 32; n++) {
      expect((await hold(server, `203.0.113.${n}`, typed)).first.status).toBe(202)
      expect(await left()).toBe(31 - n)
    }
    expect(await shown(server)).toHaveLength(32)
    // the last of them wait for one another
    expect((await hold(server, '203.0.113.99', typed)).first).toMatchObject(full(300))
    server.clock.advance(HALF)
    expect((await hold(server, '203.0.113.99', typed)).first.status).toBe(202)
    expect(await shown(server)).toHaveLength(32)
    await server.pair.admission.set('approval')
    for (const stranger of before) expect((await stranger.collect()).status).toBe(410)
  })

  test('APP-09 does not compete with strangers of his own network', async () => {
    const { server } = await openDoor()
    for (let n = 0; n < 2; n++) await ask(server, '203.0.113.7')
    await server.pair.admission.set('code+approval')
    const holders = [await hold(server, '203.0.113.7'), await hold(server, '203.0.113.7')]
    expect(holders.map(({ first }) => first.status)).toEqual([202, 202])
    expect((await hold(server, '203.0.113.7')).first).toMatchObject(full(300))
    expect(await shown(server)).toHaveLength(4)
  })

  test('APP-09 that lost his place has the use of his code again', async () => {
    const { server } = await openDoor('code+approval')
    const [one] = [await hold(server, '203.0.113.7'), await hold(server, '203.0.113.7')]
    server.clock.advance(HALF)
    const { typed } = await server.pair.codes.issue({ uses: 2 })
    const next = await createApplicant(server)
    expect((await next.redeem(typed)).status).toBe(202)
    expect((await one.collect()).status).toBe(410)
    const codes = (await server.pair.codes.list()).items
    expect(codes.map(({ held }) => held).sort()).toEqual([0, 1, 1])
  })

  test('APP-09 who was refused a place has not used anything up', async () => {
    const { server } = await openDoor('code+approval')
    for (let n = 0; n < 2; n++) await hold(server, '203.0.113.7')
    const { typed, code } = await server.pair.codes.issue()
    const late = await createApplicant(server)
    expect((await late.redeem(typed)).status).toBe(429)
    const listed = (await server.pair.codes.list()).items.find(({ id }) => id === code.id)
    expect(listed).toMatchObject({ used: 0, held: 0 })
    late.address = '203.0.113.8'
    expect((await late.redeem(typed)).status).toBe(202)
  })
})
