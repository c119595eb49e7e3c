import { expect, test } from 'vitest'
import { titleOf } from '../test/parsers/parser.ts'
import { median } from '../test/parsers/slowness.ts'
import { addresses } from '../test/parsers/tables/addresses.ts'
import { headers } from '../test/parsers/tables/headers.ts'
import { secrets } from '../test/parsers/tables/secrets.ts'
import { stored } from '../test/parsers/tables/stored.ts'
import { texts } from '../test/parsers/tables/texts.ts'

const TIMES = 20

test('100 kB through each parser: the worst shape of its own', () => {
  const taken = [...texts, ...secrets, ...headers, ...addresses, ...stored].map((parser) => {
    const times = parser.long(100_000).map((text) => {
      for (let warm = 0; warm < 5; warm++) parser.take(text)
      return median(parser.take, text, TIMES) / TIMES
    })
    return { parser: titleOf(parser), ms: Math.max(...times) }
  })
  taken.sort((a, b) => b.ms - a.ms)
  for (const { parser, ms } of taken) console.log(`${ms.toFixed(3)} ms  ${parser}`)
  expect(taken.length).toBeGreaterThan(30)
})
