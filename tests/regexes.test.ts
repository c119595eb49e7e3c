import { globSync, readFileSync, readdirSync } from 'node:fs'
import { join, relative, sep } from 'node:path'
import { describe, expect, test } from 'vitest'
import { faultOf, withoutLooks } from './regexes/linear.ts'
import { regexesOf, type SourceRegex } from './regexes/source-regexes.ts'

interface Found extends SourceRegex {
  file: string
}

function regexesIn(name: string): Found[] {
  const files = globSync(join('packages', name, 'src', '**', '*.{ts,tsx}')).sort()
  return files.flatMap((path) => {
    const file = relative('packages', path).split(sep).join('/')
    return regexesOf(file, readFileSync(path, 'utf8')).map((regex) => ({ file, ...regex }))
  })
}

const packages = readdirSync('packages').sort()

/** It reads what our own server answered in a test, by looks around that no automaton can follow. */
const READS_OUR_OWN = 'testkit/src/adapter/told.ts'
const known = new Map<string, string | null>()

/** Asked once for each expression, however often it stands somewhere. */
function judge({ source, flags }: SourceRegex): string | null {
  const key = `/${source}/${flags}`
  if (!known.has(key)) known.set(key, faultOf(source, flags))
  return known.get(key)!
}

const WORST = 20_000

test.each(packages)(
  'SEC-14 every regular expression of %s takes time in proportion to the text',
  (name) => {
    const asked = regexesIn(name).filter(({ file }) => file !== READS_OUR_OWN)
    const wrong = asked.flatMap((regex) => {
      const fault = judge(regex)
      return fault === null ? [] : [`${regex.file}:${regex.line} /${regex.source}/: ${fault}`]
    })
    expect(wrong).toEqual([])
  },
  WORST,
)

test('SEC-14 what is put into one at run time is plain letters of our own', () => {
  const holes = packages
    .flatMap(regexesIn)
    .flatMap(({ file, holes: parts }) => parts.map((part) => `${file}: ${part}`))
  expect(holes).toEqual([
    // the prefix of an id, named where a schema is made
    'core/src/storage/fields.ts: prefix',
    // the name of a secret: small letters, digits and dashes
    'node/src/file-secrets.ts: name',
  ])
})

test('SEC-14 no file but one is left out', () => {
  const files = new Set(packages.flatMap(regexesIn).map(({ file }) => file))
  expect(files).toContain(READS_OUR_OWN)
  expect(files.size).toBeGreaterThan(30)
})

describe('the check itself', () => {
  const plant = `
    const a = /(x+)+y/gi, b = new RegExp('^a{2}$', 'u'), c = RegExp(\`^\${name}[0-9]*\`)
    text.match('b*'); text.search(/c/); text.match(d); text.split('/'); text.replace('/+', 'g')
    const e = RegExp(name), f = '/not/', g = 1 / 2 / 3`

  test('finds literals, constructors and texts that become one, with their lines', () => {
    expect(regexesOf('a.ts', plant)).toEqual([
      { line: 2, source: '(x+)+y', flags: 'gi', holes: [] },
      { line: 2, source: '^a{2}$', flags: 'u', holes: [] },
      { line: 2, source: '^word[0-9]*', flags: '', holes: ['name'] },
      { line: 3, source: 'b*', flags: '', holes: [] },
      { line: 3, source: 'c', flags: '', holes: [] },
      { line: 4, source: 'word', flags: '', holes: ['name'] },
    ])
  })

  test('finds the one that was planted', () => {
    const faults = regexesOf('a.ts', plant).map((regex) => judge(regex))
    expect(faults).toEqual([expect.stringContaining('exponential'), null, null, null, null, null])
  })

  test.each([
    ['^(a|a)*$', 'exponential'],
    ['^(a|aa)+$', 'exponential'],
    [String.raw`^(\w+\s?)*$`, 'exponential'],
    [String.raw`^([a-z0-9]+\.?)+@`, 'exponential'],
    [String.raw`\/+$`, 'polynomial'],
    [String.raw`\s+$`, 'polynomial'],
    ['^.*,.*,.*$', 'polynomial'],
    ['(?!x)a*b', 'polynomial'],
    [String.raw`(?=a*b)c`, 'not proven'],
    [String.raw`(a*)\1b`, 'not proven'],
    [String.raw`(?<=a+)b`, 'not proven'],
  ])('refuses /%s/: %s', (source, fault) => {
    expect(faultOf(source, '')).toContain(fault)
  })

  test('passes what is linear, with looks of bounded length', () => {
    for (const source of [
      '^[a-z]{1,64}$',
      String.raw`^a*\.b*$`,
      String.raw`^(?:\/(?!\.\.?(?:\/|$))[a-z.]+)+$`,
      String.raw`(?<!\/)x[(?=]`,
    ])
      expect(faultOf(source, ''), source).toBeNull()
  })

  test('takes a look out whole, and none that has no end', () => {
    expect(withoutLooks(String.raw`a(?!b(c|[)])\))d(?<=e)`)).toBe('ad')
    expect(withoutLooks(String.raw`\(?=a)[(?=b)]`)).toBe(String.raw`\(?=a)[(?=b)]`)
    expect(withoutLooks('a(?=b+)c')).toBe('a(?=b+)c')
    expect(withoutLooks('a(?=b{2,})c')).toBe('a(?=b{2,})c')
  })
})
