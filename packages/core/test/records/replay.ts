import type { Store } from '../../src/ports/store.ts'
import type { Story } from './story.ts'

/** Puts all that a story's store held into another, as a restored copy would. */
export async function replayInto<T extends Store>(
  store: T,
  { rows, journal, counts }: Pick<Story, 'rows' | 'journal' | 'counts'>,
): Promise<T> {
  const kept = { purgeAt: null }
  await store.commit(
    [],
    rows.map(({ key, value }) => ({ key, value, ...kept })),
  )
  // by itself: each item names all that was written with it, which each look at the journal reads
  await store.commit(
    [],
    journal.map((value) => ({ append: ['pair', 'journal'], value, ...kept })),
  )
  for (const { key, count, purgeAt } of counts) await store.increment(key, count, purgeAt)
  return store
}
