import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { describe, expect, test } from 'vitest'

interface Manifest {
  name: string
  private?: boolean
  license?: string
  gypfile?: boolean
  scripts?: Record<string, string>
  dependencies?: Record<string, string>
  devDependencies?: Record<string, string>
  optionalDependencies?: Record<string, string>
  peerDependencies?: Record<string, string>
  peerDependenciesMeta?: Record<string, { optional?: boolean }>
}

const read = (path: string): string => readFileSync(path, 'utf8')
const manifestAt = (folder: string): Manifest =>
  JSON.parse(read(join(folder, 'package.json'))) as Manifest
const foldersIn = (folder: string): string[] =>
  readdirSync(folder)
    .map((name) => join(folder, name))
    .filter((path) => existsSync(join(path, 'package.json')))

const packages = foldersIn('packages')
const published = packages.filter((folder) => manifestAt(folder).private !== true)
const projects = ['.', 'bench', ...packages, ...foldersIn('examples')]
const page = read('docs/dependencies.md')

/** What npm runs by itself when somebody installs a package. */
const RUN_BY_INSTALL = [
  'preinstall',
  'install',
  'postinstall',
  'prepare',
  'preprepare',
  'postprepare',
]

/** Licences that ask for no more than their own text. */
const ALLOWED = [
  '0BSD',
  'Apache-2.0',
  'BSD-2-Clause',
  'BSD-3-Clause',
  'BlueOak-1.0.0',
  'ISC',
  'MIT',
]

/** The rows of the table below that heading, cell by cell. */
function tableBelow(heading: string): string[][] {
  const [section = ''] = page.split(`\n## ${heading}\n`)[1]?.split('\n## ') ?? []
  const rows = section.split('\n').filter((line) => line.startsWith('|'))
  return rows.slice(2).map((row) =>
    row
      .split('|')
      .slice(1, -1)
      .map((cell) => cell.trim()),
  )
}

/** Where a package is installed as one of ours finds it; `null`: not here. */
function findInstalled(name: string, from: string): string | null {
  const above = createRequire(join(process.cwd(), from, 'package.json')).resolve.paths(name) ?? []
  const found = above
    .map((folder) => join(folder, name))
    .find((path) => existsSync(join(path, 'package.json')))
  return found ?? null
}

/** All that an install of that package brings along, ours left out. */
function runtimeTree(folder: string, seen = new Map<string, Manifest>()): Map<string, Manifest> {
  const { dependencies = {}, optionalDependencies = {} } = manifestAt(folder)
  for (const name of Object.keys({ ...dependencies, ...optionalDependencies })) {
    const at = findInstalled(
      name,
      folder.startsWith('/') ? folder.slice(process.cwd().length) : folder,
    )
    if (at === null) throw new Error(`${name} of ${folder} is not installed`)
    const manifest = manifestAt(at)
    if (seen.has(name)) continue
    if (!name.startsWith('@pair/')) seen.set(name, manifest)
    runtimeTree(at, seen)
  }
  return seen
}

describe('SEC-15 what users install', () => {
  const listed = tableBelow('What users install').map(
    ([name = '', where = '']) => `${where}: ${name.replace(' (`zod/mini` only)', '')}`,
  )

  test('SEC-15 is what the page of dependencies gives reasons for, and nothing else', () => {
    const wanted = published.flatMap((folder) => {
      const { name, ...manifest } = manifestAt(folder)
      expect(manifest.optionalDependencies, name).toBeUndefined()
      const where = name.replace('@pair/', '')
      const peers = Object.keys(manifest.peerDependencies ?? {}).map((peer) =>
        manifest.peerDependenciesMeta?.[peer]?.optional === true
          ? `${peer} (optional peer)`
          : `${peer} (peer)`,
      )
      return [...Object.keys(manifest.dependencies ?? {}), ...peers]
        .filter((dependency) => !dependency.startsWith('@pair/'))
        .map((dependency) => `${where}: ${dependency}`)
    })
    expect(listed.sort()).toEqual(wanted.sort())
    for (const row of tableBelow('What users install')) expect(row.filter(Boolean)).toHaveLength(5)
  })

  test.each(published)(
    'SEC-15 %s runs no script when it is installed, nor does what it brings along',
    (folder) => {
      const all = [manifestAt(folder), ...runtimeTree(folder).values()]
      for (const { name, scripts = {}, gypfile } of all) {
        // npm takes only what is in the tarball; a `prepare` of others runs where it is made.
        const own = name.startsWith('@pair/') ? RUN_BY_INSTALL : RUN_BY_INSTALL.slice(0, 3)
        expect(
          Object.keys(scripts).filter((script) => own.includes(script)),
          name,
        ).toEqual([])
        expect(gypfile, name).not.toBe(true)
      }
    },
  )

  test('SEC-15 brings along six packages in all, of which none brings a seventh', () => {
    const names = new Set(published.flatMap((folder) => [...runtimeTree(folder).keys()]))
    expect([...names].sort()).toEqual(['@noble/hashes', 'ipaddr.js', 'jose', 'uqr', 'ws', 'zod'])
    expect(runtimeTree('packages/client').size).toBe(0)
  })

  test('SEC-15 has licences that ask for nothing but their text, MIT where the page says no other', () => {
    for (const folder of published) {
      expect(manifestAt(folder).license, folder).toBe('MIT')
      for (const [name, { license = 'none' }] of runtimeTree(folder)) {
        expect(ALLOWED, `${name} is ${license}`).toContain(license)
        const row = tableBelow('What users install').find(
          ([first = '']) => first.split(' ')[0] === name,
        )
        expect(license === 'MIT' || row?.join(' ').includes(license), name).toBe(true)
      }
    }
  })
})

