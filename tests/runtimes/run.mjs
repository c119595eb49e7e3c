// Installs the packed tarballs into an empty folder and runs the same scenario in every runtime.
import { execFileSync } from 'node:child_process'
import { copyFileSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { packPackages } from '../../scripts/pack-packages.mjs'

const here = dirname(fileURLToPath(import.meta.url))
// Outside the repository: nothing but what a user installs can be found there.
const app = realpathSync(mkdtempSync(join(tmpdir(), 'pair-runtimes-')))
const sh = (command, args, cwd = app) =>
  execFileSync(command, args, { cwd, stdio: ['ignore', 'pipe', 'pipe'], encoding: 'utf8' })
const bin = (name) => join(here, 'node_modules', name)
let failed = 0
let passed = 0

async function report(name, work) {
  try {
    console.log(name.padEnd(22), String(await work()).trim())
    passed++
  } catch (error) {
    console.log(name.padEnd(22), 'FAILED', error.stderr || error.stack)
    failed++
  }
}

try {
  sh('pnpm', ['install', '--frozen-lockfile'], here)
  writeFileSync(join(app, 'package.json'), '{"private":true}\n')
  const tarballs = packPackages(app).map(({ folder }) => `./${folder}.tgz`)
  const quiet = ['--no-audit', '--no-fund', '--no-package-lock', '--no-update-notifier']
  // without the peers that nothing here uses, vitest among them
  const installed = ['hono@4.13.19', 'ws@8.23.0', 'better-sqlite3@13.2.0', 'libsql@0.5.29']
  sh('npm', ['install', ...quiet, '--legacy-peer-deps', ...tarballs, ...installed])
  const files = [
    'scenario.mjs',
    'smoke.mjs',
    'smoke.cjs',
    'worker.mjs',
    'store.mjs',
    'file-store.mjs',
  ]
  for (const file of files) copyFileSync(join(here, file), join(app, file))

  for (const file of ['smoke.mjs', 'smoke.cjs']) {
    for (const version of [20, 22, 24, 26])
      await report(`node${version} ${file}`, () => sh(bin(`node${version}/bin/node`), [file]))
    await report(`bun ${file}`, () => sh(bin('.bin/bun'), [file]))
    const denoArgs = ['run', '--no-remote', '--allow-read', '--allow-env', file]
    await report(`deno ${file}`, () => sh(bin('.bin/deno'), denoArgs))
  }
  await report('workerd worker.mjs', inWorkerd)

  for (const [name, drivers, command, ...args] of [
    ['node22', 'node:sqlite better-sqlite3 libsql', bin('node22/bin/node')],
    ['node24', 'node:sqlite better-sqlite3 libsql', bin('node24/bin/node')],
    ['node26', 'node:sqlite', bin('node26/bin/node')],
    ['node20', 'libsql', bin('node20/bin/node')],
    ['bun', 'bun:sqlite node:sqlite', bin('.bin/bun')],
    ['deno', 'node:sqlite', bin('.bin/deno'), 'run', '--no-remote', '-A'],
  ])
    for (const driver of drivers.split(' '))
      await report(`${name} ${driver}`, () => sh(command, [...args, 'store.mjs', driver]))
  await report('node20 better-sqlite3', refusedOn20)

  for (const [name, command, ...args] of [
    ['node22', bin('node22/bin/node')],
    ['node24', bin('node24/bin/node')],
    ['node26', bin('node26/bin/node')],
    ['bun', bin('.bin/bun')],
    ['deno', bin('.bin/deno'), 'run', '--no-remote', '-A'],
  ])
    await report(`${name} fileStore`, () => sh(command, [...args, 'file-store.mjs']))
  await report('node20 fileStore', fileRefusedOn20)
} finally {
  rmSync(app, { recursive: true, force: true })
}
console.log(`${passed} of ${passed + failed} runtimes work`)
process.exit(failed > 0 ? 1 : 0)

/** It would end the process there without a word: the store refuses it first. */
function refusedOn20() {
  try {
    sh(bin('node20/bin/node'), ['store.mjs', 'better-sqlite3'])
  } catch ({ status, stderr }) {
    const refusal = stderr.match(/sqliteStore: better-sqlite3 .* crashes on Node 20.*/)?.[0]
    if (status === 1 && refusal) return `refused, ${refusal}`
    throw new Error(`ended with ${status}: ${stderr}`)
  }
  throw new Error('not refused')
}

/** There is no lock of files in it: that is said by name, and no file is made. */
function fileRefusedOn20() {
  try {
    sh(bin('node20/bin/node'), ['file-store.mjs'])
  } catch ({ status, stderr }) {
    const refusal = stderr.match(/fileStore: there is no lock of files .*Node 20.*/)?.[0]
    if (status === 1 && refusal && stderr.includes('Run Node 22.13 or later'))
      return `refused, ${refusal}`
    throw new Error(`ended with ${status}: ${stderr}`)
  }
  throw new Error('not refused')
}

/** Bundles the scenario as a Worker would be, and asks it once. */
async function inWorkerd() {
  const from = createRequire(join(here, 'package.json'))
  const { build } = from('esbuild')
  const { Miniflare } = from('miniflare')
  const { outputFiles } = await build({
    entryPoints: [join(app, 'worker.mjs')],
    bundle: true,
    format: 'esm',
    write: false,
    platform: 'neutral',
    mainFields: ['module', 'main'],
    conditions: ['workerd', 'worker', 'browser'],
  })
  const worker = new Miniflare({
    modules: true,
    script: outputFiles[0].text,
    compatibilityDate: '2026-07-01',
    cf: false,
  })
  try {
    const answer = await worker.dispatchFetch('http://localhost/')
    const text = await answer.text()
    if (!answer.ok) throw new Error(text)
    return text
  } finally {
    await worker.dispose()
  }
}
