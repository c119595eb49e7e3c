/** An instant in milliseconds since the Unix epoch, by the clock of the process that names it. */
export type Millis = number

export const SECOND: Millis = 1_000
export const MINUTE: Millis = 60 * SECOND
export const HOUR: Millis = 60 * MINUTE
export const DAY: Millis = 24 * HOUR

/** Clocks of one store are not further apart. */
const APART_MS: Millis = 15 * SECOND

/** Was that made by now? What a clock made that ran ahead lets nobody in before its time; nor does a clock that fell back. */
export function isBegun(at: Millis, now: Millis): boolean {
  return now >= at - APART_MS
}

/** Is this a duration that instants can be reckoned with: whole milliseconds, from a second to a hundred years? */
export function isDuration(value: unknown): value is Millis {
  return (
    Number.isInteger(value) && (value as number) >= SECOND && (value as number) <= 100 * 365 * DAY
  )
}

/** An instant as RFC 3339 in UTC, or `null` for "no such instant". */
export function toRfc3339(at: Millis): string
export function toRfc3339(at: Millis | null): string | null
export function toRfc3339(at: Millis | null): string | null {
  return at === null ? null : new Date(at).toISOString()
}

const RFC_3339 = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.(\d{1,3}))?Z$/

/** The instant that an RFC 3339 text in UTC names; `null` where it names none, or none that there is. */
export function parseRfc3339(text: string): Millis | null {
  const [, whole, fraction = ''] = RFC_3339.exec(text) ?? []
  if (whole === undefined) return null
  const at = Date.parse(`${whole}.${fraction.padEnd(3, '0')}Z`)
  // The 31st of February is the 3rd of March to some.
  return at >= 0 && toRfc3339(at).startsWith(whole) ? at : null
}

/** An instant as an HTTP date. @see https://www.rfc-editor.org/rfc/rfc9110#section-5.6.7 */
export function toHttpDate(at: Millis): string {
  return new Date(at).toUTCString()
}
