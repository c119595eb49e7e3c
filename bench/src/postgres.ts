// The Postgres store beside statements by hand, in one run. Run with `pnpm run postgres`.
import { openArena, type Arena } from './postgres/arena.ts'
import { redeemByHand } from './postgres/by-hand.ts'
import { grow } from './postgres/growth.ts'
import { hearing } from './postgres/hearing.ts'
import { compare } from './stores/compare.ts'
import { shapeOfRedeem } from './stores/shape.ts'

const LINES = 60

const shape = await shapeOfRedeem()
const { checks, writes } = shape
console.log(`one redemption: ${checks.length} checks, ${writes.length} writes`)
const arena = await openArena(shape, LINES)
try {
  await redemptions(arena)
  await counters(arena)
  await lookups(arena)
  await hearing(arena)
  await grow(arena)
} finally {
  await arena.close()
}

/** Each is right: a code is taken, or the run ends. */
async function redemptions({ pool, open, next, stock }: Arena): Promise<void> {
  const grouped = open()
  const single = open({ writers: LINES - 5, batchKeys: 1 })
  const ours = (store: typeof grouped) => async () => {
    const { shape: one } = await next()
    if (!(await store.commit(one.checks, one.writes))) throw new Error('lost')
  }
  const byHand = (table: 'record' | 'bare') => async () => {
    const { shape: one, codeKey } = await next()
    if (!(await redeemByHand(pool, table, one, codeKey))) throw new Error('lost')
  }
  let code = 0
  await compare(
    'redeem',
    {
      'by hand, of its shape': byHand('record'),
      'the same, bare columns': byHand('bare'),
      'ours, one statement each': ours(single),
      'ours, together': ours(grouped),
      'by hand, one row': async () => {
        const { rowCount } = await pool.query({
          name: 'row',
          text: 'UPDATE hand.code SET used = true WHERE id = $1 AND NOT used',
          values: [code++],
        })
        if (rowCount !== 1) throw new Error('lost')
      },
    },
    [1, 50, 500],
    () => stock(40_000),
  )
}

async function counters({ pool, open }: Arena): Promise<void> {
  const store = open()
  await pool.query('CREATE TABLE hand.counter (key text PRIMARY KEY, total bigint NOT NULL)')
  const name = (): string => `limit${Math.floor(Math.random() * 1_000)}`
  await compare(
    'count',
    {
      'by hand': () =>
        pool.query({
          name: 'count',
          text: 'INSERT INTO hand.counter AS c VALUES ($1, 1) ON CONFLICT (key) DO UPDATE SET total = c.total + 1 RETURNING total',
          values: [name()],
        }),
      ours: () => store.increment([name()], 1, 4e12),
    },
    [1, 50, 500],
  )
}

async function lookups({ pool, open }: Arena): Promise<void> {
  const store = open()
  await store.commit([], [{ key: ['pair', 'session', 'ses_1'], value: '{}', purgeAt: null }])
  await compare(
    'look up',
    {
      'a bare SELECT': () =>
        pool.query({
          name: 'look-up',
          text: 'SELECT value, version FROM pair_bench.pair_record WHERE key = $1',
          values: ['pair session ses_1'],
        }),
      ours: () => store.read(['pair', 'session', 'ses_1']),
    },
    [1, 50],
  )
}
