import type { Store } from '@pair/core'
import { checkHistory, checkInvariants, mergeHistories, recordHistory } from '@pair/testkit'
import { expect, it } from 'vitest'
import { diskWith } from './disk.ts'
import { freshFile } from './files.ts'
import { openOn } from './open.ts'
import { put, T0 } from './writes.ts'

/** Numbers from 0 to below 1 that are the same for each seed. */
function dice(seed: number): () => number {
  let state = seed
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return state / 2 ** 32
  }
}

/** Reads, checked writes, removals and counts of few keys, each write of a value of its own. */
async function work(store: Store, name: string, calls: number, roll: () => number): Promise<void> {
  for (let n = 0; n < calls; n++) {
    const key = ['k', String(Math.floor(roll() * 4))]
    const go = async (): Promise<unknown> => {
      const kind = roll()
      if (kind < 0.3) return store.increment(['c', key[1]!], kind < 0.05 ? 0 : 1, T0)
      if (kind < 0.4) return store.list(['k'], { limit: 9 })
      const seen = await store.read(key)
      const write = kind < 0.5 ? { key, value: null } : put(key, `${name}.${n}`)
      return store.commit([{ key, version: seen?.version ?? null }], [write])
    }
    // whatever failed may have been done
    await go().catch(() => {})
  }
}

it.each([1, 2, 3])(
  'SEC-05 a history of three stores on one file, on a disk that fails at any step, is linearizable (seed %i)',
  async (seed) => {
    const roll = dice(seed)
    const file = freshFile()
    let struck = 0
    let stormy = false
    const disk = diskWith(async (step, real) => {
      if (!stormy || step.startsWith('close') || roll() > 0.01) return await real()
      struck += 1
      // half of them are done, and only their answer is lost
      if (roll() < 0.5 && /^(rename|sync|unlink|lstat)/.test(step)) await real()
      throw Object.assign(new Error(`EIO: a fault at ${step}`), { code: 'EIO' })
    })
    const recorded = ['a', 'b', 'c'].map((name) =>
      recordHistory(openOn(disk, file, { busyMs: 5_000 }), { process: name }),
    )
    await recorded[0]!.store.read(['k', '0'])
    stormy = true
    await Promise.all(
      recorded.flatMap(({ store }, at) =>
        Array.from({ length: 5 }, (_, n) =>
          work(store, `${at}.${n}`, 25, dice(seed * 100 + at * 10 + n)),
        ),
      ),
    )
    expect(struck).toBeGreaterThan(10)
    const history = mergeHistories(...recorded.map(({ events }) => events))
    expect(checkHistory(history)).toEqual({ ok: true })
    expect(checkInvariants(history)).toEqual({ ok: true })
  },
  60_000,
)