describe('SEC-15 what this repository installs', () => {
  const rows = tableBelow('What only this repository installs')
  const named = rows.map(([first = '']) => first)

  test('SEC-15 is on the page, each with what it is for', () => {
    const known = new Set(
      [...named, ...tableBelow('What users install').map(([first = '']) => first)].flatMap((cell) =>
        cell.split(/[\s,()]+/),
      ),
    )
    const runtimes = 'tests/runtimes'
    for (const folder of [...projects, runtimes]) {
      const { dependencies, devDependencies } = manifestAt(folder)
      for (const [alias, range] of Object.entries({ ...dependencies, ...devDependencies })) {
        const name = /^npm:(.+)@/.exec(range)?.[1] ?? alias
        if (/^(@pair\/|@types\/|example-)/.test(name)) continue
        expect(known.has(name), `${name} of ${folder}`).toBe(true)
      }
    }
    for (const [first = '', reason = ''] of rows) expect(reason, first).not.toBe('')
  })

  test('SEC-15 has its licences said where they are not MIT', () => {
    const wrong = projects.flatMap((folder) => {
      const { devDependencies = {} } = manifestAt(folder)
      return Object.keys(devDependencies)
        .filter((name) => !name.startsWith('@pair/') && !name.startsWith('@types/'))
        .flatMap((name) => {
          const at = findInstalled(name, folder)
          const license = at === null ? 'not installed' : manifestAt(at).license
          const row = named.find((cell) => cell.split(/[\s,()]+/).includes(name)) ?? ''
          return license === 'MIT' || row.includes(String(license)) ? [] : [`${name}: ${license}`]
        })
    })
    expect([...new Set(wrong)]).toEqual([])
  })

  test('SEC-15 may run no script of its own: each that has one is named and refused', () => {
    const [, list = ''] = /^allowBuilds:\n((?: {2}.*\n)+)/m.exec(read('pnpm-workspace.yaml')) ?? []
    const builds = list
      .trimEnd()
      .split('\n')
      .map((line) => line.trim())
    expect(builds.length).toBeGreaterThan(0)
    for (const line of builds) expect(line).toMatch(/^[\w@/'-]+: false$/)
    expect(read('pnpm-workspace.yaml')).not.toMatch(/strictDepBuilds: false|dangerously/i)
  })
})

describe.each(['pnpm-lock.yaml', 'tests/runtimes/pnpm-lock.yaml'])('SEC-15 %s', (path) => {
  const lock = read(path)

  test('SEC-15 pins each package by its hash, and names no host', () => {
    const [, list = ''] = /^packages:\n([^]*?)^\S/m.exec(lock) ?? []
    const entries = list.split(/\n(?= {2}\S)/).filter((entry) => entry.trim() !== '')
    expect(entries.length).toBeGreaterThan(5)
    for (const entry of entries)
      expect(entry, entry.split('\n', 1)[0]).toMatch(
        /resolution: \{integrity: sha512-[\w+/]{86}==\}/,
      )
    expect(lock).not.toMatch(/:\/\//)
  })

  test('SEC-15 is that of the manifests as they are', () => {
    const home = dirname(path)
    const folders = home === '.' ? projects : [home]
    const [, list = ''] = /^importers:\n([^]*?)^\S/m.exec(lock) ?? []
    const importers = Object.fromEntries(
      list
        .trim()
        .split(/\n(?= {2}\S)/)
        .map((text) => [/^ *(\S+):/.exec(text)?.[1] ?? '', text]),
    )
    expect(Object.keys(importers).sort()).toEqual(
      folders.map((one) => (one === home ? '.' : one)).sort(),
    )
    for (const folder of folders) {
      const { dependencies, devDependencies, optionalDependencies } = manifestAt(folder)
      const asked = Object.entries({ ...dependencies, ...devDependencies, ...optionalDependencies })
      const text = importers[folder === home ? '.' : folder] ?? ''
      const locked = [...text.matchAll(/^ {6}(\S+):\n {8}specifier: (.*)$/gm)].map(
        ([, name = '', specifier = '']) => `${bare(name)} ${bare(specifier)}`,
      )
      expect(locked.sort(), folder).toEqual(asked.map((one) => one.join(' ')).sort())
    }
  })
})

const bare = (text: string): string => text.replace(/^'(.*)'$/, '$1')

test('SEC-15 every install of ours is a frozen one', () => {
  const installs = ['scripts/run.mjs', 'tests/runtimes/run.mjs', '.ci/run'].flatMap((path) =>
    read(path)
      .split('\n')
      .filter((line) => /pnpm\(?.*['" ]install['" ]|quietly\(.*'install'/.test(line))
      .map((line) => `${path}: ${line.trim()}`),
  )
  expect(installs.length).toBeGreaterThan(1)
  for (const line of installs) expect(line).toContain('--frozen-lockfile')
  for (const path of ['.npmrc', 'tests/runtimes/.npmrc']) expect(existsSync(path), path).toBe(false)
})
