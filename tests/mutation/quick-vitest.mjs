// What test files find as `vitest` while mutants are tried: they only tell here what there is to run, and it is run in the
// same process, again and again. `expect` is vitest's own.
import { vi as real } from 'vitest'

export * from 'vitest'

/** @typedef {{ id: string, name: string, file: string, before: Function[], suites: object[], after: Function[], run: Function }} Case */

/** `finish`: what is left to do when the test that runs is over. */
export const told = { tests: [], scope: suiteIn(null, ''), finish: [] }

function suiteIn(parent, name) {
  return { parent, name, beforeAll: [], afterAll: [], beforeEach: [], afterEach: [], begun: null }
}

/** Takes down what that file tells. */
export function beginFile(file) {
  told.scope = { ...suiteIn(null, ''), file }
}

function tell(name, run) {
  const suites = []
  for (let suite = told.scope; suite; suite = suite.parent) suites.unshift(suite)
  const { file } = suites[0]
  const path = [...suites.slice(1).map((suite) => suite.name), name].join(' > ')
  const same = told.tests.filter((test) => test.file === file && test.name === path).length
  const id = `${file}#${path}${same > 0 ? ` (${same})` : ''}`
  told.tests.push({ id, name: path, file, suites, run })
}

function describeOnce(name, body) {
  const outer = told.scope
  told.scope = suiteIn(outer, String(name))
  body()
  told.scope = outer
}

/** The body stands last or before the options, as vitest has it. */
const bodyOf = (rest) => rest.find((part) => typeof part === 'function')

function withEach(once) {
  const each =
    (rows) =>
    (name, ...rest) => {
      const body = bodyOf(rest)
      for (const [at, row] of [...rows].entries())
        once(`${name} [${at}]`, () => body(...(Array.isArray(row) ? row : [row])))
    }
  return Object.assign((name, ...rest) => once(name, bodyOf(rest)), { each })
}

export const describe = withEach(describeOnce)
export const test = withEach(tell)
export const it = test

const hook = (when) => (body) => void told.scope[when].push(body)
export const beforeAll = hook('beforeAll')
export const afterAll = hook('afterAll')
export const beforeEach = hook('beforeEach')
export const afterEach = hook('afterEach')

/** As `afterEach`, for the test that runs. */
export const onTestFinished = (end) => void told.finish.push(end)

export const vi = { ...real, setConfig() {} }
