import type { Check } from '@pair/core'
import { allHold, broken, pause, targetOf, textOf, type BrokenStore } from './broken-store.ts'

/** Stores whose checks and writes are not one step. */
export const brokenCommits: readonly BrokenStore[] = [
  {
    that: 'gets, then puts: what happens in between is lost',
    make: broken((real) => ({
      async commit(checks, writes) {
        return (await allHold(real, checks)) && real.commit([], writes)
      },
    })),
    breaks: [
      'of 40 who read one unused record',
      'of 40 commits that need one version',
      'of 40 commits that need one absence',
      'commits at once are as if one came after another',
    ],
  },
  {
    that: 'reads committed: it guards the rows that it writes, not those that it only read',
    make: broken((real) => ({
      async commit(checks, writes) {
        const written = new Set(writes.map((write) => textOf(targetOf(write))))
        const isWritten = ({ key }: Check): boolean => written.has(textOf(key))
        const readOnly = checks.filter((check) => !isWritten(check))
        return (await allHold(real, readOnly)) && real.commit(checks.filter(isWritten), writes)
      },
    })),
    breaks: ['of two commits that each check absent', 'of two commits that each check the version'],
  },
  {
    that: 'moves the version of what is only checked',
    make: broken((real) => ({
      async commit(checks, writes) {
        const written = new Set(writes.map((write) => textOf(targetOf(write))))
        const checked = checks.filter(({ key, version }) => version && !written.has(textOf(key)))
        const found = await Promise.all(checked.map(({ key }) => real.read(key)))
        const again = found.flatMap((entry) => (entry ? [{ ...entry, purgeAt: null }] : []))
        return real.commit(checks, [...writes, ...again])
      },
    })),
    breaks: ['40 commits that only check one common record all win'],
  },
  {
    that: 'throws where two commits meet, as a database does that can not serialise them',
    make: broken((real) => {
      const busy = new Set<string>()
      return {
        async commit(checks, writes) {
          const names = writes.map((write) => textOf(targetOf(write)))
          if (names.some((name) => busy.has(name))) throw new Error('could not serialize access')
          for (const name of names) busy.add(name)
          await pause()
          for (const name of names) busy.delete(name)
          return real.commit(checks, writes)
        },
      }
    }),
    breaks: ['commits at once that name the same keys in different order all answer'],
    throws: 'could not serialize access',
  },
  {
    that: 'writes half of a lost commit',
    make: broken((real) => ({
      async commit(checks, writes) {
        const holds = await allHold(real, checks)
        await real.commit([], holds ? writes : writes.slice(-1))
        return holds
      },
    })),
    breaks: ['a lost commit changed nothing'],
  },
  {
    that: 'writes a commit in two steps',
    make: broken((real) => ({
      async commit(checks, writes) {
        const half = Math.floor(writes.length / 2)
        if (!(await real.commit(checks, writes.slice(0, half)))) return false
        await pause()
        return real.commit([], writes.slice(half))
      },
    })),
    breaks: ['reads see every finished commit', 'who hears of a commit reads all of it'],
  },
  {
    that: 'has nothing to commit where there is nothing to write',
    make: broken((real) => ({
      async commit(checks, writes) {
        return writes.length > 0 && real.commit(checks, writes)
      },
    })),
    breaks: ['a commit without checks holds, one without writes only answers'],
  },
  {
    that: 'does the first 200 writes of a commit',
    make: broken((real) => ({
      commit: (checks, writes) => real.commit(checks, writes.slice(0, 200)),
    })),
    breaks: ['order holds through 3,000 keys'],
  },
  {
    that: 'lets a whole batch fail by one of its members',
    make: broken((real) => {
      let batch = { isGood: true }
      return {
        async commit(checks, writes) {
          const mine = batch
          mine.isGood &&= writes.every((write) => !targetOf(write).includes(''))
          await pause()
          batch = { isGood: true }
          if (!mine.isGood) throw new TypeError('a member of this batch is bad')
          return real.commit(checks, writes)
        },
      }
    }),
    breaks: ['of 40 commits at once, those with bad input fail'],
    throws: 'a member of this batch is bad',
  },
  {
    that: 'reads from a copy that lags behind',
    make() {
      const { store } = broken(() => ({}))()
      const copy = new Map<string, ReturnType<typeof store.read>>()
      const read: typeof store.read = (key) => {
        const known = copy.get(textOf(key)) ?? store.read(key)
        copy.set(textOf(key), known)
        return known
      }
      return { store, others: [{ ...store, read }] }
    },
    breaks: ['what one handle wrote, appended, counted or purged, every other sees at once'],
  },
]
