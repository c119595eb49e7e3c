import { median } from '../rounds.ts'
import { rate } from '../stores/measure.ts'
import type { Arena } from './arena.ts'

const SIZES = [1_000, 1_000_000]
const ROUNDS = 5

/** What a look-up and a redemption cost among a thousand live records and among a million. */
export async function grow({ store, next, stock }: Arena): Promise<void> {
  const figures: { read: number; redeem: number }[] = []
  let made = 0
  for (const size of SIZES) {
    for (; made < size; made += 500)
      await store.commit(
        [],
        Array.from({ length: 500 }, (_, n) => ({
          key: ['pair', 'session', `ses_${made + n}`, 'record'],
          value: `{"kind":"session","record":{"id":"ses_${made + n}"}}`,
          purgeAt: 4e12 + n,
        })),
      )
    const [reads, redeems]: [number[], number[]] = [[], []]
    for (let round = 0; round < ROUNDS; round++) {
      reads.push(
        await rate(20, 1_000, () =>
          store.read(['pair', 'session', `ses_${Math.floor(Math.random() * size)}`, 'record']),
        ),
      )
      await stock(60_000)
      redeems.push(
        await rate(20, 1_000, async () => {
          const { shape } = await next()
          if (!(await store.commit(shape.checks, shape.writes))) throw new Error('lost')
        }),
      )
    }
    figures.push({ read: median(reads), redeem: median(redeems) })
  }
  const [few, many] = figures
  console.log(
    `\nfrom ${SIZES[0]} to ${SIZES[1]} records: a look-up takes ${(few!.read / many!.read).toFixed(2)} times as long, a redemption ${(few!.redeem / many!.redeem).toFixed(2)} times`,
  )
}
