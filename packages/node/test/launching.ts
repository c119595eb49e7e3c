import { spawn, type ChildProcess, type StdioOptions } from 'node:child_process'
import { once } from 'node:events'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import type { Readable } from 'node:stream'
import { fileURLToPath } from 'node:url'
import type { CodeView } from '@pair/core'
import { onTestFinished } from 'vitest'
import type { Launch } from '../src/index.ts'

/** What a launched server says of itself when it listens, or why it does not. */
export type Told =
  | {
      origin: string
      code: CodeView | null
      /** What is left in its environment. */
      left: string[]
    }
  | { refused: string }

export interface Launched {
  child: ChildProcess
  /** Its first line. */
  told: Promise<Told>
  /** All that it wrote, so far. */
  output(): string
}

const script = fileURLToPath(new URL('./launch-process.ts', import.meta.url))

/** The secret that it hands over. */
export function seedOf({ link }: Launch): string {
  return new URL(link('http://127.0.0.1:1')).hash.slice('#code='.length)
}

/** Starts a server as a launcher does, until the test has finished. */
export function launchServer(
  env: Record<string, string>,
  stdio: StdioOptions = ['ignore', 'pipe', 'pipe', 'pipe'],
): Launched {
  const child = spawn(process.execPath, ['--conditions=@pair/source', script], {
    stdio,
    // many are started, of the same sources
    env: { ...process.env, NODE_COMPILE_CACHE: join(tmpdir(), 'node-compile-cache'), ...env },
  })
  onTestFinished(() => end(child))
  let output = ''
  for (const stream of [child.stdout, child.stderr])
    stream?.on('data', (piece: Buffer) => (output += piece.toString()))
  const lines = createInterface({ input: child.stdout as Readable })
  const told = once(lines, 'line').then(([line]) => JSON.parse(line as string) as Told)
  return { child, told, output: () => output }
}

/** Where it listens, and what it says of its code. @throws Error where it refused to start */
export async function listening({ told }: Launched): Promise<Exclude<Told, { refused: string }>> {
  const answer = await told
  if ('refused' in answer) throw new Error(answer.refused)
  return answer
}

export async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const gone = once(child, 'exit')
  child.kill('SIGKILL')
  await gone
}

/** What the launcher's page does with its link: the code is in the fragment, which goes to no server by itself. */
export async function redeem(link: string): Promise<number> {
  const { origin, hash, search } = new URL(link)
  if (search !== '') throw new Error('a code is in no query')
  const code = new URLSearchParams(hash.slice(1)).get('code')
  const answer = await fetch(`${origin}/auth/redeem`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', origin },
    body: JSON.stringify({ code, device: { label: 'Window', kind: 'browser' } }),
  })
  await answer.text()
  return answer.status
}
