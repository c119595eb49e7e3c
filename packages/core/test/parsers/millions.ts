import { afterAll, beforeAll, expect, test } from 'vitest'
import { feed, titleOf, type TextParser, type ValueParser } from './parser.ts'
import { createTexts, createValues } from './random-texts.ts'

const MILLION = 1_000_000

/** One test for each parser: a million inputs, each answered as promised, some of them taken and some refused. */
export function millions(parsers: readonly (TextParser | ValueParser)[]): void {
  const { stackTraceLimit } = Error
  // nobody reads where a million refusals were made
  beforeAll(() => void (Error.stackTraceLimit = 0))
  afterAll(() => void (Error.stackTraceLimit = stackTraceLimit))

  test.each(
    parsers.map(
      (parser, at) =>
        [
          `${titleOf(parser)} takes ${(parser.times ?? MILLION).toLocaleString('en')}`,
          parser,
          at + 1,
        ] as const,
    ),
  )(
    'SEC-14 %s random inputs with typed refusals only',
    (_, parser, seed) => {
      const { times = MILLION } = parser
      const { counts, faults } =
        'words' in parser
          ? feed(times, createTexts(seed, parser), parser.take)
          : feed(times, createValues(seed, parser.valid), parser.take)
      expect(faults).toEqual([])
      expect(counts.broken).toBe(0)
      expect(counts.taken).toBeGreaterThan(times / 1_000)
      expect(counts.refused).toBeGreaterThan(times / 1_000)
    },
    20_000,
  )
}
