// Opens each file that it is told, counts itself in, and closes it again.
import { sqliteStore } from '../../src/index.ts'

async function answer(file: string): Promise<void> {
  const store = sqliteStore(file)
  process.send!(await store.increment(['opened'], 1, 0))
  store.close()
}

process.on('message', (file: string) => void answer(file))
process.send!('ready')
