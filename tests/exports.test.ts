import { readFileSync } from 'node:fs'
import { pathToFileURL } from 'node:url'
import { describe, expect, test } from 'vitest'
import {
  entryFiles,
  exportedNames,
  exportsFile,
  type ExportedNames,
} from '../scripts/exported-names.ts'

const pinned = JSON.parse(readFileSync(exportsFile, 'utf8')) as Record<string, ExportedNames>
const written = exportedNames()

test('every package has its exports pinned', () => {
  expect(Object.keys(written)).toEqual(Object.keys(pinned))
})

describe.each(Object.keys(written))('%s', (name) => {
  // where the change is meant: pnpm run exports:update, and a changeset
  test('exports exactly the pinned names', () => {
    expect(written[name]).toEqual(pinned[name])
  })

  test('has at run time what its file names', async () => {
    const module = (await import(pathToFileURL(entryFiles()[name]!).href)) as Record<
      string,
      unknown
    >
    expect(Object.keys(module).sort()).toEqual(written[name]?.values)
  })
})
