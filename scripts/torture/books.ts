import type { Key, Store } from '@pair/core'

/** What a writer said of one of its entries; `null`: it could not even open the place. */
export interface Told {
  entry: number | null
  error: string | null
  /** Whether a call of the disk had failed by then. */
  struck: boolean
}

const NEVER = null

/** An entry is two records and a line of a stream, all or nothing. */
export async function enter(store: Store, book: string, entry: number, size = 10): Promise<void> {
  const [debit, credit] = keysOf(book, entry)
  const value = 'x'.repeat(size)
  const isDone = await store.commit(
    [
      { key: debit, version: null },
      { key: credit, version: null },
    ],
    [
      { key: debit, value, purgeAt: NEVER },
      { key: credit, value, purgeAt: NEVER },
      { append: [book, 'lines'], value: String(entry), purgeAt: NEVER },
    ],
  )
  if (!isDone) throw new Error('it was said to be there already')
}

/** Answers what is wrong with a book: what was acknowledged is there, and nothing is there by half. */
export async function audit(
  store: Store,
  book: string,
  acknowledged: readonly number[],
): Promise<string[]> {
  const [debits, credits] = await Promise.all(
    ['debit', 'credit'].map(async (side) =>
      (await store.list([book, side], { limit: 10_000 })).map(({ key }) => Number(key[2])),
    ),
  )
  const { items } = await store.tail([book, 'lines'], null, 10_000)
  const lines = items.map(({ value }) => Number(value))
  const faults = acknowledged
    .filter((entry) => !debits!.includes(entry))
    .map((entry) => `the acknowledged entry ${entry} of ${book} is not there`)
  const text = (entries: readonly number[]): string => entries.toSorted((a, b) => a - b).join(' ')
  if (text(debits!) !== text(credits!)) faults.push(`one half of an entry of ${book} is there`)
  if (text(debits!) !== text(lines)) faults.push(`the stream of ${book} does not tell its entries`)
  return faults
}

function keysOf(book: string, entry: number): [Key, Key] {
  return [
    [book, 'debit', String(entry)],
    [book, 'credit', String(entry)],
  ]
}
