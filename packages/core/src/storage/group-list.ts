import { checkAfter, checkPageLimit } from './page-limit.ts'
import { isTombstone, type RecordKind } from './record-codec.ts'
import type { Slot, Space } from './space.ts'

/** A record, and whether its revocation stands beside it. */
export interface Group<T> {
  slot: Slot<T> & { record: T }
  revoked: boolean
}

export interface GroupPage<T> {
  groups: Group<T>[]
  /** The id to go on behind; `null`: that was all. */
  next: string | null
}

/**
 * Records of one word in the order of their ids, each read together with its revocation: they are neighbours in the
 * key order. Rows that do not decode are left out.
 */
export async function listGroups<T>(
  space: Pick<Space, 'list' | 'decode'>,
  kind: RecordKind<T>,
  word: string,
  after: string | null,
  limit: number,
): Promise<GroupPage<T>> {
  checkPageLimit(limit)
  checkAfter(after)
  const size = 2 * limit + 2
  const entries = await space.list(
    [word],
    after === null ? { limit: size } : { limit: size, after: [word, after, '~'] },
  )
  const byId = new Map<string, { slot: Slot<T> | null; revoked: boolean }>()
  for (const entry of entries) {
    const [, id = '', part] = entry.key
    const group = byId.get(id) ?? { slot: null, revoked: false }
    if (part === 'record') group.slot = space.decode(kind, entry)
    else if (part === 'revoked') group.revoked = !isTombstone(entry.value)
    byId.set(id, group)
  }
  const full = entries.length === size
  const ids = [...byId.keys()]
  // The last group of a full page may be cut in two: the next page has it whole.
  const kept = (full ? ids.slice(0, -1) : ids).slice(0, limit)
  const groups: Group<T>[] = []
  for (const id of kept) {
    const { slot, revoked } = byId.get(id) ?? { slot: null, revoked: false }
    if (slot && slot.record !== null) groups.push({ slot: slot as Group<T>['slot'], revoked })
  }
  return { groups, next: kept.length < ids.length ? (kept.at(-1) ?? null) : null }
}
