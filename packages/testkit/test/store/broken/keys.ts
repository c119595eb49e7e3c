import type { Entry, Key, Store } from '@pair/core'
import { broken, targetOf, textOf, type BrokenStore } from './broken-store.ts'

/** Passes every key through `change` before it reaches the store. */
const rekeyed = (change: (key: Key) => Key): (() => { store: Store }) =>
  broken((real) => ({
    read: (key) => real.read(change(key)),
    commit: (checks, writes) =>
      real.commit(
        checks.map((check) => ({ ...check, key: change(check.key) })),
        writes.map((write) =>
          'append' in write
            ? { ...write, append: change(write.append) }
            : { ...write, key: change(write.key) },
        ),
      ),
  }))

/** Passes every value through `change` on its way in. */
const revalued = (change: (value: string) => string): (() => { store: Store }) =>
  broken((real) => ({
    commit: (checks, writes) =>
      real.commit(
        checks,
        writes.map((write) =>
          write.value === null ? write : { ...write, value: change(write.value) },
        ),
      ),
  }))

const toInstant = (at: number): number => (at >= 0 ? at : 0)

const everything = (real: Store): Promise<Entry[]> => real.list([], { limit: 10_000 })

/** Stores that mistake one key or value for another, or lose the order. */
export const brokenKeys: readonly BrokenStore[] = [
  {
    that: 'does not tell case apart',
    make: rekeyed((key) => key.map((part) => part.toLowerCase())),
    breaks: ['every printable ASCII character is a part', 'odd keys are keys like any other'],
  },
  {
    that: 'joins parts by a character that parts may hold',
    make: rekeyed((key) => {
      const joined = key.join('/')
      return key.includes('') || joined.length > 512 ? key : [joined]
    }),
    breaks: ['odd keys are keys like any other'],
  },
  {
    that: 'cuts parts at 255 characters',
    make: rekeyed((key) => key.map((part) => part.slice(0, 255))),
    breaks: ['odd keys are keys like any other', 'what is no key is refused everywhere'],
  },
  {
    that: 'reads nothing where there is no key',
    make: broken((real) => ({ read: (key) => real.read(key).catch(() => null) })),
    breaks: ['what is no key is refused everywhere'],
  },
  {
    that: 'finds a bad key only when it has begun to write',
    make: broken((real) => ({
      async commit(checks, writes) {
        if (!(await real.commit(checks, []))) return false
        for (const write of writes) await real.commit([], [write])
        return true
      },
    })),
    breaks: ['what is no key is refused everywhere'],
  },
  {
    that: 'stores whatever value it is given as text',
    make: revalued(String),
    breaks: ['what is no text, no instant or no whole number is refused'],
  },
  {
    that: 'takes a purgeAt that is no instant for one long ago',
    make: broken((real) => ({
      commit: (checks, writes) =>
        real.commit(
          checks,
          writes.map((write) =>
            write.value === null || write.purgeAt === null
              ? write
              : { ...write, purgeAt: toInstant(write.purgeAt) },
          ),
        ),
      increment: (counter, by, purgeAt) => real.increment(counter, by, toInstant(purgeAt)),
    })),
    breaks: ['what is no text, no instant or no whole number is refused'],
  },
  {
    that: 'raises a counter by what is no whole number as by the one below it',
    make: broken((real) => ({
      increment: (counter, by, purgeAt) =>
        real.increment(counter, Math.max(0, Math.floor(by) || 0), purgeAt),
    })),
    breaks: ['what is no text, no instant or no whole number is refused'],
  },
  {
    that: 'hands out the arrays that it keeps',
    make: broken((real) => {
      const kept = new Map<string, Entry>()
      return {
        async read(key) {
          const entry = await real.read(key)
          if (entry && !kept.has(entry.version)) kept.set(entry.version, entry)
          return entry && kept.get(entry.version)!
        },
      }
    }),
    breaks: ['what a caller does with its arrays later changes nothing'],
  },
  {
    that: 'cuts values at 64 KiB',
    make: revalued((value) => value.slice(0, 65_536)),
    breaks: ['any text comes back as it was'],
  },
  {
    that: 'normalises text',
    make: revalued((value) => value.normalize('NFC')),
    breaks: ['any text comes back as it was'],
  },
  {
    that: 'takes a prefix for the beginning of a text',
    make: broken((real) => ({
      async list(prefix, { after, limit }) {
        const all = await real.list([], { ...(after && { after }), limit: 10_000 })
        return all.filter(({ key }) => textOf(key).startsWith(textOf(prefix))).slice(0, limit)
      },
    })),
    breaks: ['a list holds what is below whole parts'],
  },
  {
    that: 'sorts by the rules of a language',
    make: broken((real) => ({
      async list(prefix, page) {
        const entries = await real.list(prefix, page)
        return entries.toSorted((a, b) => textOf(a.key).localeCompare(textOf(b.key), 'en'))
      },
    })),
    breaks: ['a list holds what is below whole parts'],
  },
  {
    that: 'leaves one out between two pages',
    make: broken((real) => ({
      async list(prefix, { after, limit }) {
        if (!after) return real.list(prefix, { limit })
        return (await real.list(prefix, { after, limit: limit + 1 })).slice(1)
      },
    })),
    breaks: ['pages of any size join to the whole list'],
  },
  {
    that: 'goes on only behind a key that is there',
    make: broken((real) => ({
      async list(prefix, page) {
        const isThere = (await everything(real)).some(
          ({ key }) => textOf(key) === textOf(page.after ?? []),
        )
        return page.after && !isThere ? [] : real.list(prefix, page)
      },
    })),
    breaks: ['a page goes on behind a key that is gone'],
  },
  {
    that: 'puts all streams of one beginning together',
    make: broken((real) => ({
      commit: (checks, writes) =>
        real.commit(
          checks,
          writes.map((write) =>
            'append' in write ? { ...write, append: targetOf(write).slice(0, 1) } : write,
          ),
        ),
    })),
    breaks: ['a stream that nobody wrote is empty'],
  },
]
