import { fork, type ChildProcess, type Serializable } from 'node:child_process'
import { once } from 'node:events'
import type { Profiler } from 'node:inspector'
import { fileURLToPath } from 'node:url'
import type { Load, Loaded } from './load.ts'
import type { Question } from './server.ts'

const execArgv = ['--conditions=@pair/source', '--no-warnings']

function start(file: string, args: readonly string[] = []): ChildProcess {
  return fork(fileURLToPath(new URL(file, import.meta.url)), args, { execArgv })
}

async function ask<T>(child: ChildProcess, message: Serializable): Promise<T> {
  const heard = once(child, 'message')
  child.send(message)
  return ((await heard) as [T])[0]
}

/** What a run of load took of a server. */
export interface Run {
  perSecond: number
  /** Processor time of the server's process for each request, in µs: others on the machine move it less than the rate. */
  cpuMicros: number
}

/** A server under load: with this one, three processes. */
export interface Running {
  run(seconds: number): Promise<Run>
  /** The server's profile under so much load. */
  profile(seconds: number): Promise<Profiler.Profile>
  stop(): Promise<void>
}

export async function startServing(framework: string, app: string): Promise<Running> {
  const server = start('./server.ts', [framework, app])
  const client = start('./load.ts')
  const [{ port, headers }] = (await once(server, 'message')) as [
    { port: number; headers: Record<string, string> },
  ]
  const askServer = <T>(question: Question): Promise<T> => ask(server, question)

  async function load(seconds: number): Promise<Loaded> {
    const wanted: Load = { url: `http://127.0.0.1:${port}/notes`, headers, seconds }
    const loaded = await ask<Loaded>(client, wanted)
    if (loaded.failed > 0) throw new Error(`${framework} ${app}: ${loaded.failed} requests failed`)
    return loaded
  }

  async function cpu(): Promise<number> {
    const { cpu: used } = await askServer<{ cpu: NodeJS.CpuUsage }>('cpu')
    return used.user + used.system
  }

  return {
    async run(seconds) {
      const before = await cpu()
      const { answered, perSecond } = await load(seconds)
      return { perSecond, cpuMicros: ((await cpu()) - before) / answered }
    },
    async profile(seconds) {
      await askServer('profile')
      await load(seconds)
      return (await askServer<{ profile: Profiler.Profile }>('profiled')).profile
    },
    async stop() {
      for (const child of [client, server]) {
        const gone = once(child, 'exit')
        child.disconnect()
        await gone
      }
    },
  }
}
