import { setTimeout } from 'node:timers/promises'
import type { Arena } from './arena.ts'
import { quantile } from '../stores/measure.ts'

const TIMES = 500

/** How long it takes until another instance hears of a commit, from its answer on. */
export async function hearing({ open }: Arena): Promise<void> {
  const [ours, other] = [open(), open()]
  let heard = (): void => {}
  const live = new Promise<void>((resolve) => {
    other.watch!(['pair', 'revoked'], { live: (is) => is && resolve(), changed: () => heard() })
  })
  await live
  const delays: number[] = []
  for (let n = 0; n < TIMES; n++) {
    const told = new Promise<number>((resolve) => (heard = () => resolve(performance.now())))
    await ours.commit([], [{ key: ['pair', 'revoked', `s${n}`], value: '{}', purgeAt: 4e12 }])
    const answered = performance.now()
    delays.push(Math.max(0, (await told) - answered))
    await setTimeout(Math.random() * 20)
  }
  const [p50, p99, most] = [0.5, 0.99, 1].map((part) => quantile(delays, part).toFixed(1))
  console.log(
    `\nheard by another instance after: median ${p50} ms, p99 ${p99} ms, at most ${most} ms`,
  )
}
