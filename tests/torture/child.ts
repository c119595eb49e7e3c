import { fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { onTestFinished } from 'vitest'

/** A program of this folder that runs as a process of its own. */
export interface Child {
  /** @throws Error once it has ended */
  send(message: object): Promise<void>
  kill(signal?: NodeJS.Signals): void
  /** Resolves with its exit code when it has ended; `null`: by a signal. */
  ended: Promise<number | null>
}

/** Resolves when it says that it is ready. It is given `setting`, and `heard` what it says afterwards. */
export async function startChild<Told>(
  program: string,
  setting: unknown,
  heard: (told: Told) => void,
): Promise<Child> {
  const child = fork(fileURLToPath(new URL(program, import.meta.url)), [JSON.stringify(setting)], {
    execArgv: ['--conditions=@pair/source', '--disable-warning=ExperimentalWarning'],
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  })
  const kill = (signal: NodeJS.Signals = 'SIGKILL'): void => void child.kill(signal)
  onTestFinished(() => kill())
  const ended = once(child, 'exit').then(([code]) => code as number | null)
  await new Promise<void>((resolve, reject) => {
    child.once('exit', () => reject(new Error('the process ended before it was ready')))
    child.on('message', (told: Told | 'ready') => (told === 'ready' ? resolve() : heard(told)))
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
