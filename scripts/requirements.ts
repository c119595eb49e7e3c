import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import type { TestModule } from 'vitest/node'

const page = 'docs/requirements.md'
const prefixes = 'CODE SES APP LIM RES AGT WS NET POP STO EVT CLI CLT SEC'.split(' ')
const idPattern = new RegExp(`\\b(?:${prefixes.join('|')})-\\d{2}\\b`, 'g')
const stores = 'memory|file|sqlite|postgres|redis'
const adapters = 'hono|express'

/** One test that shows one requirement. */
interface Row {
  id: string
  test: string
  file: string
  ranOn: string
}

/** Compares the page with what this run showed, or writes it; answers what is wrong. */
export function compareRequirements(modules: readonly TestModule[]): string[] {
  const now = toPage(modules.flatMap(rowsOf))
  const then = existsSync(page) ? readFileSync(page, 'utf8') : ''
  if (now === then) return []
  if (process.env['PAIR_WRITE_REQUIREMENTS']) {
    writeFileSync(page, now)
    return []
  }
  return process.env['CI']
    ? [`${page} is not what this run showed. Run: pnpm run requirements`]
    : []
}

function rowsOf(module: TestModule): Row[] {
  const rows: Row[] = []
  for (const test of module.children.allTests('passed')) {
    const names = test.fullName.split(' > ')
    for (const id of new Set(test.fullName.match(idPattern)))
      rows.push({
        id,
        test: withoutIds(names),
        file: module.relativeModuleId,
        ranOn: ranOn(module, names),
      })
  }
  return rows
}

/** The names read as one sentence, with the ids (and the dashes or colons around them) left out. */
function withoutIds(names: readonly string[]): string {
  return names
    .map((name) => name.replace(idPattern, '').replace(/^[\s,:·–—-]+|[\s,:·–—-]+$/g, ''))
    .filter((name) => name !== '')
    .join(' › ')
}

/** The store and the adapter, where the package's folder or a name says so: `[memory]`, `on memory`, `(hono)`. */
function ranOn(module: TestModule, names: readonly string[]): string {
  const words = `(${stores}|${adapters})`
  const said = new RegExp(
    `^${words}$|[[(]${words}[\\])]|\\bon (?:the )?${words}\\b|\\b${words} store\\b`,
  )
  const found = new Set<string>()
  for (const name of names) {
    const match = said.exec(name.toLowerCase())
    const word = match?.slice(1).find((group) => group !== undefined)
    if (word !== undefined) found.add(word)
  }
  const folder = /^packages\/(?:store-)?([a-z]+)\//.exec(module.relativeModuleId)?.[1] ?? ''
  if (new RegExp(`^${words}$`).test(folder)) found.add(folder)
  if (module.project.name.startsWith('browser') || module.project.name === 'e2e')
    found.add('Chromium')
  return [...found].sort().join(', ')
}

function toPage(rows: readonly Row[]): string {
  const order = (row: Row): string =>
    [
      String(prefixes.indexOf(row.id.split('-')[0] ?? '')).padStart(2, '0'),
      row.id,
      row.file,
      row.test,
    ].join('\0')
  const lines = rows
    .map((row) => ({ key: order(row), row }))
    .sort((a, b) => (a.key < b.key ? -1 : a.key > b.key ? 1 : 0))
    .map(({ row }) => `| ${row.id} | ${escape(row.test)} | ${row.file} | ${row.ranOn} |`)
  return [
    '# Requirements and the tests that show them',
    '',
    'Written by `pnpm run requirements` from a run of every test; do not edit. The last column names the store, the',
    'adapter or the browser where the test says so.',
    '',
    '| id | test | file | ran on |',
    '| --- | --- | --- | --- |',
    ...new Set(lines),
    '',
  ].join('\n')
}

function escape(text: string): string {
  return text.replaceAll('|', '\\|').replaceAll('<', '&lt;')
}
