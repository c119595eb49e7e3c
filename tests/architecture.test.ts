import { globSync, readFileSync, readdirSync } from 'node:fs'
import { join, relative, sep } from 'node:path'
import { describe, expect, test } from 'vitest'
import { readSource } from './architecture/source-file.ts'
import {
  houseViolations,
  layerViolations,
  nodeImports,
  packageImports,
  type Sources,
} from './architecture/violations.ts'

const packages = readdirSync('packages').sort()

function sourcesOf(name: string): Sources {
  const src = join('packages', name, 'src')
  const files = globSync(`${src}/**/*.{ts,tsx}`).sort()
  return Object.fromEntries(
    files.map((file) => [relative(src, file).split(sep).join('/'), readFileSync(file, 'utf8')]),
  )
}

describe.each(packages)('%s', (name) => {
  test('keeps the house rules: short files, named by their word, no classes, no default exports', () => {
    expect(houseViolations(sourcesOf(name))).toEqual([])
  })

  test('exports by name, from other files, in index.ts', () => {
    const text = sourcesOf(name)['index.ts'] ?? ''
    const facts = readSource('index.ts', text)
    expect(facts.starExport).toBe(false)
    expect(text.match(/^export (const|function|class|interface|let) /gm)).toBeNull()
  })
})

describe('core', () => {
  test('imports only downwards, and touches no clock, random, network or timer', () => {
    expect(layerViolations(sourcesOf('core'))).toEqual([])
  })

  test('imports nothing of Node', () => {
    expect(nodeImports(sourcesOf('core'))).toEqual([])
  })
})

describe('client', () => {
  test('imports nothing of Node and no package at all, types aside', () => {
    expect(nodeImports(sourcesOf('client'))).toEqual([])
    expect(packageImports(sourcesOf('client'), [])).toEqual([])
  })
})

// Node's own modules aside, which are asked for below
const mayImport: readonly [string, readonly string[]][] = [
  ['hono', ['@pair/core', 'hono']],
  ['express', ['@pair/core', '@pair/node']],
  ['node', ['@pair/core', 'uqr']],
  ['store-cloudflare', ['@pair/core', '@pair/store-sqlite']],
  ['store-sqlite', ['@pair/core']],
  ['store-postgres', ['@pair/core']],
  ['store-redis', ['@pair/core']],
  ['testkit', ['@pair/core', 'vitest', 'ws']],
]

/** The module that opens the store of whoever tortures one. */
const ADOPTERS_OWN = 'torture/open.ts imports (computed)'

test.each(mayImport)('%s imports no other package, types aside', (name, packages) => {
  const imports = packageImports(sourcesOf(name), packages)
  const isTold = (found: string): boolean =>
    found.includes(' imports node:') || (name === 'testkit' && found === ADOPTERS_OWN)
  expect(imports.filter((found) => !isTold(found))).toEqual([])
})

test.each(['hono', 'store-cloudflare'])('%s imports nothing of Node', (name) => {
  expect(nodeImports(sourcesOf(name))).toEqual([])
})

test('testkit imports vitest where suites are described and nowhere else', () => {
  const files = packageImports(sourcesOf('testkit'), ['@pair/core', 'ws'])
    .filter((found) => found.endsWith(' vitest'))
    .map((found) => found.split(' ')[0])
  expect(files).toEqual(['adapter/describe-adapter.ts', 'store/describe-store.ts'])
})

// What each rule catches: a rule that no longer bites would pass on any tree.
describe('the rules themselves', () => {
  const layerCases: readonly [string, string, string, number][] = [
    ['a rule that imports http', 'session/session.ts', `import { a } from '../http/handler.ts'`, 1],
    [
      'a rule with a type of a port',
      'session/session.ts',
      `import type { A } from '../ports/store.ts'`,
      0,
    ],
    [
      "a rule with a port's value",
      'session/session.ts',
      `import { A } from '../ports/store.ts'`,
      1,
    ],
    ['a service with another', 'a/a-service.ts', `import { b } from '../b/b-service.ts'`, 1],
    ['a service with its records', 'a/a-service.ts', `import { b } from './a-records.ts'`, 0],
    ['records with crypto', 'a/a-records.ts', `import { b } from './a-crypto.ts'`, 1],
    ['http with records', 'http/a.ts', `import { b } from '../a/a-records.ts'`, 1],
    ['jose outside crypto', 'a/a-service.ts', `import { jwtVerify } from 'jose'`, 1],
    ['zod in a rule', 'a/a.ts', `import * as z from 'zod/mini'`, 1],
    ['zod in records', 'a/a-records.ts', `import * as z from 'zod/mini'`, 0],
    ['someone importing create-pair', 'http/a.ts', `import { b } from '../create-pair.ts'`, 1],
    ['a dynamic import upwards', 'a/a.ts', `const x = await import('../http/a.ts')`, 1],
    ['a re-export upwards', 'a/a.ts', `export { b } from '../http/a.ts'`, 1],
    ['the clock', 'a/a.ts', `const now = Date.now()`, 1],
    ['a Date made of an instant', 'time.ts', `const text = new Date(at).toISOString()`, 0],
    ['a Date of now', 'time.ts', `const text = new Date().toISOString()`, 1],
    ['random', 'a/a.ts', `const r = Math.random()`, 1],
    ['crypto', 'a/a.ts', `crypto.getRandomValues(bytes)`, 1],
    ['a parameter that is called fetch', 'a/a.ts', `function f(fetch: F) { fetch() }`, 0],
    ['a property that is called process', 'a/a.ts', `a.process()`, 0],
    ['the clock in platform', 'platform.ts', `const clock = () => Date.now()`, 0],
    ['a file beside the layers', 'stray.ts', ``, 1],
  ]
  test.each(layerCases)('%s', (_, path, text, found) => {
    expect(layerViolations({ [path]: text })).toHaveLength(found)
  })

  const houseCases: readonly [string, string, string, number][] = [
    ['251 lines', 'a/a.ts', 'a\n'.repeat(251), 1],
    ['250 lines', 'a/a.ts', 'a\n'.repeat(250), 0],
    ['a drawer', 'utils/a.ts', '', 1],
    ['a drawer file', 'a/helpers.ts', '', 1],
    ['a default export', 'a/a.ts', 'export default 1', 1],
    ['a class', 'a/a.ts', 'class A {}', 1],
    ['an error class', 'a/a.ts', 'class AError extends Error {}', 0],
    ['mutable state', 'a/a.ts', 'let count = 0', 1],
    ['export *', 'index.ts', `export * from './a.ts'`, 1],
  ]
  test.each(houseCases)('%s', (_, path, text, found) => {
    expect(houseViolations({ [path]: text })).toHaveLength(found)
  })
})
