import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { kill } from 'node:process'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'

/** Where the app and its store are: it in each Worker, and the store in an object or in D1; or both in one object. */
export type Wiring = 'worker' | 'd1' | 'object'

/** The app of the tests under workerd, in processes of its own. */
export interface Server {
  origin: string
  /** Ends it as a power cut does. */
  kill(): Promise<void>
}

const program = fileURLToPath(new URL('workerd-process.ts', import.meta.url))

/** Starts that script on what the folder holds, and waits until it answers. */
export async function startServer(script: string, wiring: Wiring, folder: string): Promise<Server> {
  // a group of its own: workerd is a child of that child
  const child = spawn(
    process.execPath,
    ['--disable-warning=ExperimentalWarning', program, script, wiring, folder],
    { detached: true, stdio: ['ignore', 'pipe', 'inherit'] },
  )
  const gone = once(child, 'exit')
  const lines = createInterface(child.stdout)
  const [origin] = (await Promise.race([
    once(lines, 'line'),
    gone.then(() => Promise.reject(new Error('workerd did not start'))),
  ])) as [string]
  return {
    origin,
    async kill() {
      kill(-child.pid!, 'SIGKILL')
      await gone
    },
  }
}
