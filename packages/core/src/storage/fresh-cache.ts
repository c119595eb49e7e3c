import type { Key } from '../ports/store.ts'
import type { ChangeFeed } from './change-feed.ts'

/** A look at the store whose findings may be kept, if nothing that they rest on changes meanwhile. */
export interface Look {
  /** What of it changed since it began; `null`: anything may have. */
  changed: Set<string> | null
}

/** What was found lately and has not changed since, as far as can be known. */
export interface FreshCache<T> {
  /** `undefined`: not kept, or nobody can tell whether it still holds. */
  get(name: string): T | undefined
  /** Before the store is read. */
  begin(): Look
  /** After it was read. Kept only if changes were heard since `begin` and none of these ids was among them. */
  keep(look: Look, name: string, value: T, ids: readonly string[]): void
  end(look: Look): void
  drop(name: string): void
}

/** What a key is of: the id in it, or the word that stands alone. */
function idOf(key: Key): string {
  return key[1] ?? key[0] ?? ''
}

export function createFreshCache<T>(feed: ChangeFeed, most: number): FreshCache<T> {
  const kept = new Map<string, { value: T; ids: readonly string[] }>()
  const namesOf = new Map<string, Set<string>>()
  const looks = new Set<Look>()

  function drop(name: string): void {
    const entry = kept.get(name)
    if (entry === undefined) return
    kept.delete(name)
    for (const id of entry.ids) {
      const names = namesOf.get(id)
      names?.delete(name)
      if (names?.size === 0) namesOf.delete(id)
    }
  }

  feed.overhear((keys) => {
    if (keys === null) {
      kept.clear()
      namesOf.clear()
      for (const look of looks) look.changed = null
      return
    }
    for (const id of keys.map(idOf)) {
      for (const look of looks) look.changed?.add(id)
      // What is dropped meanwhile is met no more, which is as it should be.
      for (const name of namesOf.get(id) ?? []) drop(name)
    }
  })

  return {
    get: (name) => (feed.keepLive() ? kept.get(name)?.value : undefined),
    begin() {
      const look: Look = { changed: feed.keepLive() ? new Set() : null }
      looks.add(look)
      return look
    },
    keep({ changed }, name, value, ids) {
      if (changed === null || !feed.isLive() || ids.some((id) => changed.has(id))) return
      drop(name)
      const oldest = kept.size >= most ? kept.keys().next().value : undefined
      if (oldest !== undefined) drop(oldest)
      kept.set(name, { value, ids })
      for (const id of ids) {
        const names = namesOf.get(id) ?? new Set()
        namesOf.set(id, names.add(name))
      }
    },
    end: (look) => void looks.delete(look),
    drop,
  }
}
