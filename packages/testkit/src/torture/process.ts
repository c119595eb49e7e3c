// A process that is one part: it ends when whoever started it hangs up.
import { flushCompileCache } from 'node:module'
import type { Line } from './line.ts'
import { parts, type PartName } from './parts.ts'

const [name, given] = process.argv.slice(2) as [PartName, string]

const line: Line = {
  tell: (told) =>
    new Promise((resolve) => {
      if (process.connected) process.send!(told, () => resolve())
      else resolve()
    }),
  hear: (on) => void process.on('message', on as (message: unknown) => void),
  ending: (end) => void process.once('SIGTERM', () => void end().then(() => process.exit(0))),
}

process.on('disconnect', () => process.exit(0))
await parts[name](JSON.parse(given) as never, line)
await line.tell('ready')
// at once: whoever is killed leaves no cache to the next
flushCompileCache()
