import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { accessSync, constants, mkdtempSync, rmSync } from 'node:fs'
import { connect, createServer, type AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { setTimeout } from 'node:timers/promises'

/** A server of a test's own. */
export interface OwnServer {
  port: number
  url: string
  /** Starts it, again after `kill` or `stop`, and waits until it takes commands. */
  start(): Promise<void>
  /** As a power cut ends it. */
  kill(): Promise<void>
  /** As an operator ends it. */
  stop(): Promise<void>
  /** Stands still, and goes on. */
  freeze(): void
  thaw(): void
  /** Asks it, past every client that is tested; answers what it says, lines joined. */
  ask(...command: string[]): Promise<string>
  /** Ends it and removes its folder. */
  remove(): Promise<void>
}

/** The programs that are there, of these: `redis-server`, `valkey-server`. */
export function programs(): string[] {
  const named = process.env['REDIS_SERVER_PATH']
  const found = ['redis-server', 'valkey-server'].flatMap((name) => find(name) ?? [])
  return named === undefined ? found : [...new Set([named, ...found])]
}

function find(name: string): string | null {
  for (const folder of (process.env['PATH'] ?? '').split(delimiter)) {
    const path = join(folder, name)
    try {
      accessSync(path, constants.X_OK)
      return path
    } catch {
      // not in this one
    }
  }
  return null
}

/** What runs at this moment: nothing outlives the process. */
const running = new Set<ChildProcess>()
process.once('exit', () => {
  for (const child of running) child.kill('SIGKILL')
})

/** A server that is not running yet. `settings` are options of its command line, without the dashes. */
export async function newServer(
  settings: Readonly<Record<string, string>> = {},
  program: string | undefined = programs()[0],
): Promise<OwnServer> {
  if (program === undefined)
    throw new Error('there is no redis-server: apt-get install redis-server, or REDIS_SERVER_PATH')
  const folder = mkdtempSync(join(tmpdir(), 'pair-redis-'))
  const port = await freePort()
  let child: ChildProcess | undefined

  async function end(signal: NodeJS.Signals): Promise<void> {
    const ending = child
    child = undefined
    if (!ending || ending.exitCode !== null || ending.signalCode !== null) return
    const gone = once(ending, 'exit')
    ending.kill(signal)
    await gone
  }

  const server: OwnServer = {
    port,
    url: `redis://127.0.0.1:${port}`,
    async start() {
      const given = { save: '', appendonly: 'no', ...settings }
      const fixed = {
        port: String(port),
        bind: '127.0.0.1',
        dir: folder,
        'enable-debug-command': 'yes',
      }
      const args = Object.entries({ ...given, ...fixed }).flatMap(([name, value]) => [
        `--${name}`,
        ...(name === 'save' ? [value] : value.split(' ')),
      ])
      const starting = (child = spawn(program, args, { stdio: 'ignore' }))
      running.add(starting)
      starting.once('exit', () => running.delete(starting))
      while (!/^(\+PONG|-NOAUTH)/.test(await ask(port, ['PING']).catch(() => ''))) {
        if (starting.exitCode !== null) throw new Error(`${program} ended: ${starting.exitCode}`)
        await setTimeout(10)
      }
    },
    kill: () => end('SIGKILL'),
    stop: () => end('SIGTERM'),
    freeze: () => void child?.kill('SIGSTOP'),
    thaw: () => void child?.kill('SIGCONT'),
    ask: (...command) => ask(port, command),
    async remove() {
      child?.kill('SIGCONT')
      await end('SIGKILL')
      rmSync(folder, { recursive: true, force: true })
    },
  }
  return server
}

/** One question on a line of its own. The line is ended by the server, after QUIT. */
async function ask(port: number, command: readonly string[]): Promise<string> {
  const line = connect(port, '127.0.0.1')
  const words = command.map((word) => `$${Buffer.byteLength(word)}\r\n${word}\r\n`).join('')
  line.end(`*${command.length}\r\n${words}*1\r\n$4\r\nQUIT\r\n`)
  const parts: Buffer[] = []
  for await (const part of line) parts.push(part as Buffer)
  return Buffer.concat(parts)
    .toString()
    .replace(/\+OK\r\n$/, '')
}

/** Servers of a cluster talk to each other on the one that is 10,000 above: that is free as well. */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = await takePort(0)
    if (port !== null && port < 55_536 && (await takePort(port + 10_000)) !== null) return port
  }
}

async function takePort(wanted: number): Promise<number | null> {
  const probe = createServer().listen(wanted, '127.0.0.1')
  try {
    await once(probe, 'listening')
  } catch {
    return null
  }
  const { port } = probe.address() as AddressInfo
  probe.close()
  await once(probe, 'close')
  return port
}
