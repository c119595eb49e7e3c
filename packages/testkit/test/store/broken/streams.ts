import type { Position, Store, StreamItem } from '@pair/core'
import { broken, pause, textOf, type BrokenStore } from './broken-store.ts'

const wholeStream = (real: Store, stream: readonly string[]): ReturnType<Store['tail']> =>
  real.tail(stream, null, 10_000)

/** Takes positions when a commit begins and shows them when it ends, as the sequence of a database does. */
function allocationOrder(real: Store): Partial<Store> {
  const streams = new Map<string, StreamItem[]>()
  let count = 0
  return {
    async commit(checks, writes) {
      const first = count
      count += writes.length
      if (writes.length > 10) await pause()
      const appends = writes.filter((write) => 'append' in write)
      if (
        !(await real.commit(
          checks,
          writes.filter((write) => !('append' in write)),
        ))
      )
        return false
      for (const [at, { append, value }] of appends.entries()) {
        const position: Position = String(first + at).padStart(9, '0')
        const items = [...(streams.get(textOf(append)) ?? []), { position, value, keys: [] }]
        streams.set(
          textOf(append),
          items.toSorted((a, b) => (a.position < b.position ? -1 : 1)),
        )
      }
      return true
    },
    async tail(stream, after, limit) {
      const items = streams.get(textOf(stream)) ?? []
      const page = items.filter(({ position }) => position > (after ?? '')).slice(0, limit)
      const oldest = items[0]?.position ?? null
      return { items: page, oldest, latest: items.at(-1)?.position ?? null, settled: true }
    },
  }
}

/** Stores whose streams have holes, and whose counters hand out a total twice. */
export const brokenStreams: readonly BrokenStore[] = [
  {
    that: 'appends in the order in which positions were allocated',
    make: broken(allocationOrder),
    breaks: ['a reader that passed a position never misses an item before it'],
  },
  {
    that: 'does not tell which keys were written',
    make: broken((real) => ({
      async tail(stream, after, limit) {
        const tail = await real.tail(stream, after, limit)
        return { ...tail, items: tail.items.map((item) => ({ ...item, keys: [] })) }
      },
    })),
    breaks: ['items come in the order of their commits'],
  },
  {
    that: 'leaves one item out between two pages',
    make: broken((real) => ({
      async tail(stream, after, limit) {
        const tail = await real.tail(stream, after, limit + 1)
        return { ...tail, items: tail.items.slice(after === null ? 0 : 1).slice(0, limit) }
      },
    })),
    breaks: ['pages join, from the start and from any position'],
  },
  {
    that: 'counts positions in decimals without padding: 9 above 10',
    make: broken((real) => {
      const padded = new Map<Position, Position>()
      const shorten = <P extends Position | null>(position: P): P | Position => {
        if (position === null) return position
        const short = String(Number.parseInt(position.slice(-9), 36))
        padded.set(short, position)
        return short
      }
      return {
        async tail(stream, after, limit) {
          const tail = await real.tail(stream, padded.get(after ?? '') ?? after, limit)
          return {
            items: tail.items.map((item) => ({ ...item, position: shorten(item.position) })),
            oldest: shorten(tail.oldest),
            latest: shorten(tail.latest),
            settled: tail.settled,
          }
        },
      }
    }),
    breaks: ['pages join, from the start and from any position'],
  },
  {
    that: 'forgets where a stream ended when its items are gone',
    make: broken((real) => ({
      async tail(stream, after, limit) {
        const { items } = await wholeStream(real, stream)
        const tail = await real.tail(stream, after, limit)
        return { ...tail, latest: items.at(-1)?.position ?? null }
      },
    })),
    breaks: ['oldest tells of a gap'],
  },
  {
    that: 'takes the first item that is left for the end of the gap',
    make: broken((real) => ({
      async tail(stream, after, limit) {
        const { items } = await wholeStream(real, stream)
        const tail = await real.tail(stream, after, limit)
        return { ...tail, oldest: items[0]?.position ?? null }
      },
    })),
    breaks: ['from oldest on nothing is missing'],
  },
  {
    that: 'increments by reading',
    make: broken(() => {
      const totals = new Map<string, number>()
      return {
        async increment(counter, by) {
          const total = (totals.get(textOf(counter)) ?? 0) + by
          await pause()
          totals.set(textOf(counter), total)
          return total
        },
      }
    }),
    breaks: ['a counter hands out each total once', 'steps of different size never hand out'],
  },
  {
    that: 'counts a look as a step',
    make: broken((real) => ({
      increment: (counter, by, purgeAt) => real.increment(counter, Math.max(1, by), purgeAt),
    })),
    breaks: ['by 0 a counter is read'],
  },
  {
    that: 'keeps counters among the records',
    make: broken((real) => ({
      async increment(counter, by, purgeAt) {
        const total = Number((await real.read(counter))?.value ?? 0) + by
        if (by > 0) await real.commit([], [{ key: counter, value: String(total), purgeAt }])
        return total
      },
    })),
    breaks: ['counters are a keyspace of their own'],
  },
]
