import { execFileSync } from 'node:child_process'
import { expect, test } from 'vitest'

// Everything in a process of its own that nothing else keeps alive.
const script = `
const { createPair, memoryStore } = await import(${JSON.stringify(new URL('../../src/index.ts', import.meta.url).href)})
const pair = createPair({ secret: 'a secret of these tests, 32 bytes or more', store: memoryStore() })
const issued = await Promise.all(
  Array.from({ length: 10 }, () => pair.codes.issue({ origin: 'http://localhost' })),
)
console.log(issued.length)
`

test('a script that waits for rivals of its own is not ended before its work is done', () => {
  const node = ['--input-type=module', '--disable-warning=ExperimentalWarning', '-e', script]
  expect(execFileSync(process.execPath, node, { encoding: 'utf8' })).toBe('10\n')
})
