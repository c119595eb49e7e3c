import { describe, expect, test, vi } from 'vitest'
import type { PairClient, PendingSnapshot } from '../src/index.ts'
import { createWaiter, record, SLOW, type Waiter } from './kit/door.ts'

function pendingOf(client: PairClient): PendingSnapshot {
  const snapshot = client.getSnapshot()
  if (snapshot.status !== 'pending') throw new Error(`it is ${snapshot.status}`)
  return snapshot
}

const fail = (): never => {
  throw new TypeError('fetch failed')
}

/** Refuses claims with this problem, and all else is answered as ever. */
function refuseClaims({ door }: Waiter, status: number, problem: object): void {
  const wire = { detail: 'A sentence.', hint: 'A hint.', status, ...problem }
  door.home.between((request, next) =>
    request.url.endsWith('/claim') ? Promise.resolve(Response.json(wire, { status })) : next(),
  )
}

describe('CLT-04 trouble while a request waits', () => {
  test('CLT-04 offline is told, it goes on by itself, and its end is told too', async () => {
    const { door, client } = await createWaiter()
    const seen = record(client)
    door.home.between(fail)
    await door.home.restart() // the question that is under way ends
    await expect.poll(() => client.getSnapshot().problem?.code, SLOW).toBe('offline')
    const { approval, problem } = pendingOf(client)
    expect(approval.matchCode).toMatch(/^\d{3} \d{3}$/)
    expect(problem?.message).toBe('The server can not be reached.')
    door.home.between(undefined)
    // long before the server would have to answer
    await expect.poll(() => client.getSnapshot().problem, SLOW).toBeUndefined()
    expect(client.getSnapshot()).toMatchObject({ status: 'pending', approval })
    await door.approve()
    await expect.poll(() => client.getSnapshot().status, SLOW).toBe('paired')
    expect(seen[0]).toBe('pending offline')
    expect(seen.filter((status) => !status.startsWith('pending'))).toEqual(['paired'])
  })

  test('CLT-04 a page that is opened while the server is away shows what waits, and why it can not tell', async () => {
    const { door, profile, client } = await createWaiter()
    client.close()
    door.home.between(fail)
    const again = profile.open()
    expect(await again.start()).toMatchObject({
      status: 'pending',
      approval: client.getSnapshot().approval,
      problem: { code: 'offline' },
    })
    door.home.between(undefined)
    expect(await again.start()).toMatchObject({ status: 'pending' })
    await door.approve()
    await expect.poll(() => again.getSnapshot().status).toBe('paired')
  })

  test('CLT-04 a server that is busy is asked again, after as long as it says but a minute at most', async () => {
    const waiter = await createWaiter()
    const { door, client } = waiter
    const timers = vi.spyOn(globalThis, 'setTimeout')
    // 30 days: more than a timer can count
    refuseClaims(waiter, 503, { code: 'store_busy', retryAfter: 2_592_000 })
    await door.home.restart()
    await expect.poll(() => client.getSnapshot().problem?.code, SLOW).toBe('store_busy')
    expect(pendingOf(client).problem?.retryAfter).toBe(2_592_000)
    await expect.poll(() => timers.mock.calls.map(([, ms]) => ms)).toContain(60_000)
    timers.mockRestore()
    await door.approve()
    door.home.between(undefined)
    // a person who presses "try again" need not wait so long
    await client.start()
    await expect.poll(() => client.getSnapshot().status).toBe('paired')
  })

  test('CLT-04 what no waiting mends ends the asking, and the next start takes it up again', async () => {
    const waiter = await createWaiter()
    const { door, client, profile } = waiter
    refuseClaims(waiter, 403, { code: 'host_refused' })
    await door.home.restart()
    await expect.poll(() => client.getSnapshot().status, SLOW).toBe('blocked')
    expect(client.getSnapshot().problem).toMatchObject({ code: 'host_refused', hint: 'A hint.' })
    expect(await profile.keyStore.loadPending()).not.toBeNull()
    door.home.between(undefined)
    expect(await client.start()).toMatchObject({ status: 'pending' })
    await door.approve()
    await expect.poll(() => client.getSnapshot().status).toBe('paired')
  })

  test('CLT-04 another try that fails takes the request away from nobody', async () => {
    const { door, client } = await createWaiter()
    await expect(client.redeem('AAA-AAA-AAA')).rejects.toMatchObject({ code: 'admission_refused' })
    expect(client.getSnapshot()).toMatchObject({ status: 'pending' })
    await door.approve()
    await expect.poll(() => client.getSnapshot().status).toBe('paired')
  })
})
