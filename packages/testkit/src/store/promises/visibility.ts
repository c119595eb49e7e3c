import { deepEqual, equal, ok, rejects } from 'node:assert/strict'
import { countTrue, race, ROUNDS } from '../race.ts'
import { handlesOf, type StorePromise } from '../subject.ts'
import { absent, append, put, T0, valueOf } from '../writes.ts'

/** What is committed is seen by all, whole, whatever becomes of its neighbours. */
export const visibilityPromises: readonly StorePromise[] = [
  {
    id: 'STO-01',
    name: 'reads see every finished commit, through every handle, and never half of one',
    async holds(subject) {
      for (let round = 0; round < ROUNDS; round++) {
        const value = String(round)
        const done = subject.store.commit(
          [],
          Array.from({ length: 20 }, (_, n) => put(['all', String(n)], value)),
        )
        const pages = await race(subject, (store) => store.list(['all'], { limit: 50 }), 10)
        for (const page of pages)
          ok(new Set(page.map((entry) => entry.value)).size < 2, 'a page shows half of a commit')
        equal(await done, true)
        const seen = await race(subject, (store, rival) =>
          valueOf(store, ['all', String(rival % 20)]),
        )
        deepEqual(new Set(seen), new Set([value]))
      }
    },
  },
  {
    id: 'STO-01',
    name: 'what one handle wrote, appended, counted or purged, every other sees at once',
    async holds(subject) {
      const handles = handlesOf(subject)
      for (const [at, writer] of handles.entries()) {
        await writer.commit([], [put(['r', String(at)], 'x', T0), append(['s'], String(at))])
        await writer.increment(['c'], 1, T0)
        for (const reader of handles) {
          equal(await valueOf(reader, ['r', String(at)]), 'x')
          equal((await reader.list(['r'], { limit: 9 })).length, 1)
          equal((await reader.tail(['s'], null, 99)).items.at(-1)?.value, String(at))
          equal(await reader.increment(['c'], 0, T0), at + 1)
        }
        await writer.commit([], [{ key: ['r', String(at)], value: null }])
        for (const reader of handles) equal(await reader.read(['r', String(at)]), null)
      }
    },
  },
  {
    id: 'SEC-21',
    name: 'of 40 commits at once, those with bad input fail, those whose check fails lose, and all others hold',
    async holds(subject) {
      for (let round = 0; round < ROUNDS; round++) {
        const keyOf = (rival: number): string[] => ['batch', String(round), String(rival)]
        const stream = ['batch', String(round)]
        await subject.store.commit([], [put(keyOf(-1))])
        const answers = await race(subject, async (store, rival) => {
          const writes = [put(keyOf(rival)), append(stream, String(rival))]
          if (rival % 4 === 1)
            return rejects(store.commit([], [...writes, put(['bad', ''])]), TypeError)
          if (rival % 4 === 2) return store.commit([absent(keyOf(-1))], writes)
          return store.commit([absent(keyOf(rival))], writes)
        })
        const winners = Array.from({ length: 40 }, (_, rival) => rival).filter(
          (rival) => rival % 4 === 0 || rival % 4 === 3,
        )
        deepEqual(
          answers.flatMap((answer, rival) => (answer === true ? [rival] : [])),
          winners,
        )
        const kept = await subject.store.list(['batch', String(round)], { limit: 99 })
        deepEqual(
          kept.map((entry) => Number(entry.key.at(-1))).toSorted((a, b) => a - b),
          [-1, ...winners],
        )
        const { items } = await subject.store.tail(stream, null, 99)
        deepEqual(
          items.map((item) => Number(item.value)).toSorted((a, b) => a - b),
          winners,
        )
      }
    },
  },
  {
    id: 'STO-01',
    name: 'commits at once are as if one came after another: each of 40 chains of absence is taken once and told in full',
    async holds(subject) {
      const stream = ['chain', 'told']
      const wins = await race(
        subject,
        (store, rival) => {
          const key = ['chain', String(rival % 40)]
          return store.commit(
            [absent(key)],
            [put(key, String(rival)), append(stream, String(rival))],
          )
        },
        160,
      )
      equal(countTrue(wins), 40)
      const winners = wins.flatMap((won, rival) => (won ? [String(rival)] : []))
      const kept = await subject.store.list(['chain'], { limit: 99 })
      deepEqual(kept.map((entry) => entry.value).toSorted(), winners.toSorted())
      const { items } = await subject.store.tail(stream, null, 99)
      deepEqual(items.map((item) => item.value).toSorted(), winners.toSorted())
    },
  },
]
