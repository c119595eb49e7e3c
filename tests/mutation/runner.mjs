// A test runner for Stryker that loads the tests once and runs them in its own process: a mutant of a pure rule costs
// milliseconds in place of the start of a worker. Tests share nothing but what they import, and no module of ours keeps state.
import { globSync } from 'node:fs'
import { registerHooks } from 'node:module'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { beginFile, told } from './quick-vitest.mjs'

const SHIM = new URL('quick-vitest.mjs', import.meta.url).href
/** Longer than any of these tests takes on a busy machine. What never comes to an end otherwise, Stryker ends. */
const TEST_MS = 20_000

export const strykerPlugins = [
  { kind: 'TestRunner', name: 'in-process', factory: () => createRunner() },
]

function createRunner() {
  const space = (globalThis['__stryker__'] ??= {})
  const root = pathToFileURL(`${process.cwd()}/`).href
  /** @type {Map<string, number>} how long each test took at first */
  const took = new Map()
  let generation = 0
  let stray = null

  // what fails behind a test fails the test that runs, as in any run
  for (const event of ['unhandledRejection', 'uncaughtException'])
    process.on(event, (error) => (stray = error ?? new Error(event)))
  registerHooks({
    resolve(specifier, context, next) {
      if (specifier === 'vitest' && context.parentURL?.startsWith(`${root}packages/`))
        return { url: SHIM, shortCircuit: true }
      // node_modules leads out of the copy that holds the mutants
      const own = /^@pair\/([\w-]+)(?:\/(\w+))?$/.exec(specifier)
      const found = own
        ? next(`${root}packages/${own[1]}/src/${own[2] ?? 'index'}.ts`, context)
        : next(specifier, context)
      // a new generation is loaded anew, for what is mutated in the loading itself
      return found.url.startsWith(`${root}packages/`) && found.url.endsWith('.ts')
        ? { ...found, url: `${found.url}?${generation}` }
        : found
    },
  })

  async function load() {
    generation++
    told.tests = []
    for (const file of globSync(JSON.parse(process.env.MUTATION_TESTS ?? '[]')).sort()) {
      beginFile(file)
      await import(`${pathToFileURL(join(process.cwd(), file)).href}?${generation}`)
    }
    told.tests.sort((a, b) => (took.get(a.id) ?? 0) - (took.get(b.id) ?? 0))
  }

  return {
    capabilities: () => ({ reloadEnvironment: true }),

    async dryRun() {
      space.activeMutant = undefined
      space.hitCount = undefined
      await load()
      const tests = []
      // From the last to the first: a test that rests on those before it would fail for any mutant, and fails here.
      for (const test of told.tests.toReversed()) {
        const begun = performance.now()
        const failure = await run(test, (id) => (space.currentTestId = id))
        const timeSpentMs = performance.now() - begun
        took.set(test.id, timeSpentMs)
        const { id, name, file: fileName } = test
        const result = { id, name, fileName, timeSpentMs }
        tests.push(
          failure === null
            ? { ...result, status: 0 }
            : { ...result, status: 1, failureMessage: String(failure?.stack ?? failure) },
        )
      }
      await close()
      return { status: 'complete', tests, mutantCoverage: space.mutantCoverage }
    },

    async mutantRun({ activeMutant, testFilter, mutantActivation, reloadEnvironment, hitLimit }) {
      space.hitCount = hitLimit === undefined ? undefined : 0
      space.hitLimit = hitLimit
      space.activeMutant = mutantActivation === 'static' ? activeMutant.id : undefined
      if (generation === 0 || reloadEnvironment)
        try {
          await load()
        } catch (error) {
          generation ||= 1
          return { status: 'killed', killedBy: [], nrOfTests: 0, failureMessage: String(error) }
        }
      space.activeMutant = activeMutant.id
      // what an earlier mutant left behind is not this one's
      await new Promise((resolve) => setImmediate(resolve))
      stray = null
      let nrOfTests = 0
      for (const test of told.tests) {
        if (testFilter && !testFilter.includes(test.id)) continue
        nrOfTests++
        const failure = (await run(test)) ?? stray
        if (space.hitCount > hitLimit)
          return { status: 'timeout', reason: `hit ${space.hitCount} times` }
        if (failure === null) continue
        await close()
        const failureMessage = String(failure?.message ?? failure)
        return { status: 'killed', killedBy: [test.id], nrOfTests, failureMessage }
      }
      await close()
      return { status: 'survived', nrOfTests }
    },
  }
}

/** What a test failed with; `null`: it passed. */
async function run(test, setCurrent = () => {}) {
  let timer
  const late = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new Error('the test did not end')), TEST_MS)
  })
  try {
    await Promise.race([late, runAll(test, setCurrent)])
    return null
  } catch (error) {
    return error ?? new Error('nothing was thrown')
  } finally {
    setCurrent(undefined)
    clearTimeout(timer)
  }
}

async function runAll({ id, suites, run: body }, setCurrent) {
  for (const suite of suites) {
    if (suite.begun) continue
    suite.begun = true
    for (const hook of suite.beforeAll) await hook()
  }
  setCurrent(id)
  try {
    for (const suite of suites) for (const hook of suite.beforeEach) await hook()
    await body({})
  } finally {
    for (const suite of [...suites].reverse()) for (const hook of suite.afterEach) await hook()
    for (const end of told.finish.splice(0).reverse()) await end()
  }
}

/** Each run begins its suites anew. */
async function close() {
  for (const suite of new Set(told.tests.flatMap(({ suites }) => suites))) {
    if (suite.begun) for (const hook of suite.afterAll) await hook()
    suite.begun = null
  }
}
