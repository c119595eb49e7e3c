import { faultyStore, type Fault, type FaultyStore, type StoreCall } from '@pair/testkit/store'
import { describe, expect, test, vi } from 'vitest'
import type { Store } from '../../src/ports/store.ts'
import { memoryStore } from '../../src/storage/memory/memory-store.ts'
import { STORES, type StoreKind } from '../kit/stores.ts'
import { createCarrier, createRelayKey, type Carrier } from './carrier.ts'

const CALLS: readonly StoreCall[] = ['read', 'list', 'commit', 'increment']
const FAULTS: readonly Exclude<Fault, object>[] = [
  'error-before',
  'error-after',
  'hang-before',
  'hang-after',
]
const T0 = 1_800_000_000_000

/** What is made of a read that fails is core's alone; what is made of a commit that does is also the store's. */
const callsOf = ({ name }: StoreKind): readonly StoreCall[] =>
  name === 'the memory store' ? CALLS : ['commit']

interface Case {
  call: StoreCall
  nth: number
  fault: Exclude<Fault, object>
  thenDown: boolean
}

interface Scene {
  carrier: Carrier
  line: FaultyStore
}

async function openScene(store: Store, admission: 'code' | 'approval'): Promise<Scene> {
  const line = faultyStore(store)
  return { line, carrier: await createCarrier({ store: line.store, clock: () => T0, admission }) }
}

/** How many ways in are open after all. */
async function waysIn({ pair }: Carrier): Promise<number> {
  const [codes, approvals] = await Promise.all([pair.codes.list(), pair.approvals.list()])
  return codes.items.length + approvals.items.length
}

/** What must not be and is, where that call fails. */
async function faultsOf(
  { call, nth, fault, thenDown }: Case,
  { carrier, line }: Scene,
): Promise<string[]> {
  const faults: string[] = []
  const request = await carrier.request()
  line.plan(call, [...Array<null>(nth - 1).fill(null), fault], { thenDown })
  const first = await carrier.mint(request)
  for (const each of CALLS) line.plan(each, [])
  line.up()
  // What hung reaches the store only now, behind the answer.
  await line.release()
  const second = await carrier.mint(request)
  if (first.status !== 200 && first.status !== 503) faults.push(`answers ${first.text}`)
  if (second.status !== (first.status === 200 ? 401 : 200))
    faults.push(`${first.status}, then ${second.text}`)
  const way = await carrier.open(first.status === 200 ? first : second)
  const undone = async (): Promise<void> => expect(await waysIn(carrier)).toBe(1)
  await vi
    .waitFor(undone, { timeout: 10_000, interval: 20 })
    .catch(async () => faults.push(`there are ${await waysIn(carrier)} ways in`))
  if (way?.status === 'pending') {
    const [shown] = (await carrier.pair.approvals.list()).items
    await carrier.pair.approvals.approve(shown!.id, { digest: shown!.digest })
    const { status } = await carrier.collect(way)
    if (status !== 200) faults.push(`collected with ${status}`)
  } else {
    const { status } = await carrier.redeem(way)
    if (status !== 200) faults.push(`redeemed with ${status}`)
  }
  if ((await carrier.mint(request)).status !== 401) faults.push('was taken once more')
  if ((await carrier.pair.sessions.list()).items.length !== 1) faults.push('not one session')
  await carrier.pair.close()
  return faults.map((each) => `${call} ${nth} ${fault}${thenDown ? ' down' : ''}: ${each}`)
}

describe.each(STORES)('on $name', (kind) => {
  async function faultsIn(admission: 'code' | 'approval'): Promise<string[]> {
    const probe = await openScene(kind.open(), admission)
    const request = await probe.carrier.request()
    const before = new Map(CALLS.map((call) => [call, probe.line.calls(call)]))
    expect((await probe.carrier.mint(request)).status).toBe(200)
    const cases = callsOf(kind).flatMap((call) =>
      Array.from({ length: probe.line.calls(call) - before.get(call)! }, (_, at) => at + 1).flatMap(
        (nth) =>
          FAULTS.flatMap((fault) =>
            [false, true].map((thenDown): Case => ({ call, nth, fault, thenDown })),
          ),
      ),
    )
    await probe.carrier.pair.close()
    expect(cases.length).toBeGreaterThanOrEqual(8)
    const faults: string[] = []
    const rest = cases.values()
    const work = async (): Promise<void> => {
      for (const one of rest)
        faults.push(...(await faultsOf(one, await openScene(kind.open(), admission))))
    }
    await Promise.all(Array.from({ length: 10 }, work))
    return faults
  }

  test('APP-18: whichever call of the store fails, the same request may be sent again and makes one way in, with a code or with an approval', async () => {
    expect(await Promise.all([faultsIn('code'), faultsIn('approval')])).toEqual([[], []])
  }, 120_000)
})

test('APP-18: two commits of one request race where the answer of the first is lost: one way in', async () => {
  const { carrier, line } = await openScene(memoryStore(), 'code')
  const request = await carrier.request()
  line.plan('commit', ['error-after'])
  const answers = await Promise.all([1, 2, 3].map(() => carrier.mint(request)))
  expect(answers.map(({ status }) => status).sort()).toEqual([200, 401, 401])
  expect(await waysIn(carrier)).toBe(1)
})

test('APP-18: by a clock that is off nothing is minted, and nothing used up', async () => {
  let ahead = 60_000
  const carrier: Carrier = await createCarrier({ storeClock: () => carrier.now() + ahead })
  const request = await carrier.request()
  const skewed = await carrier.mint(request)
  expect([skewed.status, skewed.body.code]).toEqual([503, 'clock_skew'])
  ahead = 0
  // The comparison is made anew.
  carrier.pass(2_000)
  expect((await carrier.mint(request)).status).toBe(200)
})

test('APP-18: a store that does not tell its time burns nothing', async () => {
  let isDown = true
  const carrier: Carrier = await createCarrier({
    storeClock() {
      if (isDown) throw new Error('connection reset')
      return carrier.now()
    },
  })
  const request = await carrier.request()
  expect((await carrier.mint(request)).status).toBe(503)
  isDown = false
  carrier.pass(2_000)
  expect((await carrier.mint(request)).status).toBe(200)
})

test('APP-18: a queue that is full, a mode that is closed and scopes that are not there burn nothing', async () => {
  const key = createRelayKey()
  const carrier = await createCarrier({ key, admission: 'closed' })
  const request = await carrier.request()
  expect((await carrier.mint(request)).body.code).toBe('admission_refused')
  await carrier.pair.admission.set('approval')
  const others = await Promise.all(
    Array.from({ length: 8 }, async () => {
      const { client, request: asks } = await createCarrier({ key })
      return { client, text: await asks() }
    }),
  )
  for (const { text } of others) expect((await carrier.mint(text)).status).toBe(200)
  const full = await carrier.mint(request)
  expect([full.status, full.body.code]).toEqual([429, 'approval_limited'])
  const [shown] = (await carrier.pair.approvals.list()).items
  await carrier.pair.approvals.approve(shown!.id, { digest: shown!.digest })
  await carrier.pair.admission.set('code')
  expect((await carrier.mint(request)).status).toBe(200)
  const narrow = await createCarrier({ key, hub: { scopes: ['notes:read'] } })
  const wide = await narrow.request({ wish: { scopes: ['notes:write'] } })
  expect((await narrow.mint(wide)).body.code).toBe('insufficient_scope')
  expect(await narrow.store.list(['pair', 'relay'], { limit: 10 })).toEqual([])
})
