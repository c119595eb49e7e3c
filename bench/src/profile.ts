// Where a guarded route spends its time. Run with `pnpm run profile express|hono [app]`.
import { table } from './rounds.ts'
import { startServing } from './running.ts'

const [framework = 'express', app = 'ours'] = process.argv.slice(2)
const SHOWN = 40

const serving = await startServing(framework, app)
await serving.run(2)
const { cpuMicros } = await serving.run(3)
const { nodes, samples = [], timeDeltas = [] } = await serving.profile(5)
await serving.stop()

const names = new Map(
  nodes.map(({ id, callFrame: { functionName, url, lineNumber } }) => [
    id,
    `${functionName || '(anonymous)'}  ${url.split('/').slice(-3).join('/')}:${lineNumber + 1}`,
  ]),
)
const self = new Map<string, number>()
let total = 0
for (const [at, id] of samples.entries()) {
  const name = names.get(id)!
  if (/^\((?:idle|program)\)/.test(name)) continue
  const spent = timeDeltas[at]!
  total += spent
  self.set(name, (self.get(name) ?? 0) + spent)
}
const top = [...self].toSorted((a, b) => b[1] - a[1]).slice(0, SHOWN)
console.log(
  `${framework}, ${app}: ${cpuMicros.toFixed(1)} µs of the server a request, by self time`,
)
const rows = top.map(([name, spent]) => [
  name,
  `${((spent / total) * 100).toFixed(1)} %`,
  `${((spent / total) * cpuMicros).toFixed(2)} µs`,
])
console.log(table(rows))
