/** A set of texts in the order of their UTF-16 code units. */
export interface SortedKeys {
  /** The text must not be in it. */
  add(key: string): void
  remove(key: string): void
  /** All that come behind this text, in order. The set must not change meanwhile. */
  after(bound: string): Iterable<string>
}

const CHUNK = 512

/** An empty set. Chunks of at most 512 keep each change and each look-up cheap among millions. */
export function createSortedKeys(): SortedKeys {
  const chunks: string[][] = []
  const chunkOf = (holds: (last: string) => boolean): number =>
    firstWhere(chunks.length, (index) => holds(chunks[index]!.at(-1)!))

  return {
    add(key) {
      if (chunks.length === 0) chunks.push([])
      const at = Math.min(
        chunkOf((last) => last >= key),
        chunks.length - 1,
      )
      const chunk = chunks[at]!
      const place = firstWhere(chunk.length, (index) => chunk[index]! >= key)
      chunk.splice(place, 0, key)
      if (chunk.length > CHUNK) chunks.splice(at + 1, 0, chunk.splice(CHUNK / 2))
    },
    remove(key) {
      const at = chunkOf((last) => last >= key)
      const chunk = chunks[at] ?? []
      const place = firstWhere(chunk.length, (index) => chunk[index]! >= key)
      if (chunk[place] === key) chunk.splice(place, 1)
      if (chunk.length === 0) chunks.splice(at, 1)
    },
    *after(bound) {
      let at = chunkOf((last) => last > bound)
      const first = chunks[at] ?? []
      const place = firstWhere(first.length, (index) => first[index]! > bound)
      for (yield* first.slice(place); ++at < chunks.length;) yield* chunks[at]!
    },
  }
}

/** Where the first index is for which this holds, as it then does for all behind it. */
function firstWhere(length: number, holds: (index: number) => boolean): number {
  let low = 0
  let high = length
  while (low < high) {
    const middle = (low + high) >>> 1
    if (holds(middle)) high = middle
    else low = middle + 1
  }
  return low
}
