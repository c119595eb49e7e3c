import { postgresStore, type PostgresOptions, type PostgresStore } from '@pair/store-postgres'
import { Pool } from 'pg'
import { tables } from './by-hand.ts'
import { another, codeKeyOf, codeOf, textOf, type Shape } from '../stores/shape.ts'

const URL = process.env['PAIR_POSTGRES_URL'] ?? 'postgres://postgres@127.0.0.1:5432/postgres'
const SCHEMA = 'pair_bench'

/** The database of a run: our tables, and those by hand. */
export interface Arena {
  pool: Pool
  open(options?: PostgresOptions): PostgresStore
  /** Sees to it that so many codes wait to be redeemed, here and by hand: the next is taken from them. */
  stock(count: number): Promise<void>
  next(): Promise<{ shape: Shape; codeKey: readonly string[] }>
  close(): Promise<void>
}

export async function openArena(shape: Shape, lines: number): Promise<Arena> {
  const pool = new Pool({ connectionString: URL, max: lines })
  const drop = `DROP SCHEMA IF EXISTS ${SCHEMA} CASCADE; DROP SCHEMA IF EXISTS hand CASCADE;`
  await pool.query(drop)
  const stores: PostgresStore[] = []
  const open: Arena['open'] = (options) => {
    const store = postgresStore(pool, { schema: SCHEMA, ...options })
    stores.push(store)
    return store
  }
  const first = open()
  await first.read(['any'])
  await pool.query(tables(`${SCHEMA}.pair_record`))
  const code = codeOf(shape)
  let made = 0
  let taken = 0
  async function stock(wanted: number): Promise<void> {
    const count = wanted - (made - taken)
    if (count <= 0) return
    const ids = Array.from({ length: count }, (_, n) => made + n)
    const keys = ids.map((n) => textOf(codeKeyOf(shape, n)))
    for (const table of [`${SCHEMA}.pair_record`, 'hand.record', 'hand.bare'])
      await pool.query(
        `INSERT INTO ${table} (key, value, version, purge_at) SELECT k, $2, 'open', $3 FROM unnest($1::text[]) AS k`,
        [keys, code.value, 4e12],
      )
    await pool.query('INSERT INTO hand.code (id) SELECT unnest($1::integer[])', [ids])
    made += count
  }
  return {
    pool,
    open,
    stock,
    async next() {
      if (taken >= made) throw new Error('more codes have to be made before')
      const n = taken++
      return { shape: another(shape, n, 'open'), codeKey: codeKeyOf(shape, n) }
    },
    async close() {
      await Promise.all(stores.map((store) => store.close()))
      await pool.query(drop)
      await pool.end()
    },
  }
}
