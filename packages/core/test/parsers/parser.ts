import { isPairError, type ErrorCode } from '../../src/errors.ts'

/** `broken`: neither what was promised for a right text nor for a wrong one. */
export type Taken = 'taken' | 'refused' | 'broken'

interface Named {
  /** As it is exported. */
  name: string
  /** Below `src/`. */
  file: string
  /** Which of several, where it is given one more thing to go by. */
  of?: string
  /** How many random inputs; default: a million. */
  times?: number
}

/** A function that a stranger's text reaches. */
export interface TextParser extends Named {
  valid: readonly string[]
  words: readonly string[]
  take(text: string): Taken
  /** Texts of about that length over which it would have to go the longest. */
  long(length: number): readonly string[]
}

/** A function that a value out of a stranger's JSON reaches. */
export interface ValueParser extends Named {
  valid: readonly object[]
  take(value: unknown): Taken
}

/** As tests name it. */
export function titleOf({ name, of }: Named): string {
  return of === undefined ? name : `${name} of ${of}`
}

/** Passes what a parser found, where `null` is its word for "none". */
export function nullOr<T>(found: T | null, isRight: (found: T) => boolean): Taken {
  if (found === null) return 'refused'
  return isRight(found) ? 'taken' : 'broken'
}

/** Passes what a parser answers or throws, where that is a PairError of these codes. */
export function orRefused(codes: readonly ErrorCode[], take: () => Taken): Taken {
  try {
    return take()
  } catch (error) {
    if (isPairError(error) && codes.includes(error.code)) return 'refused'
    throw error
  }
}

export interface Feed {
  counts: Record<Taken, number>
  /** The first few inputs by which a promise was broken, and how. */
  faults: string[]
}

/** Gives a parser so many inputs. */
export function feed<T>(times: number, next: () => T, take: (input: T) => Taken): Feed {
  const counts = { taken: 0, refused: 0, broken: 0 }
  const faults: string[] = []
  for (let left = times; left > 0; left--) {
    const input = next()
    let why = 'broken'
    let taken: Taken = 'broken'
    try {
      taken = take(input)
    } catch (error) {
      why = String(error)
    }
    counts[taken]++
    if (taken === 'broken' && faults.length < 5)
      faults.push(`${why.slice(0, 200)}: ${JSON.stringify(input)?.slice(0, 400)}`)
  }
  return { counts, faults }
}

/** The same character, or characters, until there are that many. */
export function fill(part: string, length: number): string {
  return part.repeat(Math.ceil(length / part.length)).slice(0, length)
}
