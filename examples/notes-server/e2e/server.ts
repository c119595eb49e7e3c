import { execFile, spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'

const folder = fileURLToPath(new URL('..', import.meta.url))
const tsup = fileURLToPath(
  new URL('../../../node_modules/tsup/dist/cli-default.js', import.meta.url),
)

/** The example server as a process of its own. */
export interface RunningServer {
  origin: string
  /** The pairing link, as the terminal shows it. */
  link: string
  typed: string
  /** All that it has printed. */
  output(): string
  /** Sends a signal and answers the exit code. */
  stop(signal?: NodeJS.Signals): Promise<number | null>
}

/** Bundles the pages as they are now. */
export async function buildPages(): Promise<void> {
  await promisify(execFile)(process.execPath, [tsup], { cwd: folder })
}

/** How a start ended that was not to last. */
export interface FailedStart {
  code: number | null
  output: string
}

/** Starts it and waits until its banner is complete. @throws FailedStart as the cause, where it ends before */
export async function startServer(
  env: Readonly<Record<string, string>> = {},
): Promise<RunningServer> {
  const child = spawn(process.execPath, ['--conditions=@pair/source', 'src/main.ts'], {
    cwd: folder,
    env: {
      ...process.env,
      PORT: '0',
      HOST: '127.0.0.1',
      PAIR_SECRET: randomBytes(32).toString('hex'),
      NO_COLOR: '1',
      ...env,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let output = ''
  const ended = new Promise<number | null>((resolve) => child.once('close', resolve))
  const ready = new Promise<void>((resolve) => {
    const hear = (chunk: Buffer): void => {
      output += chunk.toString()
      if (output.includes('Press Ctrl-C to stop.')) resolve()
    }
    child.stdout.on('data', hear)
    child.stderr.on('data', hear)
  })
  await Promise.race([
    ready,
    ended.then((code) => {
      throw new Error(`The server ended with ${code}: ${output}`, {
        cause: { code, output } satisfies FailedStart,
      })
    }),
  ])
  const link = /http:\/\/\S+#code=\S+/.exec(output)?.[0] ?? ''
  return {
    origin: new URL(link).origin,
    link,
    typed: /\b[2-9A-Z]{3}-[2-9A-Z]{3}-[2-9A-Z]{3}\b/.exec(output)?.[0] ?? '',
    output: () => output,
    stop(signal = 'SIGTERM') {
      child.kill(signal)
      return ended
    },
  }
}
