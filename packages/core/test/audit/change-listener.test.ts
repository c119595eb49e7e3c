import { expect, onTestFinished, test } from 'vitest'
import type { AuditEvent } from '../../src/audit/event.ts'
import type { Store } from '../../src/ports/store.ts'
import { memoryStore } from '../../src/storage/memory/memory-store.ts'
import { ORIGIN, startServer, type Server } from '../kit/server.ts'

const PATIENCE = 20_000
const later = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms))

/** The same store; what its tail waits for before it looks, and before it answers. */
function slowTail(store: Store, before: number, after: number): Store {
  return {
    ...store,
    async tail(...wish) {
      await later(before)
      const page = await store.tail(...wish)
      await later(after)
      return page
    },
  }
}

/** The same store, whose first so many calls of tail fail. */
function failingTail(store: Store, failures: number): Store {
  let left = failures
  return {
    ...store,
    async tail(...wish) {
      if (left-- > 0) throw new Error('connection reset')
      return store.tail(...wish)
    },
  }
}

interface Hearing {
  heard: AuditEvent[]
  /** All until so many were heard. */
  until(count: number): Promise<AuditEvent[]>
}

/** Listens from now on. */
function listenTo({ pair }: Server): Hearing {
  const heard: AuditEvent[] = []
  let wake = (): void => {}
  const stop = pair.on('change', (change) => {
    heard.push(change)
    wake()
  })
  onTestFinished(stop)
  return {
    heard,
    async until(count) {
      while (heard.length < count) await new Promise<void>((resolve) => (wake = resolve))
      return heard
    },
  }
}

async function issueTwo({ pair }: Server): Promise<(string | undefined)[]> {
  const first = await pair.codes.issue({ origin: ORIGIN })
  const second = await pair.codes.issue({ origin: ORIGIN })
  return [first.code.id, second.code.id]
}

const idsIn = (events: readonly AuditEvent[]): (string | undefined)[] =>
  events.map(({ codeId }) => codeId)

test.each<[string, (store: Store) => Store]>([
  ['that is quick', (store) => store],
  ['whose tail looks late', (store) => slowTail(store, 40, 0)],
  ['whose tail answers late', (store) => slowTail(store, 0, 40)],
  ['whose tail looks and answers late', (store) => slowTail(store, 20, 20)],
  ['without a watch, whose tail looks late', (store) => unwatched(slowTail(store, 40, 0))],
  ['whose first tail fails', (store) => failingTail(store, 1)],
  [
    'whose first tail fails and the next look late',
    (store) => failingTail(slowTail(store, 40, 0), 1),
  ],
])(
  'EVT-01 a listener hears what this instance changes right behind `on`, on a store %s',
  async (_, wrap) => {
    const server = startServer({ store: wrap(memoryStore()) })
    const hearing = listenTo(server)
    const issued = await issueTwo(server)
    expect(idsIn(await hearing.until(2))).toEqual(issued)
  },
  PATIENCE,
)

/** The same store, which tells of no change by itself. */
function unwatched(store: Store): Store {
  const { read, list, commit, increment, tail, purge } = store
  return { read, list, commit, increment, tail, purge }
}

test(
  'EVT-01 a listener hears what lies behind `on` and nothing before it, each once',
  async () => {
    const server = startServer({ store: slowTail(memoryStore(), 30, 10) })
    await issueTwo(server)
    const hearing = listenTo(server)
    const issued = await issueTwo(server)
    expect(idsIn(await hearing.until(2))).toEqual(issued)
    const third = await server.pair.codes.issue({ origin: ORIGIN })
    expect(idsIn(await hearing.until(3))).toEqual([...issued, third.code.id])
  },
  PATIENCE,
)

test(
  'EVT-01 each of several listeners hears from its own beginning on',
  async () => {
    const server = startServer({ store: slowTail(memoryStore(), 20, 10) })
    const early = listenTo(server)
    const before = await issueTwo(server)
    const late = listenTo(server)
    const after = await issueTwo(server)
    expect(idsIn(await early.until(4))).toEqual([...before, ...after])
    expect(idsIn(await late.until(2)).slice(-2)).toEqual(after)
  },
  PATIENCE,
)

test(
  'EVT-01 a listener that was taken away hears nothing, also where its first look is under way',
  async () => {
    const server = startServer({ store: slowTail(memoryStore(), 20, 10) })
    const deaf: AuditEvent[] = []
    const stop = server.pair.on('change', (change) => void deaf.push(change))
    const hearing = listenTo(server)
    stop()
    await issueTwo(server)
    await hearing.until(2)
    expect(deaf).toEqual([])
  },
  PATIENCE,
)
