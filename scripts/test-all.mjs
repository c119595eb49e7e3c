// Runs every test and closes with the one line that any CI can read:
// `tests: 7 passed, 0 failed, 0 skipped`.
// Arguments go to vitest; `--write-requirements` also writes docs/requirements.md.
import { spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = dirname(dirname(fileURLToPath(import.meta.url)))
const [major, minor] = process.versions.node.split('.').map(Number)
if (major < 22 || (major === 22 && minor < 18)) {
  console.error(`Node ${process.version} is too old for the tests. Run: npm test`)
  process.exit(1)
}

const args = process.argv.slice(2)
const write = args.includes('--write-requirements')
const forVitest = args.filter((arg) => arg !== '--write-requirements')
// A filtered run says nothing about what is missing.
const full = forVitest.every((arg) => arg.startsWith('--coverage'))

const temp = mkdtempSync(join(tmpdir(), 'pair-test-'))
const resultFile = join(temp, 'result.json')
const vitest = join(root, 'node_modules/vitest/vitest.mjs')
const reporters = ['default', './scripts/count-reporter.ts']
const run = spawnSync(
  process.execPath,
  [vitest, 'run', ...reporters.map((name) => `--reporter=${name}`), ...forVitest],
  {
    cwd: root,
    stdio: 'inherit',
    timeout: 45 * 60_000, // a test that never yields can't be timed out by vitest; all of them take about a third of it
    env: {
      ...process.env,
      PAIR_RESULT_FILE: resultFile,
      ...(full ? { PAIR_FULL_RUN: '1' } : {}),
      ...(write ? { PAIR_WRITE_REQUIREMENTS: '1' } : {}),
    },
  },
)

// No file: the run died before it could count. That is a failure, whatever its exit code was.
const result = existsSync(resultFile)
  ? JSON.parse(readFileSync(resultFile, 'utf8'))
  : { passed: 0, failed: 1, skipped: [], problems: ['the test run ended before it could count'] }
rmSync(temp, { recursive: true, force: true })

if (result.skipped.length > 0) {
  console.log('\nSkipped:')
  for (const line of result.skipped) console.log(`  ${line}`)
}
const problems = [...result.problems]
if (full && process.env.CI && result.skipped.length > 0)
  problems.push('CI=true: every test must run, and the ones above were skipped')
for (const problem of problems) console.log(`\nFailed: ${problem}`)

const failed = run.status !== 0 || result.failed > 0 || problems.length > 0
if (failed && result.failed === 0 && problems.length === 0)
  console.log('\nFailed: no test, but the run itself (see above)')
console.log(
  `\ntests: ${result.passed} passed, ${result.failed} failed, ${result.skipped.length} skipped`,
)
process.exit(failed ? 1 : 0)
