import { readFileSync } from 'node:fs'
import { errorCodes, PairError } from '../src/index.ts'
import { expect, test } from 'vitest'

const page = readFileSync('docs/errors.md', 'utf8')

test('NET-05 the page of errors explains every code, with its status, sentence and mend', () => {
  const sections = [...page.matchAll(/^## (\w+)$/gm)].map(([, code]) => code)
  expect(sections).toEqual([...errorCodes])
  for (const code of errorCodes) {
    const { status, message, hint } = new PairError(code)
    const section = (page.split(`## ${code}\n`)[1] ?? '').split('\n## ')[0] ?? ''
    expect(section.replace(/\s+/g, ' ')).toContain(`\`${status}\` · ${message}`)
    expect(section.replace(/\s+/g, ' ')).toContain(`Mend: ${hint}`)
  }
})
