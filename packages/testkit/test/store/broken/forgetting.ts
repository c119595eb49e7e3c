import type { Key } from '@pair/core'
import { toKeyText, toPurgeAt, toRaise } from '@pair/core/store'
import { broken, pause, targetOf, textOf, type BrokenStore } from './broken-store.ts'

/** Stores that forget too early, too late or too much. */
export const brokenForgetting: readonly BrokenStore[] = [
  {
    that: 'purges eagerly',
    make: broken((real) => ({ purge: (before, limit) => real.purge(before + 1, limit) })),
    breaks: ['nothing is forgotten before its purgeAt'],
  },
  {
    that: 'holds a clock: what is past its purgeAt is not read',
    make: broken((real) => {
      const ends = new Map<string, number | null>()
      return {
        async commit(checks, writes) {
          for (const write of writes)
            ends.set(textOf(targetOf(write)), write.value === null ? null : write.purgeAt)
          return real.commit(checks, writes)
        },
        async read(key) {
          const end = ends.get(textOf(key)) ?? null
          return end !== null && end < Date.now() ? null : real.read(key)
        },
      }
    }),
    breaks: ['at its purgeAt a thing still counts'],
  },
  {
    that: 'purges all at once, whatever the limit',
    make: broken((real) => ({ purge: (before) => real.purge(before, 1_000_000) })),
    breaks: ['records, counters and stream items that are due go in batches'],
  },
  {
    that: 'keeps the first purgeAt of a key',
    make: broken((real) => {
      const firsts = new Map<string, number | null>()
      return {
        commit: (checks, writes) =>
          real.commit(
            checks,
            writes.map((write) => {
              if (write.value === null || 'append' in write) return write
              const first = firsts.get(textOf(write.key)) ?? write.purgeAt
              firsts.set(textOf(write.key), first)
              return { ...write, purgeAt: first }
            }),
          ),
      }
    }),
    breaks: ['what was written again is forgotten by its last purgeAt'],
  },
  {
    that: 'looks for what is due, then removes it, whatever was written meanwhile',
    make: broken((real) => {
      const due = new Map<string, { key: Key; at: number }>()
      return {
        async commit(checks, writes) {
          for (const write of writes)
            if ('key' in write && write.value !== null)
              due.set(textOf(write.key), { key: write.key, at: write.purgeAt ?? Infinity })
          return real.commit(checks, writes)
        },
        async purge(before, limit) {
          const found = [...due.values()].filter(({ at }) => at < before).slice(0, limit)
          await pause()
          for (const { key } of found) due.delete(textOf(key))
          await real.commit(
            [],
            found.map(({ key }) => ({ key, value: null })),
          )
          return found.length
        },
      }
    }),
    breaks: ['purging, committing and counting at once lose nothing'],
  },
  {
    that: 'looks for the counters that are due, then removes them, whatever was raised meanwhile',
    make: broken((real) => {
      const counters = new Map<string, { total: number; purgeAt: number }>()
      return {
        async increment(counter, by, purgeAt) {
          const id = toKeyText(counter)
          const old = counters.get(id) ?? { total: 0, purgeAt: 0 }
          const total = old.total + toRaise(by)
          const latest = Math.max(old.purgeAt, toPurgeAt(purgeAt))
          if (by > 0) counters.set(id, { total, purgeAt: latest })
          return total
        },
        async purge(before, limit) {
          const due = [...counters].filter(([, { purgeAt }]) => purgeAt < before).slice(0, limit)
          await pause()
          for (const [id] of due) counters.delete(id)
          return due.length + (await real.purge(before, limit - due.length))
        },
      }
    }),
    breaks: ['purging, committing and counting at once lose nothing'],
  },
]
