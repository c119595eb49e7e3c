import type { Key } from '../../ports/store.ts'
import { MINUTE, type Millis } from '../../time.ts'
import { createShard, type Shard, type Workbench } from './counter-shard.ts'
import { createKeyHash } from './key-hash.ts'

/** Many small totals in few bytes. */
export interface CounterTable {
  /** The total after adding `by`; 0 reads. @throws TypeError for what is no key */
  raise(key: Key, by: number, purgeAt: Millis): number
  /** Forgets at most `limit` that are due before that instant; answers how many. What is due within one minute goes together, when the last of it is due. */
  purge(before: Millis, limit: number): number
}

export interface CounterTableOptions {
  /** How many are kept at most, give or take a tenth. Where more come, those make room that counted least, and of these what ends first. */
  quota: number
  /** Two random words of 32 bits. */
  seed: ArrayLike<number>
}

/** Few enough that one is rearranged in a moment. */
const SHARE = 8_192
/** Each may be a mapping of memory, which systems count. */
const MOST_SHARDS = 4_096

/** An empty table. */
export function createCounterTable({ quota, seed }: CounterTableOptions): CounterTable {
  const hash = createKeyHash(seed[0]!, seed[1]!)
  const count = Math.min(MOST_SHARDS, 2 ** Math.floor(Math.log2(Math.max(1, quota / SHARE))))
  const shards: (Shard | undefined)[] = Array.from({ length: count })
  const share = quota / count
  // Chance gives some more than their share: six deviations are left for it.
  const most = count === 1 ? quota : Math.ceil(share + 6 * Math.sqrt(share))
  const bench: Workbench = { most, room: new Uint16Array(0) }
  /** The last instant at which something is due, of each minute. */
  const last = new Map<number, Millis>()

  return {
    raise(key, by, purgeAt) {
      hash.take(key)
      const index = (hash.high >>> 16) & (count - 1)
      const high = hash.high & 0xffff
      if (by === 0) return shards[index]?.total(hash.low, high) ?? 0
      const due = Math.ceil(purgeAt / MINUTE)
      if (!(last.get(due)! >= purgeAt)) last.set(due, purgeAt)
      shards[index] ??= createShard(bench)
      return shards[index].raise(hash.low, high, by, due)
    },

    purge(before, limit) {
      const minute = Math.ceil(before / MINUTE)
      const bound = last.get(minute)! < before ? minute + 1 : minute
      let left = limit
      for (let index = 0; index < count && left > 0; index++) {
        const shard = shards[index]
        if (!shard || !(shard.earliest < bound)) continue
        left -= shard.purge(bound, left)
        if (shard.size === 0) shards[index] = undefined
      }
      if (left > 0) for (const due of last.keys()) if (due < bound) last.delete(due)
      return limit - left
    },
  }
}
