import type { Seen } from './doors.ts'
import type { Story } from './story.ts'

/** Who got in where, with which rights and until when; of lists the ids in their order. */
export type Answers = Record<
  string,
  Pick<Seen, 'in' | 'waits' | 'scopes' | 'until'> & { ids?: string[] }
>

/** A story as a release wrote it into its store, and the answers that this release gave. */
export interface Fixture extends Story {
  answers: Answers
}

/** What has to stay the same from release to release; how an answer is worded may change. */
export function summaryOf(seen: Record<string, Seen>): Answers {
  const entries = Object.entries(seen).map(([name, { in: isIn, waits, scopes, until, items }]) => {
    const ids = items?.map((item) => (JSON.parse(item) as { id?: string }).id ?? item)
    // Positions of the journal are the store's own.
    const kept = name === 'journal' ? ids?.map((_id, at) => String(at)) : ids
    return [
      name,
      {
        in: isIn,
        ...(waits === undefined ? {} : { waits }),
        ...(scopes === undefined ? {} : { scopes }),
        ...(until === undefined ? {} : { until }),
        ...(kept === undefined ? {} : { ids: kept }),
      },
    ] as const
  })
  return Object.fromEntries(entries)
}
