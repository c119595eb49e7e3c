import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

/** What a child is asked to do. `name` is what the call needs: a secret's name, a mask, a command. */
export interface Asked {
  call:
    | 'getOrCreate'
    | 'markSpent'
    | 'isSpent'
    | 'remove'
    | 'umask'
    | 'shell'
    | 'exhaust'
    | 'free'
    | 'make many'
  folder: string
  name: string
}

const script = fileURLToPath(new URL('./file-secrets-process.ts', import.meta.url))

/** A child that is ready to be asked; `through` is a command that starts what follows it, such as `unshare`. */
export async function startChild(through: readonly string[] = []): Promise<ChildProcess> {
  const [command, ...given] = [...through, process.execPath, '--conditions=@pair/source', script]
  const child = spawn(command, given, {
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    // many are started, of the same sources
    env: { ...process.env, NODE_COMPILE_CACHE: join(tmpdir(), 'node-compile-cache') },
  })
  await once(child, 'message')
  return child
}

/** What the child answers; its error is thrown. One question at a time. */
export async function ask(
  child: ChildProcess,
  call: Asked['call'],
  folder = '.',
  name = '',
): Promise<unknown> {
  const answered = once(child, 'message')
  child.send({ call, folder, name } satisfies Asked)
  const [answer] = (await answered) as [{ value?: unknown; error?: string }]
  if (answer.error !== undefined) throw new Error(answer.error)
  return answer.value
}

/** Ends it at once, with no chance to clean up. */
export async function kill(child: ChildProcess): Promise<void> {
  const gone = once(child, 'exit')
  child.kill('SIGKILL')
  await gone
}
