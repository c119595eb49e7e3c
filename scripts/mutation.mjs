// Changes the rules one little at a time and looks whether a test fails: `pnpm run mutation` for all of them, `pnpm run mutation
// limit` or a file for some, `pnpm run mutation:changed` for the files that differ from those of docs/mutation.md, and
// only for as many minutes as are given. The first two write the page, the last one only looks.
import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { availableParallelism, tmpdir } from 'node:os'
import { basename, dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { areas } from '../tests/mutation/areas.mjs'
import { explain, RESULTS, scoreOf, writePage } from '../tests/mutation/page.mjs'

process.chdir(dirname(dirname(fileURLToPath(import.meta.url))))
const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    changed: { type: 'boolean', default: false },
    minutes: { type: 'string', default: '0' },
    workers: { type: 'string', default: String(availableParallelism()) },
  },
})
const LEAST = 90
const until = Number(values.minutes) > 0 ? Date.now() + Number(values.minutes) * 60_000 : Infinity

const hashOf = (file) =>
  createHash('sha256').update(readFileSync(file, 'utf8')).digest('hex').slice(0, 12)
const known = existsSync(RESULTS) ? JSON.parse(readFileSync(RESULTS, 'utf8')) : {}
const groups = areas()
const results = {}

/** One run of Stryker in a copy of the tree; `null`: its time was over. */
function mutate(files, tests) {
  const temp = mkdtempSync(join(tmpdir(), 'pair-mutation-'))
  const fileName = join(temp, 'mutation.json')
  const config = join(temp, 'stryker.json')
  const options = {
    testRunner: 'in-process',
    plugins: [join(process.cwd(), 'tests/mutation/runner.mjs')],
    maxTestRunnerReuse: 400, // what was loaded anew for a mutant stays in memory
    coverageAnalysis: 'perTest',
    mutate: files,
    ignorePatterns: ['.tools', '**/dist', '**/coverage'],
    tempDirName: '.tools/mutation',
    disableTypeChecks: false, // the tests strip types, nobody checks them
    tsconfigFile: 'none',
    concurrency: Number(values.workers),
    timeoutMS: 10_000,
    reporters: ['json'],
    jsonReporter: { fileName },
    warnings: { slow: false },
  }
  writeFileSync(config, JSON.stringify(options))
  try {
    const stryker = 'node_modules/@stryker-mutator/core/bin/stryker.js'
    const left = Math.min(until - Date.now(), 2 ** 31 - 1)
    if (left <= 0) return null
    const run = spawnSync(process.execPath, [stryker, 'run', config, '--logLevel', 'error'], {
      stdio: 'inherit',
      timeout: left,
      env: { ...process.env, MUTATION_TESTS: JSON.stringify(tests) },
    })
    if (run.error?.code === 'ETIMEDOUT') return null
    if (run.status !== 0) throw new Error(`Stryker failed on ${files.join(', ')}`)
    return JSON.parse(readFileSync(fileName, 'utf8')).files
  } finally {
    rmSync(temp, { recursive: true, force: true })
    rmSync('.tools/mutation', { recursive: true, force: true })
  }
}

/** What became of the mutants of a file; survivors with what was there and what took its place. */
function resultOf(file, report) {
  const lines = report?.source.split('\n') ?? []
  const result = {
    hash: hashOf(file),
    killed: 0,
    timedOut: 0,
    broken: 0,
    survived: [],
    uncovered: [],
  }
  for (const { status, location, replacement } of report?.mutants ?? []) {
    const { start, end } = location
    const was = lines.slice(start.line - 1, end.line)
    was[was.length - 1] = was.at(-1).slice(0, end.column - 1)
    was[0] = was[0].slice(start.column - 1)
    const told = { line: start.line, was: shorten(was.join(' ')), becomes: shorten(replacement) }
    if (status === 'Killed') result.killed++
    else if (status === 'Timeout') result.timedOut++
    else if (status === 'Survived') result.survived.push(told)
    else if (status === 'NoCoverage') result.uncovered.push(told)
    else if (status !== 'Ignored') result.broken++
  }
  return result
}

function shorten(text) {
  const line = text.replaceAll(/\s+/g, ' ').trim()
  return line.length > 120 ? `${line.slice(0, 117)}...` : line
}

function chosen() {
  if (values.changed)
    return groups.flatMap(({ files, ...group }) =>
      files
        .filter((file) => known[file]?.hash !== hashOf(file))
        .map((file) => ({ ...group, files: [file] })),
    )
  if (positionals.length === 0) return groups
  const isNamed = (file) =>
    positionals.some((name) => file.includes(`/${name}/`) || file.endsWith(name))
  return groups
    .map((group) => ({ ...group, files: group.files.filter(isNamed) }))
    .filter(({ files }) => files.length > 0)
}

/** After each group: a run that is broken off loses no more than that. */
function keep() {
  const all = groups.flatMap(({ files }) => files)
  const kept = Object.entries({ ...known, ...results }).filter(([file]) => all.includes(file))
  writePage(groups, Object.fromEntries(kept))
}

const runs = chosen()
if (runs.length === 0) {
  console.log('mutation: no file of docs/mutation.md has changed')
  process.exit(0)
}

const late = []
for (const { files, tests } of runs) {
  const report = mutate(files, tests)
  if (report === null) late.push(...files)
  else for (const file of files) results[file] = resultOf(file, report[file])
  for (const file of report === null ? [] : files) {
    const { score, total } = scoreOf(file, results[file])
    console.log(
      `mutation: ${file}: ${total === 0 ? 'nothing to mutate' : `${score} % of ${total}`}`,
    )
    for (const { line, was, becomes } of [...results[file].survived, ...results[file].uncovered])
      if (explain(file, was, becomes) === null)
        console.log(`  survived: ${basename(file)}:${line}: ${was}  →  ${becomes}`)
  }
  if (!values.changed) keep()
}
if (late.length > 0) console.log(`mutation: no time was left for ${late.join(', ')}`)

// A file that was weaker before has to be no worse.
const leastOf = (file) => (known[file] ? Math.min(LEAST, scoreOf(file, known[file]).bar) : LEAST)
const weak = Object.entries(results).filter(
  ([file, result]) => scoreOf(file, result).bar < leastOf(file),
)
for (const [file] of weak)
  console.log(
    `mutation: ${file} is below ${leastOf(file)} %: kill the survivors, or explain them in tests/mutation/survivors.mjs`,
  )
process.exit(weak.length > 0 ? 1 : 0)
