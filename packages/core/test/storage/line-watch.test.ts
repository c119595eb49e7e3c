import { expect, test } from 'vitest'
import { fixedClock } from '@pair/testkit/app'
import { createLineWatch, type LineEar, type LineWatch } from '../../src/storage/line-watch.ts'
import { NOON } from '../kit/clock.ts'
import { handTimers, settled, type HandTimers } from '../kit/workshop.ts'

interface Way {
  watch: LineWatch
  timers: HandTimers
  /** What was told: keys, `any`, `live` and `deaf`. */
  heard: string[]
  /** Lines in the order in which they were opened, and the numbers asked on each. */
  lines: { ear: LineEar; asked: number[]; isClosed: boolean }[]
  /** Whether lines open, and answer what they are asked. */
  is: { open: boolean; answering: boolean }
}

function watchOver(is: Partial<Way['is']> = {}): Way {
  const timers = handTimers(fixedClock(NOON))
  const way: Omit<Way, 'watch'> = {
    timers,
    heard: [],
    lines: [],
    is: { open: true, answering: true, ...is },
  }
  const watch = createLineWatch({
    timers,
    connect(ear) {
      if (!way.is.open) return new Promise(() => {})
      const line = { ear, asked: [] as number[], isClosed: false }
      way.lines.push(line)
      return Promise.resolve({
        ask(number) {
          line.asked.push(number)
          if (way.is.answering) queueMicrotask(() => ear.answered(number))
        },
        close: () => void (line.isClosed = true),
      })
    },
  })
  return { ...way, watch }
}

function listen({ watch, heard }: Way): () => void {
  return watch.add(['p'], {
    changed: (keys) => heard.push(...(keys?.map((key) => key.join('/')) ?? ['any'])),
    live: (isLive) => heard.push(isLive ? 'live' : 'deaf'),
  })
}

test('SEC-19 is live once it heard itself, and then any key may have changed', async () => {
  const way = watchOver()
  listen(way)
  expect(way.heard).toEqual(['deaf'])
  await settled()
  expect(way.heard).toEqual(['deaf', 'any', 'live'])
  way.lines[0]!.ear.changed(['p a', 'q b'])
  expect(way.heard.slice(3)).toEqual(['p/a'])
})

test('SEC-19 is not live from 300 ms without an answer, and another line is tried after two seconds of it', async () => {
  const way = watchOver()
  listen(way)
  await settled()
  way.is.answering = false
  way.heard.length = 0
  await way.timers.pass(200 + 299)
  expect(way.heard).toEqual([])
  await way.timers.pass(1)
  expect(way.heard).toEqual(['deaf'])
  await way.timers.pass(2_500)
  expect(way.lines[0]!.isClosed).toBe(true)
  expect(way.lines.length).toBeGreaterThan(1)
  way.is.answering = true
  await way.timers.pass(2_500)
  expect(way.heard).toEqual(['deaf', 'any', 'live'])
})

test('SEC-19 a late answer, one to what was never asked and one of a line that was left make nothing live', async () => {
  const way = watchOver({ answering: false })
  listen(way)
  await settled()
  const [first] = way.lines
  first!.ear.answered(99)
  await way.timers.pass(301)
  // the second question is under way by then
  first!.ear.answered(1)
  await way.timers.pass(2_500)
  expect(first!.isClosed).toBe(true)
  first!.ear.answered(way.lines.length)
  first!.ear.changed(['p a'])
  expect(way.heard).toEqual(['deaf'])
})

test('SEC-19 a line that ends is followed by another, sooner first and later then', async () => {
  const way = watchOver()
  listen(way)
  await settled()
  const waits: number[] = []
  for (const expected of [20, 20, 20]) {
    const before = way.lines.length
    way.heard.length = 0
    way.lines.at(-1)!.ear.ended()
    expect(way.heard).toEqual(['deaf'])
    let waited = 0
    for (; way.lines.length === before && waited < 5_000; waited++) await way.timers.pass(1)
    waits.push(waited)
    expect(way.heard).toEqual(['deaf', 'any', 'live'])
    expect(waited).toBe(expected)
  }
  way.is.answering = false
  const gaps: number[] = []
  for (let n = 0; n < 4; n++) {
    const before = way.lines.length
    way.lines.at(-1)!.ear.ended()
    let waited = 0
    for (; way.lines.length === before && waited < 5_000; waited++) await way.timers.pass(1)
    gaps.push(waited)
  }
  expect(gaps).toEqual([20, 100, 250, 500])
})

test('a line that opens after two seconds is closed, and nobody is left on it', async () => {
  const timers = handTimers(fixedClock(NOON))
  let isClosed = false
  const watch = createLineWatch({
    timers,
    connect: () =>
      new Promise((resolve) => {
        timers.after(2_100, () => resolve({ ask() {}, close: () => void (isClosed = true) }))
      }),
  })
  const stop = watch.add([], { changed() {}, live() {} })
  await timers.pass(2_050)
  stop()
  await timers.pass(100)
  expect(isClosed).toBe(true)
})

test('no line is open while nobody watches, nor after it was closed; what a listener throws stays with it', async () => {
  const way = watchOver()
  const stop = way.watch.add([], {
    changed() {
      throw new Error('of the listener')
    },
    live() {
      throw new Error('of the listener')
    },
  })
  const stopOther = listen(way)
  await settled()
  way.watch.tell(['p a'])
  expect(way.heard).toContain('p/a')
  stop()
  expect(way.lines[0]!.isClosed).toBe(false)
  stopOther()
  expect(way.lines[0]!.isClosed).toBe(true)
  listen(way)
  await settled()
  expect(way.lines).toHaveLength(2)
  way.watch.close()
  expect([way.lines[1]!.isClosed, way.heard.at(-1)]).toEqual([true, 'deaf'])
  listen(way)
  await settled()
  expect(way.lines).toHaveLength(2)
})

test('SEC-19 who begins to watch while others are told that it is live is told so when it is', async () => {
  const way = watchOver()
  const told: boolean[] = []
  const stop = way.watch.add([], {
    changed() {
      stop()
      way.is.answering = false
      way.watch.add([], { changed() {}, live: (isLive) => void told.push(isLive) })
    },
    live() {},
  })
  await settled()
  expect(told).toEqual([false])
  way.is.answering = true
  await way.timers.pass(3_000)
  expect(told).toEqual([false, true])
})
