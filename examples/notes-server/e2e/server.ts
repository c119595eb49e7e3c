import { execFile, spawn } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { onTestFinished } from 'vitest'

const folders = {
  hono: fileURLToPath(new URL('..', import.meta.url)),
  express: fileURLToPath(new URL('../../notes-express', import.meta.url)),
}
const tsup = fileURLToPath(
  new URL('../../../node_modules/tsup/dist/cli-default.js', import.meta.url),
)

/** On what the example runs. */
export interface Setup {
  framework: keyof typeof folders
  store: 'sqlite' | 'memory'
}

export const frameworks = ['hono', 'express'] as const
export const stores = ['memory', 'sqlite'] as const

/** The example server as a process of its own. */
export interface RunningServer {
  origin: string
  /** The link of the start-up code or of the first owner, as the terminal shows it; empty where there is none. */
  link: string
  typed: string
  /** All that it has printed. */
  output(): string
  /** Sends a signal and answers the exit code. */
  stop(signal?: NodeJS.Signals): Promise<number | null>
}

/** Bundles the pages as they are now. */
export async function buildPages(): Promise<void> {
  await promisify(execFile)(process.execPath, [tsup], { cwd: folders.hono })
}

/** How a start ended that was not to last. */
export interface FailedStart {
  code: number | null
  output: string
}

/** A folder of this test's own. */
export async function newFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'notes-'))
  onTestFinished(() => rm(folder, { recursive: true }))
  return folder
}

/**
 * Starts a server for this test and waits until its banner is complete. Without `DATA` it keeps nothing that another
 * one finds. @throws Error with a FailedStart as its cause, where it ends before
 */
export async function startServer(
  { framework, store }: Setup,
  env: Readonly<Record<string, string>> = {},
): Promise<RunningServer> {
  const child = spawn(process.execPath, ['--conditions=@pair/source', 'src/main.ts'], {
    cwd: folders[framework],
    env: {
      ...process.env,
      PORT: '0',
      HOST: '127.0.0.1',
      STORE: store,
      DATA: env['DATA'] ?? (await newFolder()),
      PAIR_SECRET: '',
      ADMISSION: '',
      RECOVER_ADMISSION: '',
      PENDING_SECONDS: '',
      PUBLIC_URL: '',
      NO_COLOR: '1',
      ...env,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let output = ''
  const ended = new Promise<number | null>((resolve) => child.once('close', resolve))
  const stop = (signal: NodeJS.Signals = 'SIGTERM'): Promise<number | null> => {
    child.kill(signal)
    return ended
  }
  onTestFinished(async () => void (await stop()))
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
  const link = /http:\/\/\S+#(?:code|owner)=\S+/.exec(output)?.[0] ?? ''
  return {
    origin: new URL(link || (/http:\/\/\S+/.exec(output)?.[0] ?? '')).origin,
    link,
    typed: /\b[2-9A-Z]{3}-[2-9A-Z]{3}-[2-9A-Z]{3}\b/.exec(output)?.[0] ?? '',
    output: () => output,
    stop,
  }
}
