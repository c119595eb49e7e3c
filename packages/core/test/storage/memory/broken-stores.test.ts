import { describe, expect, it } from 'vitest'
import type { Check, Key, Position, Store, StreamItem, Tail } from '../../../src/ports/store.ts'
import { memoryStore } from '../../../src/storage/memory/memory-store.ts'
import { storePromises } from '../../store-contract.ts'

const pause = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 0))
const nameOf = (write: { key: Key } | { append: Key }): string =>
  ('key' in write ? write.key : write.append).join('\0')

async function allHold(store: Store, checks: readonly Check[]): Promise<boolean> {
  const found = await Promise.all(checks.map(({ key }) => store.read(key)))
  return checks.every(({ version }, at) => (found[at]?.version ?? null) === version)
}

/** Looks, then writes: what happens in between is lost. */
function getThenPut(): Store {
  const store = memoryStore()
  return {
    ...store,
    async commit(checks, writes) {
      if (!(await allHold(store, checks))) return false
      return store.commit([], writes)
    },
  }
}

/** Guards the rows that it writes, but not those that it only read. */
function readCommitted(): Store {
  const store = memoryStore()
  return {
    ...store,
    async commit(checks, writes) {
      const written = new Set(writes.map(nameOf))
      const isOwn = ({ key }: Check): boolean => written.has(nameOf({ key }))
      if (
        !(await allHold(
          store,
          checks.filter((check) => !isOwn(check)),
        ))
      )
        return false
      return store.commit(checks.filter(isOwn), writes)
    },
  }
}

/** Takes the value for its version: what went and came back seems never to have moved. */
function valueAsVersion(): Store {
  const store = memoryStore()
  return {
    ...store,
    async read(key) {
      const entry = await store.read(key)
      return entry && { ...entry, version: `v:${entry.value}` }
    },
    async list(prefix, page) {
      return (await store.list(prefix, page)).map((entry) => ({
        ...entry,
        version: `v:${entry.value}`,
      }))
    },
    async commit(checks, writes) {
      const found = await Promise.all(checks.map(({ key }) => store.read(key)))
      const real = checks.map(({ key, version }, at) => {
        const entry = found[at] ?? null
        return { key, version: entry && version === `v:${entry.value}` ? entry.version : version }
      })
      return store.commit(real, writes)
    },
  }
}

/** Reads the total, then writes it raised. */
function incrementByRead(): Store {
  const totals = new Map<string, number>()
  return {
    ...memoryStore(),
    async increment(counter, by) {
      const total = (totals.get(counter.join('\0')) ?? 0) + by
      await pause()
      totals.set(counter.join('\0'), total)
      return total
    },
  }
}

/** Takes positions when a commit begins and shows them when it ends, as a database's sequence does. */
function earlyPositions(): Store {
  const store = memoryStore()
  const streams = new Map<string, StreamItem[]>()
  let count = 0
  return {
    ...store,
    async commit(checks, writes) {
      const first = count
      count += writes.length
      if (writes.length > 10) await pause()
      if (
        !(await store.commit(
          checks,
          writes.filter((write) => !('append' in write)),
        ))
      )
        return false
      for (const [at, write] of writes.entries()) {
        if (!('append' in write)) continue
        const position: Position = String(first + at).padStart(9, '0')
        const items = [
          ...(streams.get(nameOf(write)) ?? []),
          { position, value: write.value, keys: [] },
        ]
        streams.set(
          nameOf(write),
          items.toSorted((a, b) => (a.position < b.position ? -1 : 1)),
        )
      }
      return true
    },
    async tail(stream, after, limit): Promise<Tail> {
      const items = streams.get(stream.join('\0')) ?? []
      return {
        items: items.filter(({ position }) => position > (after ?? '')).slice(0, limit),
        oldest: items[0]?.position ?? null,
        latest: items.at(-1)?.position ?? null,
        settled: true,
      }
    },
  }
}

/** Writes before it checks, and does not take back. */
function halfDone(): Store {
  const store = memoryStore()
  return {
    ...store,
    async commit(checks, writes) {
      const holds = await allHold(store, checks)
      await store.commit([], holds ? writes : writes.slice(-1))
      return holds
    },
  }
}

/** Takes a prefix for a beginning of text. */
function textPrefix(): Store {
  const store = memoryStore()
  return {
    ...store,
    async list(prefix, { after, limit }) {
      const all = await store.list([], { ...(after && { after }), limit: 10_000 })
      return all.filter(({ key }) => key.join('\0').startsWith(prefix.join('\0'))).slice(0, limit)
    },
  }
}

/** Forgets what is not yet due, and what was moved. */
function eager(): Store {
  const store = memoryStore()
  return { ...store, purge: (before, limit) => store.purge(before + 1, limit) }
}

/** Says that it is live and hears nothing. */
function deafWatch(): Store {
  return {
    ...memoryStore(),
    watch: (_, on) => {
      on.live(true)
      return () => {}
    },
  }
}

async function brokenPromises(make: () => Store): Promise<string[]> {
  const broken: string[] = []
  for (const promise of storePromises) {
    await promise.holds({ store: make() }).catch(() => broken.push(promise.name))
  }
  return broken
}

describe('the store contract', () => {
  it.each([
    ['that looks, then writes', getThenPut, 'of 40 who read one unused record'],
    ['that looks, then writes (absence)', getThenPut, 'of 40 commits that need one absence'],
    ['that reads committed', readCommitted, 'each check absent what the other writes'],
    [
      'that reads committed (versions)',
      readCommitted,
      'each check the version of what the other writes',
    ],
    ['whose versions come back (ABA)', valueAsVersion, 'a version never comes back'],
    ['that increments by reading', incrementByRead, 'hands out each total once'],
    [
      'that shows positions out of order',
      earlyPositions,
      'a reader that passed a position never misses',
    ],
    ['that does a lost commit by half', halfDone, 'a lost commit changed nothing'],
    ['that takes prefixes for text', textPrefix, 'without the prefix itself'],
    ['that forgets early', eager, 'nothing is forgotten before its purgeAt'],
    ['that is deaf', deafWatch, 'hears puts, removes and appends'],
  ])(
    'STO-01 finds out a store %s',
    async (_, make, promise) => {
      expect((await brokenPromises(make)).join('\n')).toContain(promise)
    },
    30_000,
  )

  it('STO-01 finds nothing wrong in one that keeps its promises', async () => {
    expect(await brokenPromises(() => memoryStore())).toEqual([])
  })
})
