// Commits, counts, and commits again; in that second commit it kills itself where it is told.
import { createFileStore } from '../../src/file-store/file-store.ts'
import { diskWith } from './disk.ts'
import { append, put, T0 } from './writes.ts'

const [file, deadly, when] = process.argv.slice(2)
let armed = false
const disk = diskWith(async (step, real) => {
  const dies = armed && step === deadly
  if (dies && when === 'before') process.kill(process.pid, 'SIGKILL')
  const result = await real()
  if (dies && when === 'behind') process.kill(process.pid, 'SIGKILL')
  return result
})
const store = createFileStore(disk, file!)
await store.commit([], [put(['a'], 'old'), put(['b'], 'old'), append(['s'], 'old')])
await store.increment(['c'], 5, T0)
armed = true
await store.commit([], [put(['a'], 'new'), put(['b'], 'new'), append(['s'], 'new')])
await store.increment(['c'], 1, T0)
