import { globSync, writeFileSync } from 'node:fs'
import type { Reporter, TestModule, Vitest } from 'vitest/node'
import { chromiumMend } from '../tests/chromium.ts'
import { compareRequirements } from './requirements.ts'

/** What `test-all.mjs` reads after the run. */
interface Result {
  passed: number
  failed: number
  /** One line a skipped test: its file, its name and the mend. */
  skipped: string[]
  problems: string[]
}

/** Counts the run into the file that `PAIR_RESULT_FILE` names. */
export default class CountReporter implements Reporter {
  #browser = true

  onInit(vitest: Vitest): void {
    this.#browser = vitest.projects.some((project) => project.config.browser.enabled)
  }

  onTestRunEnd(modules: readonly TestModule[], errors: readonly unknown[]): void {
    const result: Result = { passed: 0, failed: errors.length, skipped: [], problems: [] }
    for (const module of modules) {
      if (module.state() === 'failed' && module.children.size === 0) result.failed++
      for (const test of module.children.allTests()) {
        const outcome = test.result()
        if (outcome.state === 'passed') result.passed++
        else if (outcome.state !== 'skipped') result.failed++
        else {
          const why = outcome.note ?? (this.#browser ? '' : chromiumMend)
          result.skipped.push(`${module.relativeModuleId} > ${test.fullName}${why && ` (${why})`}`)
        }
      }
    }
    if (process.env['PAIR_FULL_RUN']) {
      if (!this.#browser)
        for (const file of globSync('packages/*/test/**/*.browser.test.ts').sort())
          result.skipped.push(`${file} (${chromiumMend})`)
      if (result.failed === 0 && result.skipped.length === 0)
        result.problems.push(...compareRequirements(modules))
    }
    // Something that a test brought along may call process.exit(0): a failed run stays failed.
    if (result.failed > 0) process.on('exit', () => (process.exitCode ||= 1))
    const file = process.env['PAIR_RESULT_FILE']
    if (file) writeFileSync(file, JSON.stringify(result))
  }
}
