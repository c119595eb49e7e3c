// One process with one store: carries out what its parent asks for, until that hangs up.
import { flushCompileCache } from 'node:module'
import { fileStore } from '../../src/file-store/file-store.ts'

interface Call {
  id: number
  name: 'read' | 'list' | 'commit' | 'increment' | 'tail' | 'purge'
  values: never[]
}

const store = fileStore(process.argv[2]!, { busyMs: Number(process.argv[3]) })

async function answer({ id, name, values }: Call): Promise<void> {
  const call = store[name] as (...values: never[]) => Promise<unknown>
  try {
    process.send!({ id, value: await call(...values) })
  } catch (error) {
    const { name: kind, message } = error as Error
    process.send!({ id, error: { name: kind, message } })
  }
}

process.on('message', (call: Call) => void answer(call))
process.on('disconnect', () => void store.close())
// at once: whoever is killed keeps no cache for the next
flushCompileCache()
