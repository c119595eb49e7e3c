import { resizeWords } from './growable-words.ts'

/** A part of a table: totals under 48 bits of a hash, open addressing, ten bytes a place and no object. */
export interface Shard {
  readonly size: number
  /** No counter is due before. */
  readonly earliest: number
  /** What has been counted; 0 where nothing has. */
  total(low: number, high: number): number
  /** Counts so many more, to be kept until `due` at least; answers the total. Where it is full a sixteenth makes room. */
  raise(low: number, high: number, by: number, due: number): number
  /** Forgets at most `limit` that are due before; answers how many. */
  purge(before: number, limit: number): number
}

/** What shards share that have at most `most` counters each: the room in which one at a time is rearranged. */
export interface Workbench {
  readonly most: number
  room: Uint16Array
}

/** A place is five words: three of hash, one of the due, one mark. */
const SIZE = 5
const [HIGH, DUE, MARK] = [2, 3, 4]
/** The mark is six bits of total and the upper ten of the due. */
const DUE_BITS = 10
const LATEST = 2 ** 26 - 1
/** What reads so has its total and due in `wide`, at the index that is in place of the due. */
const WIDE = 63
/** Marks without a total. A forgotten place is a step on the way to others. */
const [FREE, FORGOTTEN] = [0, 1]
/** The share of places that may be taken: fewer would be faster, more smaller. */
const LOAD = 0.85
const SMALLEST = 8

/** An empty shard. */
export function createShard(bench: Workbench): Shard {
  let end = placesFor(0) * SIZE
  let words = new Uint16Array(end)
  /** Total and due in turn. */
  const wide: number[] = []
  const unused: number[] = []
  let size = 0
  /** Places that are not free. */
  let taken = 0
  let earliest = Infinity
  /** Where the next purge begins. */
  let cursor = 0

  function placesFor(count: number): number {
    return Math.max(SMALLEST, Math.ceil(Math.min(bench.most, count) / LOAD) + 1)
  }

  const short = (at: number): number => words[at + MARK]! >>> DUE_BITS
  /** The due, or an index of `wide`. */
  const bits = (at: number): number =>
    ((words[at + MARK]! & ((1 << DUE_BITS) - 1)) << 16) | words[at + DUE]!
  const totalAt = (at: number): number => (short(at) === WIDE ? wide[bits(at)]! : short(at))
  const dueAt = (at: number): number => (short(at) === WIDE ? wide[bits(at) + 1]! : bits(at))

  function write(at: number, total: number, due: number): void {
    const isWide = total >= WIDE || due > LATEST
    const low = isWide ? (unused.pop() ?? wide.length) : due
    if (isWide) {
      wide[low] = total
      wide[low + 1] = due
    }
    words[at + DUE] = low & 0xffff
    words[at + MARK] = ((isWide ? WIDE : total) << DUE_BITS) | (low >>> 16)
  }

  function forget(at: number): void {
    if (short(at) === WIDE) unused.push(bits(at))
    words[at + MARK] = FORGOTTEN
    size--
  }

  /** Frees the places of what was forgotten, with room for `spare` more than are left. */
  function rearrange(spare: number): void {
    const next = placesFor(size + spare) * SIZE
    if (bench.room.length < next) bench.room = new Uint16Array(next)
    const { room } = bench
    room.fill(0, 0, next)
    for (let from = 0; from < end; from += SIZE) {
      if (short(from) === 0) continue
      const to = search(room, next, (words[from + 1]! << 16) | words[from]!, words[from + HIGH]!)
      for (let word = 0; word < SIZE; word++) room[to + word] = words[from + word]!
    }
    words = resizeWords(words, next, placesFor(bench.most) * SIZE)
    words.set(room.subarray(0, next))
    end = next
    taken = size
    cursor = 0
  }

  /** What counted least goes, and of that what ends first. */
  function forgetSixteenth(): void {
    const score = (at: number): number =>
      Math.min(totalAt(at), LATEST) * (LATEST + 1) + Math.min(dueAt(at), LATEST)
    const scores = new Float64Array(size)
    let count = 0
    for (let at = 0; at < end; at += SIZE) if (short(at) > 0) scores[count++] = score(at)
    scores.sort()
    const many = Math.ceil(size / 16)
    const bar = scores[many - 1]!
    const first = scores.indexOf(bar)
    // Of equals those go that lie evenly apart: one stretch left empty would crowd the others.
    const apart = (scores.lastIndexOf(bar) + 1 - first) / (many - first)
    let [equals, gone] = [0, 0]
    for (let at = 0; at < end; at += SIZE) {
      const own = short(at) === 0 ? Infinity : score(at)
      if (own < bar) forget(at)
      else if (own === bar && equals++ === Math.floor(gone * apart)) {
        forget(at)
        gone++
      }
    }
  }

  /** The place for a new counter whose search ended there. */
  function take(found: number, low: number, high: number): number {
    let at = found
    if ((taken + 1) / LOAD > end / SIZE) {
      if (size >= bench.most) forgetSixteenth()
      rearrange(1 + (size >> 3))
      at = search(words, end, low, high)
    }
    if (words[at + MARK] === FREE) taken++
    size++
    words[at] = low
    words[at + 1] = low >>> 16
    words[at + HIGH] = high
    return at
  }

  return {
    get size() {
      return size
    },
    get earliest() {
      return earliest
    },
    total: (low, high) => totalAt(search(words, end, low, high)),
    raise(low, high, by, due) {
      const found = search(words, end, low, high)
      const old = totalAt(found)
      const total = old + by
      if (total > Number.MAX_SAFE_INTEGER) throw new RangeError('A counter ends at 2^53')
      if (short(found) === WIDE) {
        const index = bits(found)
        wide[index] = total
        if (wide[index + 1]! < due) wide[index + 1] = due
      } else if (old > 0) write(found, total, Math.max(due, bits(found)))
      else {
        write(take(found, low, high), total, due)
        if (due < earliest) earliest = due
      }
      return total
    },
    purge(before, limit) {
      let gone = 0
      let next = Infinity
      for (let seen = 0; seen < end; seen += SIZE) {
        if (gone >= limit) return gone
        const due = short(cursor) === 0 ? Infinity : dueAt(cursor)
        if (due >= before) next = Math.min(next, due)
        else {
          forget(cursor)
          gone++
        }
        cursor = cursor + SIZE === end ? 0 : cursor + SIZE
      }
      earliest = next
      if (size < taken * 0.75) rearrange(size >> 3)
      return gone
    },
  }
}

/** The place of a counter, or the free one that ends its search. */
function search(words: Uint16Array, end: number, low: number, high: number): number {
  const lower = low & 0xffff
  const upper = low >>> 16
  let at = Math.floor(((low >>> 0) / 0x1_0000_0000) * (end / SIZE)) * SIZE
  while (
    words[at + MARK] !== FREE &&
    !(words[at] === lower && words[at + 1] === upper && words[at + HIGH] === high)
  ) {
    at += SIZE
    if (at === end) at = 0
  }
  return at
}
