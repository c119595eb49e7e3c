import { fork, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import type { Store } from '@pair/core'
import type { PostgresOptions } from '../../src/index.ts'

/** A store whose calls are made by another process. */
export interface RemoteStore extends Store {
  process: ChildProcess
  close(): Promise<void>
}

interface Answer {
  id: number
  value?: unknown
  error?: { name: string; message: string }
}

const program = fileURLToPath(new URL('store-process.ts', import.meta.url))

/** Opens a store in a process of its own. Calls are answered in JSON; there is no watch. */
export function remoteStore(url: string, options: PostgresOptions = {}): RemoteStore {
  const child = fork(program, [url, JSON.stringify(options)], {
    execArgv: ['--conditions=@pair/source'],
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
