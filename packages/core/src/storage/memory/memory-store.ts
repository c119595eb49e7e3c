import { toBase64Url } from '../../encoding/base64url.ts'
import { PairError } from '../../errors.ts'
import type { Clock } from '../../ports/runtime.ts'
import type { Position, Store } from '../../ports/store.ts'
import { fromKeyText, toBelowText, toKeyText } from '../key-text.ts'
import { toPurgeAt, toRaise, toStep, type Step } from '../steps.ts'
import { createCounterTable } from './counter-table.ts'
import { createShelf } from './shelf.ts'
import { createWatchers } from './watchers.ts'

/** Parts a stream's key from a position; in neither, so that no stream lies below another. */
const AT = '\x01'

export interface MemoryStoreOptions {
  /** What `time()` answers. Default: the clock of the process. */
  clock?: Clock
  /**
   * How many counters are kept at most, give or take a tenth: 1,024 to 100,000,000. Default: 10,000,000. Each takes about
   * 13 bytes, and twice as many where it counted 63 or more. When it is full those make room that counted least, and of
   * these the ones that end first. So of a flood of new subjects those who come once go first; who is locked out, and a budget
   * that all share, go last.
   */
  counters?: number
}

/**
 * A store for one process that is gone when it ends. Several instances of @pair may share it.
 *
 * Counters are told apart by a keyed hash of 48 bits or more, and what is due within one minute is forgotten together.
 *
 * @throws PairError `config_invalid` for a number of counters that can't be kept
 * @example
 * const pair = createPair({ secret, store: memoryStore() })
 */
export function memoryStore(options: MemoryStoreOptions = {}): Store {
  const clock = options.clock ?? Date.now
  const records = createShelf<{ value: string; version: string }>()
  const counters = createCounterTable({
    quota: toQuota(options.counters),
    seed: crypto.getRandomValues(new Uint32Array(2)),
  })
  const items = createShelf<{ position: Position; value: string; keys: string[] }>()
  /** The newest position of each stream, and the newest that was purged. */
  const streams = new Map<string, { latest: Position; purged: Position }>()
  const watchers = createWatchers()

  // positions of a later store come behind those of an earlier one, so that an old cursor shows as old
  const birth = sortable(Math.max(0, Math.floor(clock())))
  const life = toBase64Url(crypto.getRandomValues(new Uint8Array(12)))
  let count = 0

  const apply = (step: Step, keys: string[]): void => {
    count += 1
    if (step.do === 'remove') records.remove(step.id)
    else if (step.do === 'put')
      records.put(step.id, { value: step.value, version: `${life}.${count}` }, step.purgeAt)
    else {
      const position = `${birth}-${sortable(count)}`
      items.put(step.id + AT + position, { position, value: step.value, keys }, step.purgeAt)
      streams.set(step.id, { latest: position, purged: streams.get(step.id)?.purged ?? '' })
    }
  }

  return {
    async read(key) {
      const record = records.get(toKeyText(key))
      return record ? { key: [...key], ...record } : null
    },

    async list(prefix, { after, limit }) {
      const page = records.page(toBelowText(prefix), after ? toKeyText(after) : '', limit)
      return page.map(([id, record]) => ({ key: fromKeyText(id), ...record }))
    },

    // no await in here: nothing else runs between the checks and the last write
    async commit(checks, writes) {
      const needs = checks.map(({ key, version }) => ({ id: toKeyText(key), version }))
      const steps = writes.map(toStep)
      if (needs.some(({ id, version }) => (records.get(id)?.version ?? null) !== version))
        return false
      const keys = steps.filter((step) => step.do !== 'append').map((step) => step.id)
      for (const step of steps) apply(step, keys)
      watchers.tell(new Set(steps.map((step) => step.id)))
      return true
    },

    async increment(counter, by, purgeAt) {
      return counters.raise(counter, toRaise(by), by === 0 ? 0 : toPurgeAt(purgeAt))
    },

    async tail(stream, after, limit) {
      const id = toKeyText(stream)
      const below = id + AT
      const { latest = null, purged = '' } = streams.get(id) ?? {}
      return {
        items: items
          .page(below, after === null ? '' : below + after, limit)
          .map(([, item]) => ({ ...item, keys: item.keys.map(fromKeyText) })),
        // an item kept for longer may lie before one that is gone; from here on nothing is
        oldest: items.page(below, below + purged, 1)[0]?.[1].position ?? null,
        latest,
        settled: true,
      }
    },

    async purge(before, limit) {
      const gone = items.purge(before, limit)
      for (const id of gone) {
        const cut = id.lastIndexOf(AT)
        const stream = streams.get(id.slice(0, cut))
        const position = id.slice(cut + 1)
        if (stream && position > stream.purged) stream.purged = position
      }
      const rest = limit - gone.length
      const forgotten = records.purge(before, rest).length
      return gone.length + forgotten + counters.purge(before, rest - forgotten)
    },

    time: async () => clock(),
    watch: (prefix, on) => watchers.add(prefix, on),
  }
}

function sortable(count: number): string {
  return count.toString(36).padStart(9, '0')
}

function toQuota(counters = 10_000_000): number {
  if (Number.isInteger(counters) && counters >= 1_024 && counters <= 100_000_000) return counters
  throw new PairError('config_invalid', {
    message: 'memoryStore: `counters` must be a whole number from 1,024 to 100,000,000.',
    hint: 'For example memoryStore({ counters: 1_000_000 })',
  })
}
