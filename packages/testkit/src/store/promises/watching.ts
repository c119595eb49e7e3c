import { deepEqual, equal, notEqual, ok } from 'node:assert/strict'
import type { Key, Store, StoreWatcher, Unsubscribe } from '@pair/core'
import { breath, eventually, ROUNDS } from '../race.ts'
import { handlesOf, isAble, type StorePromise } from '../subject.ts'
import { append, put, remove, versionOf } from '../writes.ts'

/** Turns of 10 ms within which a watch hears of a change, or owns that it hears nothing. */
const A_SECOND = 100

interface Ear extends StoreWatcher {
  lives: boolean[]
  /** Each key as text; `*` where any may have changed. */
  heard: string[]
  stop: Unsubscribe
}

async function listen(store: Store, prefix: Key): Promise<Ear> {
  const lives: boolean[] = []
  const heard: string[] = []
  const on: StoreWatcher = {
    live: (isLive) => void lives.push(isLive),
    changed: (keys) => void heard.push(...(keys?.map((key) => key.join('/')) ?? ['*'])),
  }
  const ear = { ...on, lives, heard, stop: store.watch!(prefix, on) }
  await isLive(ear)
  return ear
}

const isLive = (ear: Ear): Promise<void> =>
  eventually(() => ok(ear.lives.at(-1), 'the watch does not say that it is live'))

const hears = (ear: Ear, key: string): Promise<void> =>
  eventually(
    () => ok(ear.heard.includes(key) || ear.heard.includes('*'), `${key} is not heard in time`),
    A_SECOND,
  )

/** A watch hears of changes and says whether it does. Stores without one keep these by having none. */
export const watchPromises: readonly StorePromise[] = [
  {
    id: 'STO-01',
    name: 'a watch says that it is live and hears within a second of puts, removes and appends below its prefix, made by any handle',
    needs: 'watch',
    async holds(subject) {
      if (!subject.store.watch) return
      const ear = await listen(subject.store, ['p'])
      for (const [at, store] of handlesOf(subject).entries()) {
        await store.commit([], [put(['p', `a${at}`]), append(['p', `s${at}`], 'x'), put(['q'])])
        await hears(ear, `p/a${at}`)
        await hears(ear, `p/s${at}`)
        ear.heard.length = 0
        await store.commit([], [remove(['p', `a${at}`])])
        await hears(ear, `p/a${at}`)
      }
      equal(ear.heard.includes('q'), false)
      ear.stop()
    },
  },
  {
    id: 'STO-01',
    name: 'each watch hears its own prefix, the empty one everything, a lost commit nobody, one that stopped nothing',
    needs: 'watch',
    async holds({ store }) {
      if (!store.watch) return
      const narrow = await listen(store, ['a', 'b'])
      const all = await listen(store, [])
      const other = await listen(store, ['z'])
      const stopped = await listen(store, [])
      stopped.stop()
      stopped.heard.length = 0
      const lost = [put(['a', 'b', 'lost'])]
      equal(await store.commit([{ key: ['a', 'b', 'lost'], version: 'none' }], lost), false)
      await store.commit([], [put(['a', 'b', 'c']), put(['a', 'bb']), put(['a', 'x'])])
      await hears(narrow, 'a/b/c')
      await hears(all, 'a/x')
      await store.commit([], [put(['z', 'end'])])
      await hears(other, 'z/end')
      const besides = (ear: Ear, own: string): string[] =>
        ear.heard.filter((key) => key !== own && key !== '*')
      deepEqual(besides(narrow, 'a/b/c'), [])
      deepEqual(besides(other, 'z/end'), [])
      equal(all.heard.includes('a/b/lost'), false)
      deepEqual(stopped.heard, [])
      for (const ear of [narrow, all, other]) ear.stop()
    },
  },
  {
    id: 'STO-01',
    name: 'who hears of a commit reads all of it',
    needs: 'watch',
    async holds({ store }) {
      if (!store.watch) return
      let latest = 0
      const whole = new Set<number>()
      const halves: string[] = []
      const read = async (round: number, isTold: boolean): Promise<void> => {
        const { length } = await store.list(['p', String(round)], { limit: 5 })
        if (length === 3) whole.add(round)
        // that anything may have changed says nothing of this round
        else if (length > 0 || isTold) halves.push(`${length} of round ${round}`)
      }
      const changed = (keys: readonly Key[] | null): void => {
        if (keys === null) void read(latest, false)
        else for (const round of new Set(keys.map((key) => Number(key[1])))) void read(round, true)
      }
      const stop = store.watch(['p'], { live: () => {}, changed })
      for (latest = 0; latest < ROUNDS; latest++) {
        const keys = ['a', 'b', 'c'].map((name) => ['p', String(latest), name])
        await store.commit(
          [],
          keys.map((key) => put(key)),
        )
        await eventually(() => ok(whole.has(latest), 'who heard does not read it'))
      }
      stop()
      deepEqual(halves, [])
    },
  },
  {
    id: 'STO-01',
    name: 'a watcher that throws, writes or leaves breaks neither the commit nor the other watchers',
    needs: 'watch',
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
      equal(await store.commit([], [put(['p', 'a'])]), true)
      notEqual(await versionOf(store, ['p', 'a']), null)
      await hears(ear, 'p/a')
      await hears(ear, 'p/answer')
      for (const stop of stops) stop()
      ear.stop()
    },
  },
  {
    id: 'STO-01',
    name: 'a watch that hears nothing for a second because nothing happens is live, and hears what comes then',
    needs: 'watch',
    async holds(subject) {
      if (!subject.store.watch) return
      const ear = await listen(subject.store, ['p'])
      await breath(1_000)
      await isLive(ear)
      await handlesOf(subject)
        .at(-1)!
        .commit([], [put(['p', 'late'])])
      await hears(ear, 'p/late')
      ear.stop()
    },
  },
  {
    id: 'STO-01',
    name: 'a watch whose line is cut says so within a second, and once it is live again nothing is unheard, 3 times over',
    needs: 'dropWatch',
    async holds(subject) {
      const { store, dropWatch, restoreWatch } = subject
      if (!store.watch || !isAble(subject, 'dropWatch')) return
      const ear = await listen(store, ['p'])
      for (let round = 0; round < 3; round++) {
        const key = ['p', `missed${round}`]
        ear.lives.length = 0
        await dropWatch?.()
        await eventually(
          () => ok(ear.lives.includes(false), 'the watch does not say that it is down'),
          A_SECOND,
        )
        ear.heard.length = 0
        await handlesOf(subject)
          .at(-1)!
          .commit([], [put(key)])
        equal(ear.lives.at(-1), false, 'the watch says that it is live while its line is cut')
        await restoreWatch?.()
        await isLive(ear)
        await hears(ear, key.join('/'))
        await store.commit([], [put([...key, 'after'])])
        await hears(ear, [...key, 'after'].join('/'))
      }
      ear.stop()
    },
  },
]
