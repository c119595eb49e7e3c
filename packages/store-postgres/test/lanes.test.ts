import { setTimeout } from 'node:timers/promises'
import { expect, it } from 'vitest'
import { createLanes, type LaneOptions, type Lanes } from '../src/lanes.ts'

const answerOf = (code: string): Error => Object.assign(new Error(code), { code })
const outcomes = async (calls: Promise<unknown>[]): Promise<unknown[]> =>
  (await Promise.allSettled(calls)).map((one) =>
    one.status === 'fulfilled' ? one.value : ((one.reason as { code?: string }).code ?? one.reason),
  )

/** Lanes that write down what they send; `rule` is what the other side makes of it. */
function open(
  rule: (members: readonly number[], lockMs: number) => Promise<void> | void = () => {},
  options: Partial<LaneOptions<number, string>> = {},
): { lanes: Lanes<number, string>; sent: number[][]; locks: number[] } {
  const sent: number[][] = []
  const locks: number[] = []
  const lanes = createLanes<number, string>({
    lanes: 1,
    most: 100,
    weigh: () => 1,
    patienceMs: 2_000,
    async send(members, lockMs) {
      sent.push([...members])
      locks.push(lockMs)
      await rule(members, lockMs)
      return members.map((member) => `did ${member}`)
    },
    ...options,
  })
  return { lanes, sent, locks }
}

function newGate(): { promise: Promise<void>; resolve(): void } {
  let resolve = (): void => {}
  const promise = new Promise<void>((open) => (resolve = open))
  return { promise, resolve }
}

it('what arrives together goes together, and what comes meanwhile goes next, each with its own answer', async () => {
  const { lanes, sent } = open(() => setTimeout(10))
  const first = [1, 2, 3].map(lanes.add)
  await setTimeout(2)
  const second = [4, 5].map(lanes.add)
  expect(await Promise.all([...first, ...second])).toEqual([
    'did 1',
    'did 2',
    'did 3',
    'did 4',
    'did 5',
  ])
  expect(sent).toEqual([
    [1, 2, 3],
    [4, 5],
  ])
})

it('no more goes together than its weight allows, but what is too heavy goes alone', async () => {
  const { lanes, sent } = open(undefined, { most: 5, weigh: (member) => member })
  await Promise.all([2, 2, 2, 9, 1, 4, 1].map(lanes.add))
  expect(sent).toEqual([[2, 2], [2], [9], [1, 4], [1]])
})

it('no more lanes are used than there are', async () => {
  let most = 0
  let now = 0
  const rule = async (): Promise<void> => {
    most = Math.max(most, ++now)
    await setTimeout(5)
    now -= 1
  }
  const { lanes } = open(rule, { lanes: 3, most: 1 })
  await Promise.all(Array.from({ length: 20 }, (_, n) => lanes.add(n)))
  expect(most).toBe(3)
})

it('SEC-21 where the server refuses a batch each goes alone, in order, and only what is wrong fails', async () => {
  const { lanes, sent } = open((members) => {
    if (members.includes(3)) throw answerOf('23514')
  })
  expect(await outcomes([1, 2, 3, 4].map(lanes.add))).toEqual(['did 1', 'did 2', '23514', 'did 4'])
  expect(sent).toEqual([[1, 2, 3, 4], [1], [2], [3], [4]])
})

it('SEC-04 where no answer came nothing is sent twice: nobody knows what was done', async () => {
  for (const code of [
    'ECONNRESET',
    '57P01',
    '08006',
    '58030',
    'XX000',
    '25P04',
    'store_unavailable',
  ]) {
    const { lanes, sent } = open(() => Promise.reject(answerOf(code)))
    expect(await outcomes([lanes.add(1), lanes.add(2)])).toEqual([code, code])
    expect(sent).toHaveLength(1)
  }
})

it('SEC-04 an error says that nothing was done where the server answered, or nothing was sent, and nowhere else', async () => {
  const said = (code: string): Promise<unknown> => {
    const { lanes } = open(() => Promise.reject(answerOf(code)))
    return lanes.add(1).catch((error: unknown) => (error as { undone?: boolean }).undone)
  }
  for (const code of ['23514', '42501', '57014', '55P03', '40001'])
    expect([code, await said(code)]).toEqual([code, true])
  for (const code of ['ECONNRESET', '57P01', '08006', 'XX000', 'store_unavailable'])
    expect([code, await said(code)]).toEqual([code, undefined])
  const gate = newGate()
  const { lanes } = open(() => gate.promise, { patienceMs: 20 })
  const first = lanes.add(1)
  await setTimeout(2)
  await expect(lanes.add(2)).rejects.toMatchObject({ code: 'store_busy', undone: true })
  gate.resolve()
  await first
})

it('what lost against others at work is tried again, but not for ever', async () => {
  for (const code of ['40001', '40P01', '53200']) {
    let fails = 3
    const lucky = open(() => {
      if (fails-- > 0) throw answerOf(code)
    })
    expect(await outcomes([lucky.lanes.add(1)])).toEqual(['did 1'])
    const unlucky = open(() => Promise.reject(answerOf(code)))
    expect(await outcomes([unlucky.lanes.add(1)])).toEqual([code])
    expect(unlucky.sent.length).toBeLessThan(10)
  }
})

it('what waits longer for its turn than it may is rejected, and never done', async () => {
  const gate = newGate()
  const { lanes, sent } = open(() => gate.promise, { patienceMs: 30 })
  const first = lanes.add(1)
  await setTimeout(2)
  const waiting = [2, 3].map(lanes.add)
  // while the only lane is held up: nobody waits for it to be free
  expect(await outcomes(waiting)).toEqual(['store_busy', 'store_busy'])
  gate.resolve()
  expect(await first).toBe('did 1')
  expect(await lanes.add(4)).toBe('did 4')
  expect(sent).toEqual([[1], [4]])
})

it('a lock that a batch waited for in vain is not waited for as long again by each of its members', async () => {
  const { lanes, locks } = open(
    async (members, lockMs) => {
      if (!members.some((member) => member < 4)) return
      await setTimeout(lockMs)
      throw answerOf('55P03')
    },
    { patienceMs: 800 },
  )
  const answers = await outcomes(Array.from({ length: 20 }, (_, n) => lanes.add(n)))
  expect(answers).toEqual(Array.from({ length: 20 }, (_, n) => (n < 4 ? 'store_busy' : `did ${n}`)))
  expect(locks[0]).toBe(400)
  expect(locks.slice(1)).toEqual(Array.from({ length: 20 }, () => 20))
})

it('closing rejects what waits and what comes, and waits for what is under way', async () => {
  const gate = newGate()
  const { lanes, sent } = open(() => gate.promise)
  const first = lanes.add(1)
  await setTimeout(2)
  const waiting = lanes.add(2)
  let closed = false
  const closing = lanes.close(answerOf('closed')).then(() => (closed = true))
  expect(await outcomes([waiting, lanes.add(3)])).toEqual(['closed', 'closed'])
  expect(closed).toBe(false)
  gate.resolve()
  expect(await first).toBe('did 1')
  await closing
  expect(sent).toEqual([[1]])
})
