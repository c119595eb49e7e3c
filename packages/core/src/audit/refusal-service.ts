import { PairError } from '../errors.ts'
import type { Logger, Timers } from '../ports/runtime.ts'
import type { ServicePorts } from '../service-ports.ts'
import { decide } from '../storage/decide.ts'
import { checkPageLimit } from '../storage/page-limit.ts'
import { SECOND, type Millis } from '../time.ts'
import type { Refusal } from './event.ts'
import { countedAddress } from './kept-address.ts'
import {
  addRefusals,
  noRefusals,
  SLICE_MS,
  sliceOf,
  toCount,
  toRow,
  type RefusalCount,
} from './refusal-count.ts'
import { createTally, type RefusalTally } from './refusal-tally.ts'

export interface RefusalService {
  /**
   * How many were refused in each ten minutes since an instant, and why: by all instances on this store, this one's to the last,
   * of others all but the last ten seconds. Slices in which nobody was are not there. Kept for 90 days; a process that dies
   * takes the last ten seconds with it.
   *
   * @throws PairError `invalid_request`, `store_unavailable`
   */
  refusals(page?: {
    /** An instant in milliseconds, or the `next` of a page. Default: the oldest that is held. */
    since?: Millis
    /** How many slices: 1 to 1,000, default 144, which is a day. */
    limit?: number
  }): Promise<{ items: RefusalCount[]; next: Millis | null }>
}

export interface RefusalCounter extends RefusalService {
  /** Counts one, in memory. Never throws. */
  note(refusal: Refusal): void
  /** Writes what was counted: one commit a slice. Never throws: what can't be written is kept for the next time. */
  flush(): Promise<void>
  close(): Promise<void>
}

/** How often is written at most, whatever comes. */
const FLUSH_MS = 10 * SECOND

/** So many slices wait for a store that is away; then the oldest is let go. */
const WAITING = 6

export function createRefusalService(
  ports: ServicePorts & { timers: Timers; logger: Logger },
): RefusalCounter {
  const { space, records, settings, timers, logger } = ports
  const { addresses } = settings.audit
  let tallies = new Map<Millis, RefusalTally>()
  /** What could not be written. */
  let left: RefusalCount[] = []
  let writing: Promise<void> = Promise.resolve()
  let cancel: (() => void) | null = null

  function tallyOf(from: Millis): RefusalTally {
    const known = tallies.get(from)
    if (known) return known
    const [oldest] = tallies.keys()
    if (tallies.size >= WAITING && oldest !== undefined) tallies.delete(oldest)
    const tally = createTally(from)
    tallies.set(from, tally)
    return tally
  }

  function flushLater(): void {
    cancel ??= timers.after(FLUSH_MS, () => void flush())
  }

  async function write(count: RefusalCount): Promise<void> {
    await decide(space, async () => {
      const slot = await records.refusals.read(count.from)
      const before = slot.record ? toCount(slot.record) : noRefusals(count.from)
      const sum = toRow(addRefusals(before, count))
      return { answer: undefined, change: records.refusals.put(slot, sum) }
    })
  }

  async function writeAll(): Promise<void> {
    const counted = [...left, ...[...tallies.values()].map((tally) => tally.count())]
    tallies = new Map()
    left = []
    for (const [at, count] of counted.entries()) {
      try {
        await write(count)
      } catch {
        logger.warn('refusals that were counted could not be written yet')
        left = joined(counted.slice(at)).slice(-WAITING)
        return flushLater()
      }
    }
  }

  function flush(): Promise<void> {
    cancel?.()
    cancel = null
    writing = writing.then(writeAll)
    return writing
  }

  return {
    note({ code, at, address }) {
      // By a clock that does not tell the time nothing can be counted.
      if (!isInstant(at)) return
      const kept = address === undefined ? null : countedAddress(address, addresses)
      tallyOf(sliceOf(at)).note(code, kept)
      flushLater()
    },
    flush,
    async refusals({ since = 0, limit = 144 } = {}) {
      checkPageLimit(limit)
      if (!isInstant(since))
        throw new PairError('invalid_request', {
          message: '`since` must be an instant in milliseconds.',
        })
      await flush()
      const slots = await records.refusals.list(sliceOf(since), limit)
      const items = slots.flatMap(({ record }) => (record === null ? [] : [toCount(record)]))
      const last = Number(slots.at(-1)?.key[1])
      return { items, next: slots.length === limit ? last + SLICE_MS : null }
    },
    async close() {
      await flush()
      cancel?.()
    },
  }
}

function isInstant(at: Millis): boolean {
  return at >= 0 && at <= 8.64e15
}

/** Counts of the same slice as one. */
function joined(counts: readonly RefusalCount[]): RefusalCount[] {
  const bySlice = new Map<Millis, RefusalCount>()
  for (const count of counts) {
    const known = bySlice.get(count.from)
    bySlice.set(count.from, known ? addRefusals(known, count) : count)
  }
  return [...bySlice.values()]
}
