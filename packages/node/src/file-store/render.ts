import { createRowTexts, toDocument, toInstant, toRowText } from './layout.ts'
import { sumOfState, type State } from './state.ts'

/** The name of the format, in every file. */
export const FORMAT = 'pair file store'
/** Its number; a later one may mean anything. */
export const FORMAT_VERSION = 1

/** Above this a value stays a text in the file: indenting it would help nobody. */
const READABLE_LENGTH = 64 * 1024
const READABLE_DEPTH = 16

/** The whole text of a file. What did not change since the last time is not made anew. */
export function createRender(): (state: State) => string {
  const once = createRowTexts()
  return (state) => {
    const { birth, appended, revision, records, streams } = state
    return toDocument(
      {
        format: FORMAT,
        formatVersion: FORMAT_VERSION,
        sum: sumOfState(state),
        revision,
        birth: toInstant(birth),
        appended,
      },
      {
        records: records.rows().map(([key, row]) =>
          once(row, () => ({
            key,
            version: row.version,
            purgeAt: toInstant(row.purgeAt),
            ...(row.isMark ? { mark: true } : {}),
            value: toReadable(row.value),
          })),
        ),
        streams: streams
          .rows()
          .map(([key, { latest, purged }]) => toRowText({ key, latest, purged })),
        items: streams.rows().flatMap(([stream, { items }]) =>
          items.map((item) =>
            once(item, () => ({
              stream,
              position: item.position,
              keys: item.keys,
              purgeAt: toInstant(item.purgeAt),
              value: toReadable(item.value),
            })),
          ),
        ),
      },
    )
  }
}

/** JSON inside JSON is written as such, where reading it back gives the same text to the letter. */
function toReadable(value: string): unknown {
  if (!/^[[{]/.test(value) || value.length > READABLE_LENGTH) return value
  try {
    const parsed: unknown = JSON.parse(value)
    return isShallow(parsed, READABLE_DEPTH) && JSON.stringify(parsed) === value ? parsed : value
  } catch {
    return value
  }
}

function isShallow(value: unknown, depth: number): boolean {
  if (typeof value !== 'object' || value === null) return true
  return depth > 0 && Object.values(value).every((inner) => isShallow(inner, depth - 1))
}
