import { expect, it } from 'vitest'
import { createHerald, toPayloads } from '../src/herald.ts'

interface Told {
  from: string
  keys: string[] | null
}

const read = (payload: string): Told => JSON.parse(payload) as Told
const self = 'x'.repeat(32)
const keysOf = (count: number, length: number): Set<string> =>
  new Set(Array.from({ length: count }, (_, n) => `"${n}\\`.padEnd(length, 'k')))

it('SEC-19 every key is told once, in as many payloads as they need, none of which is longer than the server takes', () => {
  for (const [count, length] of [
    [1, 1],
    [1, 2_000],
    [300, 60],
    [40, 2_000],
    [7, 1_100],
  ] as const) {
    const keys = keysOf(count, length)
    const payloads = toPayloads(self, keys)
    for (const payload of payloads) expect(Buffer.byteLength(payload)).toBeLessThan(8_000)
    expect(payloads.flatMap((payload) => read(payload).keys)).toEqual([...keys])
    expect(new Set(payloads.map((payload) => read(payload).from))).toEqual(new Set([self]))
  }
  expect(toPayloads(self, new Set())).toEqual([])
})

it('SEC-19 what would need too many payloads is told as any key', () => {
  const [payload, ...others] = toPayloads(self, keysOf(200, 2_000))
  expect(others).toEqual([])
  expect(read(payload!)).toEqual({ from: self, keys: null })
  expect(toPayloads(self, null).map(read)).toEqual([{ from: self, keys: null }])
})

/** A herald whose messages end when they are let. */
function open() {
  const sent: Told[][] = []
  const ends: ((error?: Error) => void)[] = []
  const herald = createHerald(self, (payloads) => {
    sent.push(payloads.map(read))
    return new Promise<void>((resolve, reject) =>
      ends.push((error) => (error ? reject(error) : resolve())),
    )
  })
  const namesOf = (): (string[] | null)[] => sent.map((told) => told[0]?.keys ?? null)
  return { herald, ends, namesOf }
}

it('what is written while a message is under way is told in the next, together', async () => {
  const { herald, ends, namesOf } = open()
  herald.tell(['a', 'b'])
  herald.tell(['a'])
  await expect.poll(namesOf).toEqual([['a', 'b']])
  herald.tell(['c'])
  herald.tell(['a'])
  ends[0]!()
  await expect.poll(namesOf).toEqual([
    ['a', 'b'],
    ['c', 'a'],
  ])
})

it('SEC-19 where a message failed the next says that any key may have changed', async () => {
  const { herald, ends, namesOf } = open()
  herald.tell(['a'])
  await expect.poll(() => ends.length).toBe(1)
  herald.tell(['b'])
  ends[0]!(new Error('the line ended'))
  await expect.poll(namesOf).toEqual([['a'], null])
  ends[1]!()
  herald.tell(['c'])
  await expect.poll(namesOf).toEqual([['a'], null, ['c']])
})

it('SEC-19 closing tells first what was written, and waits until it is told', async () => {
  const { herald, ends, namesOf } = open()
  herald.tell(['a'])
  await expect.poll(() => ends.length).toBe(1)
  herald.tell(['b'])
  let closed = false
  const closing = herald.close().then(() => (closed = true))
  ends[0]!()
  await expect.poll(namesOf).toEqual([['a'], ['b']])
  expect(closed).toBe(false)
  ends[1]!(new Error('the line ended'))
  await closing
  herald.tell(['c'])
  expect(namesOf()).toHaveLength(2)
})
