import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { memoryStore } from '@pair/core'
import { faultyStore, mergeHistories, recordHistory, type HistoryEvent } from '@pair/testkit/store'
import { describe, expect, it } from 'vitest'

const KEY = ['a']
const put = (value: string) => ({ key: KEY, value, purgeAt: null })

/** Events without their instants. */
const told = (events: readonly HistoryEvent[]) =>
  events.map((event) => {
    const { at: _, ...rest } = event
    return rest
  })

describe('a recorded store', () => {
  it('SEC-05 answers as the store does, and writes down what was asked and answered', async () => {
    const { store, events } = recordHistory(memoryStore(), { process: 'one' })
    const append = { append: ['journal'], value: 'x', purgeAt: null }
    expect(await store.commit([{ key: KEY, version: null }], [put('x'), append])).toBe(true)
    const entry = await store.read(KEY)
    expect(entry?.value).toBe('x')
    expect(await store.list([], { limit: 1 })).toEqual([entry])
    expect(await store.increment(['c'], 2, 0)).toBe(2)
    const [one, asked, answered] = ['one', 'asked', 'answered']
    expect(told(events)).toEqual([
      {
        process: one,
        call: 0,
        told: asked,
        asked: {
          do: 'commit',
          checks: [{ key: KEY, version: null }],
          writes: [{ key: KEY, value: 'x' }],
        },
      },
      { process: one, call: 0, told: answered, answer: true },
      { process: one, call: 1, told: asked, asked: { do: 'read', key: KEY } },
      { process: one, call: 1, told: answered, answer: entry },
      { process: one, call: 2, told: asked, asked: { do: 'list', prefix: [] } },
      { process: one, call: 2, told: answered, answer: [entry] },
      { process: one, call: 3, told: asked, asked: { do: 'increment', counter: ['c'], by: 2 } },
      { process: one, call: 3, told: answered, answer: 2 },
    ])
    expect(JSON.parse(JSON.stringify(events))).toEqual(events)
  })

  it('SEC-05 passes streams, purges, time and watches on unrecorded', async () => {
    const { store, events } = recordHistory(memoryStore({ clock: () => 7 }))
    const heard: unknown[] = []
    store.watch!([], { live: () => {}, changed: (keys) => heard.push(keys) })
    expect(await store.time!()).toBe(7)
    expect(await store.tail(['s'], null, 1)).toMatchObject({ items: [], settled: true })
    expect(await store.purge(0, 1)).toBe(0)
    expect(events).toEqual([])
    await store.commit([], [put('x')])
    expect(heard).toEqual([[KEY]])
    const { watch: _, time: __, ...bare } = memoryStore()
    expect(Object.keys(recordHistory(bare).store)).not.toEqual(
      expect.arrayContaining(['watch', 'time']),
    )
  })

  it('SEC-05 writes down a call that failed as one whose outcome is unknown, and throws what was thrown', async () => {
    const line = faultyStore(memoryStore())
    const { store, events } = recordHistory(line.store)
    line.plan('commit', 'error-after')
    await expect(store.commit([], [put('x')])).rejects.toThrow('connection reset')
    expect(events[1]).toMatchObject({ told: 'failed', error: 'Error: connection reset' })
    line.plan('increment', 'hang-before')
    const hanging = store.increment(['c'], 1, 0)
    expect(events.slice(2)).toMatchObject([{ told: 'asked' }])
    await Promise.all([line.release(), hanging])
    expect(events.at(-1)).toMatchObject({ told: 'answered', answer: 1 })
  })

  it('SEC-05 tells each line at once: the question before the store hears of it', async () => {
    const heard: string[] = []
    const real = memoryStore()
    const { store, events } = recordHistory(
      { ...real, read: (key) => (heard.push('read'), real.read(key)) },
      { onEvent: (event) => heard.push(event.told) },
    )
    await store.read(KEY)
    expect(heard).toEqual(['asked', 'read', 'answered'])
    expect(events).toHaveLength(2)
  })

  it('SEC-05 keeps what was answered then, whatever is made of the answer', async () => {
    const { store, events } = recordHistory(memoryStore())
    await store.commit([], [put('x')])
    const entry = (await store.read(KEY))!
    entry.value = 'changed'
    expect(events.at(-1)).toMatchObject({ answer: { value: 'x' } })
  })

  it('SEC-05 has a clock that never stands still', async () => {
    const { store, events } = recordHistory(memoryStore())
    await Promise.all(Array.from({ length: 200 }, () => store.read(KEY)))
    const instants = events.map((event) => event.at)
    expect(instants).toEqual([...new Set(instants)].toSorted((a, b) => a - b))
  })
})

describe('histories of several processes', () => {
  it('SEC-05 are merged by the one clock of the machine', async () => {
    const program = `
      import { memoryStore } from '@pair/core'
      import { recordHistory } from '@pair/testkit/store'
      const { store, events } = recordHistory(memoryStore(), { process: 'child' })
      await store.read(['a'])
      console.log(JSON.stringify(events))
    `
    const { store, events } = recordHistory(memoryStore(), { process: 'parent' })
    await store.read(KEY)
    const { stdout } = await promisify(execFile)(
      process.execPath,
      ['--conditions=@pair/source', '--input-type=module', '--eval', program],
      { cwd: join(import.meta.dirname, '../..') },
    )
    await store.read(KEY)
    const merged = mergeHistories(events, JSON.parse(stdout) as HistoryEvent[])
    expect(merged.map((event) => event.process)).toEqual([
      'parent',
      'parent',
      'child',
      'child',
      'parent',
      'parent',
    ])
  }, 30_000)

  it('SEC-05 that share an instant count as at once: calls begin before others end', () => {
    const head = { at: 5, call: 0 }
    const ends = [{ ...head, process: 'a', told: 'answered', answer: null }] as const
    const begins = [
      { ...head, process: 'b', told: 'asked', asked: { do: 'read', key: KEY } },
    ] as const
    expect(mergeHistories(ends, begins).map((event) => event.process)).toEqual(['b', 'a'])
  })
})
