import { spawnSync } from 'node:child_process'
import { expect, test } from 'vitest'

// `npm test` and `.ci/run` end with this very script and its exit code.
function runAll(...args: string[]): { status: number | null; lastLine: string | undefined } {
  const run = spawnSync(process.execPath, ['scripts/test-all.mjs', ...args], {
    encoding: 'utf8',
    env: { ...process.env, PAIR_FULL_RUN: '', NO_COLOR: '1' },
  })
  return { status: run.status, lastLine: run.stdout.trimEnd().split('\n').at(-1) }
}

const config = ['--config', 'tests/fixtures/failing/vitest.config.ts', '--root', '.']

test('a run with a failing test fails and says so in its last line', { timeout: 60_000 }, () => {
  expect(runAll(...config)).toEqual({
    status: 1,
    lastLine: 'tests: 0 passed, 1 failed, 0 skipped',
  })
})

test('a run that finds no test fails', { timeout: 60_000 }, () => {
  const { status } = runAll(...config, 'no-such-file')
  expect(status).toBe(1)
})
