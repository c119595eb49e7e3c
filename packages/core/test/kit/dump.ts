import type { Key, Store } from '../../src/ports/store.ts'

/** Everything that a store holds of one namespace, as whoever stole the database has it. */
export async function dumpStore(
  store: Store,
  namespace = 'pair',
): Promise<{ key: Key; value: string }[]> {
  const records = await store.list([namespace], { limit: 100_000 })
  const journal = await store.tail([namespace, 'journal'], null, 100_000)
  return [
    ...records,
    ...journal.items.map(({ position, value }) => ({ key: ['journal', position], value })),
  ]
}

/** All keys and values in one text. */
export function dumpText(rows: readonly { key: Key; value: string }[]): string {
  return rows.map(({ key, value }) => `${key.join('/')} ${value}`).join('\n')
}

/** The words of records that are there: `code`, `session`, … */
export function wordsIn(rows: readonly { key: Key }[]): string[] {
  return [
    ...new Set(rows.map(({ key }) => (key[0] === 'journal' ? 'journal' : (key[1] ?? '')))),
  ].sort()
}
