import type { Store } from '@pair/core'
import { median } from '../rounds.ts'
import type { Arena } from './arena.ts'
import { rate } from '../stores/measure.ts'

const SIZES = [1_000, 1_000_000]
const ROUNDS = 5

/** What a look-up and a redemption cost among a thousand live records and among a million. */
export async function grow({ pool, open, next, stock }: Arena): Promise<void> {
  const store = open()
  const figures = new Map<number, { read: number; redeem: number }>()
  let made = 0
  for (const size of SIZES) {
    await pool.query(
      `INSERT INTO pair_bench.pair_record (key, value, version, purge_at)
       SELECT 'pair session ses_' || n || ' record', '{"kind":"session","attempt":"a","purgeAt":null,"record":{"id":"ses_' || n || '"}}', 'v', 4000000000000 + n
       FROM generate_series($1::int, $2::int) AS n`,
      [made, size - 1],
    )
    made = size
    await stock(80_000)
    await pool.query('VACUUM ANALYZE pair_bench.pair_record')
    await pool.query('CHECKPOINT')
    figures.set(size, await cost(store, size, next))
  }
  const [few, many] = SIZES.map((size) => figures.get(size)!)
  console.log(
    `\nfrom ${SIZES[0]} to ${SIZES[1]} records: a look-up takes ${(few!.read / many!.read).toFixed(2)} times as long, a redemption ${(few!.redeem / many!.redeem).toFixed(2)} times`,
  )
}

async function cost(
  store: Store,
  size: number,
  next: Arena['next'],
): Promise<{ read: number; redeem: number }> {
  const reads: number[] = []
  const redeems: number[] = []
  for (let round = 0; round < ROUNDS; round++) {
    reads.push(
      await rate(20, 1_000, () =>
        store.read(['pair', 'session', `ses_${Math.floor(Math.random() * size)}`, 'record']),
      ),
    )
    redeems.push(
      await rate(20, 1_000, async () => {
        const { shape } = await next()
        if (!(await store.commit(shape.checks, shape.writes))) throw new Error('lost')
      }),
    )
  }
  return { read: median(reads), redeem: median(redeems) }
}
