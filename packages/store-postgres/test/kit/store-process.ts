// One process with one store: carries out what its parent asks for, until that hangs up.
import { Pool } from 'pg'
import { postgresStore, type PostgresOptions } from '../../src/index.ts'

interface Call {
  id: number
  name: 'read' | 'list' | 'commit' | 'increment' | 'tail' | 'purge'
  values: never[]
}

const [, , connectionString, options = '{}'] = process.argv
const pool = new Pool({ connectionString, max: 5 })
const store = postgresStore(pool, JSON.parse(options) as PostgresOptions)

async function answer({ id, name, values }: Call): Promise<void> {
  const call = store[name] as (...values: never[]) => Promise<unknown>
  try {
    process.send!({ id, value: await call(...values) })
  } catch (error) {
    const { name: kind, message } = error as Error
    process.send!({ id, error: { name: kind, message } })
  }
}

async function end(): Promise<void> {
  await store.close()
  await pool.end()
}

process.on('message', (call: Call) => void answer(call))
process.on('disconnect', () => void end())
