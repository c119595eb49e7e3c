// Commits once, and has nothing more to do.
import { Pool } from 'pg'
import { postgresStore } from '../../src/index.ts'

const [, , connectionString, schema] = process.argv
const pool = new Pool({ connectionString, allowExitOnIdle: true })
const store = postgresStore(pool, { schema: schema! })
await store.commit([], [{ key: ['ended'], value: 'x', purgeAt: null }])
