// Requests a second of a guarded route beside the bare one. Run with `pnpm run routes [express|hono] [app …]`.
import { expressApps } from './express-apps.ts'
import { honoApps } from './hono-apps.ts'
import { interleave, median, table } from './rounds.ts'
import { startServing, type Run, type Running } from './running.ts'

const ROUNDS = Number(process.env.ROUNDS ?? 7)
const SECONDS = Number(process.env.RUN_SECONDS ?? 2)
const GOALS: Record<string, number> = { express: 0.88, hono: 0.85 }

const [only, ...wanted] = process.argv.slice(2)
const frameworks = { express: expressApps, hono: honoApps }

for (const [framework, apps] of Object.entries(frameworks)) {
  if (only !== undefined && only !== framework) continue
  const names = Object.keys(apps).filter((name) => wanted.length === 0 || wanted.includes(name))
  const running = new Map<string, Running>()
  for (const name of names) running.set(name, await startServing(framework, name))
  const runs = await interleave(
    names,
    ROUNDS,
    (name) => running.get(name)!.run(SECONDS),
    ({ perSecond }) => perSecond,
  )
  for (const one of running.values()) await one.stop()
  const of = (name: string, figure: keyof Run): number[] =>
    runs.get(name)!.all.map((run) => run[figure])
  /** Beside the bare one of the same round, so that what the machine does between rounds is in neither. */
  const ratio = (over: readonly number[], under: readonly number[]): string =>
    median(over.map((one, round) => one / under[round]!)).toFixed(2)
  const rows = names.map((name) => [
    name,
    median(of(name, 'perSecond')).toFixed(0),
    ratio(of(name, 'perSecond'), of('bare', 'perSecond')),
    median(of(name, 'cpuMicros')).toFixed(1),
    ratio(of('bare', 'cpuMicros'), of(name, 'cpuMicros')),
  ])
  const head = [
    `${framework}, ${ROUNDS} rounds`,
    'requests/s',
    'of bare',
    'µs of server',
    'of bare',
  ]
  console.log(table([head, ...rows]))
  console.log(`goal for ours: ${GOALS[framework]} of bare\n`)
}
