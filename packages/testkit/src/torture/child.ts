import { fork } from 'node:child_process'
import { once } from 'node:events'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parts, type PartName } from './parts.ts'
import type { Scope } from './scope.ts'
import type { TorturedStore } from './tortured-store.ts'

/** A part that runs. */
export interface Child {
  /** @throws Error once it has ended */
  send(message: object): Promise<void>
  kill(signal?: NodeJS.Signals): void
  /** Resolves when it has ended. */
  ended: Promise<Ending>
}

/** By its exit code, or by a signal. */
export interface Ending {
  code: number | null
  signal: NodeJS.Signals | null
}

export interface StartOptions<Told> {
  store: TorturedStore
  scope: Scope
  /** What it is told at the start. Plain JSON. */
  given: object
  heard(told: Told): void
}

/** Starts a part in a process of its own where the store can be opened there, else in this one; resolves when it is ready. */
export function startChild<Told>(name: PartName, options: StartOptions<Told>): Promise<Child> {
  return options.store.oneProcess ? startHere(name, options) : startThere(name, options)
}

// as a source it stands beside its program, and as a package both are bundles
const isSource = import.meta.url.endsWith('.ts')
const program = new URL(isSource ? 'process.ts' : 'torture-process.js', import.meta.url)
const ofSources = {
  execArgv: ['--conditions=@pair/source', '--disable-warning=ExperimentalWarning'],
}

async function startThere<Told>(
  name: PartName,
  { store: { module }, scope, given, heard }: StartOptions<Told>,
): Promise<Child> {
  const child = fork(fileURLToPath(program), [name, JSON.stringify({ module, ...given })], {
    ...(isSource && ofSources),
    // many are started, all with the same modules
    env: { ...process.env, NODE_COMPILE_CACHE: join(tmpdir(), 'pair-torture-compile-cache') },
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  })
  const kill = (signal: NodeJS.Signals = 'SIGKILL'): void => void child.kill(signal)
  scope.atEnd(() => kill())
  const ended = once(child, 'exit').then(([code, signal]) => ({ code, signal }) as Ending)
  await new Promise<void>((resolve, reject) => {
    child.once('exit', () => reject(new Error(`a ${name} ended before it was ready`)))
    child.on('message', (told) => (told === 'ready' ? resolve() : heard(told as Told)))
  })
  return {
    send: (message) =>
      new Promise((resolve, reject) => {
        child.send(message, (error) => (error ? reject(error) : resolve()))
      }),
    kill,
    ended,
  }
}

async function startHere<Told>(
  name: PartName,
  { store: { module }, given, heard }: StartOptions<Told>,
): Promise<Child> {
  const listeners: ((message: never) => void)[] = []
  await parts[name]({ module, ...given } as never, {
    tell: async (told) => heard(structuredClone(told) as Told),
    hear: (on) => void listeners.push(on),
    ending() {},
  })
  return {
    async send(message) {
      // as between processes: others have their turn
      await new Promise((resolve) => setImmediate(resolve))
      for (const listener of listeners) listener(structuredClone(message) as never)
    },
    kill() {},
    ended: new Promise(() => {}),
  }
}
