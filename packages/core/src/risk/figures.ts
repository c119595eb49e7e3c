import { DAY, HOUR, MINUTE, SECOND, type Millis } from '../time.ts'
import { codesOf, type Fraction } from './guess-bound.ts'

const UNITS: readonly [Millis, string][] = [
  [365 * DAY, 'year'],
  [DAY, 'day'],
  [HOUR, 'hour'],
  [MINUTE, 'minute'],
  [SECOND, 'second'],
  [1, 'millisecond'],
]

/** A count for people: `26,420,914`, and from 10^9 on `2.64e13`, rounded down. */
export function countText(count: number | bigint): string {
  const digits = BigInt(count).toString()
  if (digits.length <= 9) return BigInt(count).toLocaleString('en-US')
  return `${Number(`${digits[0]}.${digits.slice(1, 3)}`)}e${digits.length - 1}`
}

/** So many of a thing: `1 network`, `754 guesses`. */
export function numberOf(count: number | bigint, one: string, many = `${one}s`): string {
  return `${countText(count)} ${BigInt(count) === 1n ? one : many}`
}

/** A span for people: `15 minutes`, `90 seconds`, `a year`. */
export function spanText(ms: Millis): string {
  const [unit, name] = UNITS.find(([unit]) => ms % unit === 0) ?? [1, 'millisecond']
  const count = ms / unit
  if (count !== 1) return numberOf(count, name)
  return name === 'hour' ? 'an hour' : `a ${name}`
}

/** A chance for people, rounded up: `1 in 10,006`. */
export function oddsText({ over, under }: Fraction): string {
  const odds = under / over
  return odds < 2n ? 'as good as certain' : `1 in ${countText(odds)}`
}

/** A tolerable chance as it was wished: `1 in 10,000`. */
export function wishText(chance: number): string {
  // 1 / 1e-5 is 99,999.99999999999
  return `1 in ${countText(Math.round(Number((1 / chance).toPrecision(12))))}`
}

/** The next number above that people can read, of two digits: 7.1e-9. */
export function roundUp(value: number): number {
  const place = Math.floor(Math.log10(value)) - 1
  // what is lost on the way is far less than a billionth
  return Number(`${Math.ceil((value * (1 + 1e-9)) / 10 ** place)}e${place}`)
}

/** How many codes of so many symbols there are, for people: `31^9 (2.64e13)`. */
export function powerText(symbols: number): string {
  return `31^${symbols} (${countText(codesOf(symbols))})`
}
