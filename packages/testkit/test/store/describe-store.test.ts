import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { storePromises } from '@pair/testkit/store'
import { expect, it } from 'vitest'

interface Report {
  testResults: {
    assertionResults: { ancestorTitles: string[]; status: string; failureMessages: string[] }[]
  }[]
}

/** What vitest says of the suites in the folder beside this file. */
async function runFixtures(): Promise<Report> {
  const folder = await mkdtemp(join(tmpdir(), 'describe-store-'))
  try {
    const file = join(folder, 'report.json')
    const config = fileURLToPath(new URL('./fixtures/vitest.config.ts', import.meta.url))
    const report = ['--reporter', 'json', '--outputFile', file]
    const args = ['run', '--config', config, '--root', '.', ...report]
    // some of these tests fail, and so does the run: the report tells which
    await once(spawn(process.execPath, ['node_modules/vitest/vitest.mjs', ...args]), 'exit')
    return JSON.parse(await readFile(file, 'utf8')) as Report
  } finally {
    await rm(folder, { recursive: true })
  }
}

it('STO-01 what a subject lacks in silence fails with the mend, what it says to lack is left out', async () => {
  const { testResults } = await runFixtures()
  const resultsOf = (name: string) =>
    testResults
      .flatMap(({ assertionResults }) => assertionResults)
      .filter(({ ancestorTitles }) => ancestorTitles[0] === `the store contract (${name})`)
  const needing = storePromises.filter(({ needs }) => needs !== undefined)

  const failed = resultsOf('lacks in silence').filter(({ status }) => status === 'failed')
  expect(resultsOf('lacks in silence')).toHaveLength(storePromises.length)
  expect(failed).toHaveLength(needing.length)
  for (const [at, { needs }] of needing.entries())
    expect(failed[at]?.failureMessages.join()).toContain(`say \`lacks: ['${needs}']\``)

  const open = resultsOf('says so')
  expect(open).toHaveLength(storePromises.length - needing.length)
  expect(open.map(({ status }) => status)).toEqual(open.map(() => 'passed'))
}, 60_000)
