import { fork, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import type { Asked, Ask, Brought } from './client.ts'
import type { Order } from './environment.ts'

const children = new Set<ChildProcess>()

/** Ends all of them. */
export function endAll(): void {
  for (const child of children) child.kill('SIGKILL')
}

/** A process that is asked something and answers once. */
export interface Child<Q, A> {
  /** What it told when it was ready. */
  port: number
  ask(question: Q): Promise<A>
  /** As `kill -9` does. Resolves when it is gone. */
  kill(): Promise<void>
  gone: Promise<void>
}

async function start<Q extends object | string, A>(
  script: string,
  args: readonly string[],
): Promise<Child<Q, A>> {
  const child = fork(fileURLToPath(new URL(script, import.meta.url)), [...args], {
    execArgv: ['--conditions=@pair/source', '--disable-warning=ExperimentalWarning'],
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  })
  children.add(child)
  const gone = once(child, 'exit').then(() => {})
  const asked = new Map<number, (answer: A) => void>()
  let last = 0
  const port = await new Promise<number>((resolve, reject) => {
    child.once('exit', () => reject(new Error(`${script} ended before it was ready`)))
    child.on('message', (told: { port: number } | { nth: number; answer: A }) => {
      if ('port' in told) resolve(told.port)
      else asked.get(told.nth)?.(told.answer)
    })
  })
  return {
    port,
    gone,
    ask: (question) =>
      new Promise((resolve, reject) => {
        asked.set(++last, resolve)
        void gone.then(() => reject(new Error(`${script} ended`)))
        child.send({ nth: last, question })
      }),
    async kill() {
      child.kill('SIGKILL')
      await gone
    },
  }
}

export interface EnvironmentWish {
  file: string
  /** 0: any. */
  port: number
  relays: readonly object[]
  admission: 'code' | 'approval'
  /** Default: its own address. */
  audience?: string
}

export function startEnvironment(wish: EnvironmentWish): Promise<Child<Order, string>> {
  return start('environment.ts', [JSON.stringify(wish)])
}

export function startRelay(privateKey: object): Promise<Child<never, never>> {
  return start('relay.ts', [JSON.stringify(privateKey)])
}

export function startClient(): Promise<Child<Ask, Asked | Brought>> {
  return start('client.ts', [])
}
