import type { Millis } from '../../time.ts'
import { createSortedKeys } from './sorted-keys.ts'

/** Things under ordered ids, each forgotten at its time. */
export interface Shelf<T> {
  get(id: string): T | undefined
  put(id: string, item: T, purgeAt: Millis | null): void
  remove(id: string): void
  /** At most `limit` things behind `bound` whose ids begin with `start`, in order. */
  page(start: string, bound: string, limit: number): [id: string, item: T][]
  /** Forgets at most `limit` things that are due before that instant; answers their ids. */
  purge(before: Millis, limit: number): string[]
}

const DIGITS = 16

/** An empty shelf. */
export function createShelf<T>(): Shelf<T> {
  const items = new Map<string, { item: T; due: string | null }>()
  const ids = createSortedKeys()
  const dues = createSortedKeys() // instant and id in one text: what is due is what comes first

  const remove = (id: string): void => {
    const due = items.get(id)?.due
    if (due) dues.remove(due)
    if (items.delete(id)) ids.remove(id)
  }

  return {
    get: (id) => items.get(id)?.item,
    put(id, item, purgeAt) {
      const old = items.get(id)
      const due = purgeAt === null ? null : String(Math.ceil(purgeAt)).padStart(DIGITS, '0') + id
      if (!old) ids.add(id)
      if (old?.due) dues.remove(old.due)
      if (due) dues.add(due)
      items.set(id, { item, due })
    },
    remove,
    page(start, bound, limit) {
      const page: [string, T][] = []
      for (const id of ids.after(bound > start ? bound : start)) {
        if (page.length >= limit || !id.startsWith(start)) break
        page.push([id, items.get(id)!.item])
      }
      return page
    },
    purge(before, limit) {
      const gone: string[] = []
      for (const due of dues.after('')) {
        if (gone.length >= limit || !(Number(due.slice(0, DIGITS)) < before)) break
        gone.push(due.slice(DIGITS))
      }
      gone.forEach(remove)
      return gone
    },
  }
}
