import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Store } from '@pair/core'

/** A store whose calls are made by another process. */
export interface RemoteStore extends Store {
  process: ChildProcess
  close(): Promise<void>
}

export interface RemoteOptions {
  /** What the shell does before, such as setting a limit. */
  before?: string
  /** A command that starts what follows it. */
  through?: readonly string[]
  busyMs?: number
  env?: Readonly<Record<string, string>>
}

interface Answer {
  id: number
  value?: unknown
  error?: { name: string; message: string }
}

const script = fileURLToPath(new URL('store-process.ts', import.meta.url))

/** Opens the file in a process of its own. Calls are answered in JSON; there is no watch. */
export function remoteStore(
  file: string,
  { before = ':', through = [], busyMs = 5_000, env = {} }: RemoteOptions = {},
): RemoteStore {
  const program = [process.execPath, '--conditions=@pair/source', script, file, String(busyMs)]
  const [command = '', ...given]: string[] = [
    ...through,
    'sh',
    '-c',
    `${before}; exec "$0" "$@"`,
    ...program,
  ]
  const child = spawn(command, given, {
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    // many are started, of the same sources
    env: { ...process.env, ...env, NODE_COMPILE_CACHE: join(tmpdir(), 'node-compile-cache') },
  })
  const waiting = new Map<number, (answer: Answer) => void>()
  const gone = once(child, 'exit').then(() => {
    for (const [id, settle] of waiting)
      settle({ id, error: { name: 'Error', message: 'the process ended' } })
  })
  let count = 0
  child.on('message', (answer) => waiting.get((answer as Answer).id)?.(answer as Answer))
  const call = <T>(name: string, ...values: unknown[]): Promise<T> =>
    new Promise<T>((resolve, reject) => {
      const id = ++count
      waiting.set(id, ({ value, error }) => {
        waiting.delete(id)
        if (error) reject(new (error.name === 'TypeError' ? TypeError : Error)(error.message))
        else resolve(value as T)
      })
      child.send({ id, name, values }, (error) => error && waiting.get(id)?.({ id, error }))
    })
  return {
    process: child,
    read: (...values) => call('read', ...values),
    list: (...values) => call('list', ...values),
    commit: (...values) => call('commit', ...values),
    increment: (...values) => call('increment', ...values),
    tail: (...values) => call('tail', ...values),
    purge: (...values) => call('purge', ...values),
    async close() {
      if (child.connected) child.disconnect()
      await gone
    },
  }
}
