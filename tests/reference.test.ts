import { readFileSync } from 'node:fs'
import { errorCodes, EVENT_TYPES } from '@pair/core'
import { describe, expect, test } from 'vitest'
import { referencePages } from '../scripts/reference/pages.ts'

/** As text reads: where lines and columns of tables end is the formatter's. */
const flat = (text: string): string =>
  text.replaceAll(/-{3,}/g, '---').replaceAll(/\s+/g, ' ').trim()

describe('the reference is what the code’s own tables say', () => {
  test.each(Object.entries(referencePages()))(
    'NET-05 %s: run `pnpm run reference`',
    (file, page) => {
      expect(flat(readFileSync(file, 'utf8'))).toBe(flat(page))
    },
  )

  test('NET-05 every code has its section, with its status, sentence and mend', () => {
    const page = readFileSync('docs/errors.md', 'utf8')
    const sections = [...page.matchAll(/^## (\w+)$/gm)].map(([, code]) => code)
    expect(sections).toEqual([...errorCodes])
    expect([...page.matchAll(/^Mend: \S/gm)]).toHaveLength(errorCodes.length)
    expect(page).not.toContain('undefined')
  })

  test('EVT-02 every type of event has its row', () => {
    const page = readFileSync('docs/events.md', 'utf8')
    const rows = [...page.matchAll(/^\| `([a-z_.]+)`/gm)].map(([, type]) => type)
    expect(rows).toEqual([...EVENT_TYPES])
    expect(page).not.toContain('undefined')
  })
})
