import { randomBytes } from 'node:crypto'
import * as nodeFs from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Writable } from 'node:stream'
import { finished } from 'node:stream/promises'
import { unlinkIfThere, writeNew } from './file-secrets-disk.ts'
import { FD, FILE, toText, type HandOff } from './launch-hand-off.ts'

export interface LaunchOptions {
  /** How many may come in by it: 1 to 1,000, or any number until it ends. Default 1. */
  uses?: number | 'unlimited'
  /** Milliseconds from now, 30 seconds to 30 days; starting the server counts. Default 10 minutes. */
  expiresInMs?: number
}

/** A file that its owner alone may read, in a folder of its own. */
export interface LaunchFile {
  path: string
  /** Removes it with its folder; that it is gone already is no error. */
  remove(): Promise<void>
}

/** A code that a launcher chose, before the server that it starts can know of it. */
export interface Launch {
  /** What the launcher's window opens: `<origin>/pair#code=…`. For no command line: others on the machine read those. */
  link(origin: string): string
  /** The environment of a child that is handed the code by this file descriptor: `stdio[fd]` is a pipe. */
  envOf(fd: number): { [FD]: string }
  /** Writes the code into that pipe and closes it. A child that has ended without reading is no error. */
  hand(pipe: unknown): Promise<void>
  /** A file to hand the code over, and the environment that names it. Remove it when the child has ended. */
  toFile(): Promise<LaunchFile & { env: { [FILE]: string } }>
  /** A page that goes to the link: for a browser that is opened by a command. Remove it when the browser has paired. */
  toPage(origin: string): Promise<LaunchFile>
}

/**
 * A launcher's side of a start: draws a code of 256 bits, hands it to the server that it starts, and knows the link by which its
 * window pairs. The server takes it by `acceptLaunch`.
 *
 * @example
 * import { spawn } from 'node:child_process'
 * import { createLaunch } from '@pair/node'
 *
 * const launch = createLaunch()
 * const child = spawn(process.execPath, ['server.js'], {
 *   stdio: ['ignore', 'inherit', 'inherit', 'pipe'],
 *   env: { ...process.env, ...launch.envOf(3) },
 * })
 * await launch.hand(child.stdio[3])
 */
export function createLaunch(options: LaunchOptions = {}): Launch {
  const { uses = 1, expiresInMs = 600_000 } = options
  if (uses !== 'unlimited' && !(Number.isInteger(uses) && uses >= 1 && uses <= 1_000))
    throw new TypeError('createLaunch: `uses` is 1 to 1,000, or "unlimited"')
  if (!(Number.isInteger(expiresInMs) && expiresInMs >= 30_000 && expiresInMs <= 30 * 86_400_000))
    throw new TypeError('createLaunch: `expiresInMs` is 30 seconds to 30 days, in milliseconds')
  const seed = randomBytes(32).toString('base64url')
  const handOff: HandOff = { seed, uses, expiresAt: Date.now() + expiresInMs }

  function link(origin: string): string {
    const url = URL.canParse(origin) ? new URL(origin) : null
    if (url === null || !/^https?:$/.test(url.protocol) || url.search || url.hash)
      throw new TypeError('the origin of a link is an http or https address: http://127.0.0.1:3000')
    return `${url.href.replace(/\/$/, '')}/pair#code=${seed}`
  }

  return {
    link,
    envOf(fd) {
      if (!Number.isInteger(fd) || fd < 3)
        throw new TypeError('envOf: the file descriptor is 3 or above, as in `stdio`')
      return { [FD]: String(fd) }
    },
    async hand(pipe) {
      if (!(pipe instanceof Writable))
        throw new TypeError("hand: this is no pipe; say 'pipe' at that place of `stdio`")
      const done = finished(pipe, { readable: false })
      pipe.end(toText(handOff))
      // Who has ended reads nothing any more: the launcher hears of that as the end of its child.
      await done.catch(() => {})
    },
    async toFile() {
      const file = await writeAlone('launch.json', toText(handOff))
      return { ...file, env: { [FILE]: file.path } }
    },
    toPage: (origin) => writeAlone('open.html', pageTo(link(origin))),
  }
}

async function writeAlone(name: string, text: string): Promise<LaunchFile> {
  const folder = await nodeFs.mkdtemp(join(tmpdir(), 'pair-launch-'))
  const path = join(folder, name)
  const remove = async (): Promise<void> => {
    await unlinkIfThere(nodeFs, path)
    await nodeFs.rm(folder, { recursive: true, force: true })
  }
  await writeNew(nodeFs, path, text).catch(async (error: unknown) => {
    await remove()
    throw error
  })
  return { path, remove }
}

/** Goes on by a script: what a browser is told to refresh by it may write into its history. A link has no `<` as it is. */
function pageTo(link: string): string {
  return `<!doctype html><meta charset="utf-8"><meta name="referrer" content="no-referrer"><title>Opening</title><script>location.replace(${JSON.stringify(link)})</script>\n`
}
