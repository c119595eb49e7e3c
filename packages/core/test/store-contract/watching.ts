import { expect, vi } from 'vitest'
import type { Key, Store, StoreWatcher } from '../../src/ports/store.ts'
import { handlesOf, put, versionOf, type StorePromise } from './promise.ts'

interface Ear extends StoreWatcher {
  lives: boolean[]
  /** Each key as text; `*` where any may have changed. */
  heard: string[]
}

function createEar(): Ear {
  const lives: boolean[] = []
  const heard: string[] = []
  return {
    lives,
    heard,
    live: (isLive) => void lives.push(isLive),
    changed: (keys: readonly Key[] | null) =>
      void heard.push(...(keys?.map((key) => key.join('/')) ?? ['*'])),
  }
}

async function listen(store: Store, prefix: Key): Promise<Ear & { stop(): void }> {
  const ear = createEar()
  const stop = store.watch!(prefix, ear)
  await vi.waitFor(() => expect(ear.lives.at(-1)).toBe(true))
  return { ...ear, stop }
}

const hears = ({ heard }: Ear, key: string): Promise<void> =>
  vi.waitFor(() => expect(heard.includes(key) || heard.includes('*')).toBe(true))

/** A watch hears of changes and says whether it does. Stores without one keep these by having none. */
export const watchPromises: readonly StorePromise[] = [
  {
    id: 'STO-01',
    name: 'a watch says that it is live and hears puts, removes and appends below its prefix, made by any handle',
    async holds(subject) {
      if (!subject.store.watch) return
      const ear = await listen(subject.store, ['p'])
      for (const [at, store] of handlesOf(subject).entries()) {
        await store.commit(
          [],
          [
            put(['p', `a${at}`]),
            { append: ['p', `s${at}`], value: 'x', purgeAt: null },
            put(['q']),
          ],
        )
        await hears(ear, `p/a${at}`)
        await hears(ear, `p/s${at}`)
        ear.heard.length = 0
        await store.commit([], [{ key: ['p', `a${at}`], value: null }])
        await hears(ear, `p/a${at}`)
      }
      expect(ear.heard).not.toContain('q')
      ear.stop()
    },
  },
  {
    id: 'STO-01',
    name: 'each watch hears its own prefix, the empty one everything, a lost commit nobody, one that stopped nothing',
    async holds({ store }) {
      if (!store.watch) return
      const [narrow, all, other, stopped] = await Promise.all(
        [['a', 'b'], [], ['z'], []].map((prefix) => listen(store, prefix)),
      )
      stopped!.stop()
      expect(
        await store.commit(
          [{ key: ['a', 'b', 'lost'], version: 'none' }],
          [put(['a', 'b', 'lost'])],
        ),
      ).toBe(false)
      await store.commit([], [put(['a', 'b', 'c']), put(['a', 'bb']), put(['a', 'x'])])
      await hears(narrow!, 'a/b/c')
      await hears(all!, 'a/x')
      await store.commit([], [put(['z', 'end'])])
      await hears(other!, 'z/end')
      expect(narrow!.heard.filter((key) => key !== 'a/b/c' && key !== '*')).toEqual([])
      expect(other!.heard.filter((key) => key !== 'z/end' && key !== '*')).toEqual([])
      expect(all!.heard).not.toContain('a/b/lost')
      expect(stopped!.heard).toEqual([])
      for (const ear of [narrow, all, other]) ear!.stop()
    },
  },
  {
    id: 'STO-01',
    name: 'who hears of a commit reads all of it',
    async holds({ store }) {
      if (!store.watch) return
      const seen: (string | undefined)[][] = []
      const read = async (): Promise<void> => {
        const entries = await Promise.all(['a', 'b'].map((name) => store.read(['p', name])))
        seen.push(entries.map((entry) => entry?.value))
      }
      const stop = store.watch(['p'], { live: () => {}, changed: () => void read() })
      await store.commit([], [put(['p', 'a'], '1'), put(['p', 'b'], '1')])
      await vi.waitFor(() => expect(seen).toContainEqual(['1', '1']))
      expect(seen.filter(([a, b]) => a !== b)).toEqual([])
      stop()
    },
  },
  {
    id: 'STO-01',
    name: 'a watcher that throws, writes or leaves breaks neither the commit nor the other watchers',
    async holds({ store }) {
      if (!store.watch) return
      const fail = (): never => {
        throw new Error('a listener failed')
      }
      const stops = [store.watch(['p'], { live: fail, changed: fail })]
      let answered = false
      const answer = async (): Promise<void> => {
        if (answered) return
        answered = true
        stops[1]!()
        await store.commit([], [put(['p', 'answer'])])
      }
      stops.push(store.watch(['p'], { live: () => {}, changed: () => void answer() }))
      const ear = await listen(store, ['p'])
      expect(await store.commit([], [put(['p', 'a'])])).toBe(true)
      expect(await versionOf(store, ['p', 'a'])).not.toBeNull()
      await hears(ear, 'p/a')
      await hears(ear, 'p/answer')
      for (const stop of stops) stop()
      ear.stop()
    },
  },
]
