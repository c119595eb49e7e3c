/** Rows under ids, in the order of these. */
export interface SortedTable<T> {
  readonly size: number
  get(id: string): T | undefined
  put(id: string, row: T): void
  remove(id: string): void
  /** At most `limit` rows behind `bound` whose ids begin with `start`. */
  page(start: string, bound: string, limit: number): [id: string, row: T][]
  /** All of them. */
  rows(): [id: string, row: T][]
  /** Another table with the same rows. */
  copy(): SortedTable<T>
}

/** A table of these rows, whose ids are all different. */
export function createSortedTable<T>(entries: Iterable<readonly [string, T]> = []): SortedTable<T> {
  const rows = new Map(entries)
  return over([...rows.keys()].toSorted(compareIds), rows)
}

function over<T>(ids: string[], rows: Map<string, T>): SortedTable<T> {
  return {
    get size() {
      return ids.length
    },
    get: (id) => rows.get(id),
    put(id, row) {
      if (!rows.has(id)) ids.splice(placeOf(ids, id), 0, id)
      rows.set(id, row)
    },
    remove(id) {
      if (rows.delete(id)) ids.splice(placeOf(ids, id), 1)
    },
    page(start, bound, limit) {
      const page: [string, T][] = []
      for (let at = placeOf(ids, bound > start ? bound : start); page.length < limit; at++) {
        const id = ids[at]
        if (id === undefined || !id.startsWith(start)) break
        if (id > bound) page.push([id, rows.get(id)!])
      }
      return page
    },
    rows: () => ids.map((id) => [id, rows.get(id)!]),
    copy: () => over(ids.slice(), new Map(rows)),
  }
}

/** Where that id is, or would be. */
function placeOf(ids: readonly string[], id: string): number {
  let low = 0
  let high = ids.length
  while (low < high) {
    const middle = (low + high) >>> 1
    if (ids[middle]! < id) low = middle + 1
    else high = middle
  }
  return low
}

/** Keys are ASCII: the order of their code units is that of their bytes. */
function compareIds(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}
