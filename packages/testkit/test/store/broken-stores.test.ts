import { AssertionError } from 'node:assert'
import { memoryStore, type StoreWatcher } from '@pair/core'
import { storePromises, type StorePromise, type StoreSubject } from '@pair/testkit/store'
import { describe, expect, it } from 'vitest'
import { brokenCommits } from './broken/commits.ts'
import { brokenForgetting } from './broken/forgetting.ts'
import { brokenKeys } from './broken/keys.ts'
import { brokenStreams } from './broken/streams.ts'
import { brokenTimes } from './broken/time.ts'
import { brokenVersions, emptyRows, versioned } from './broken/versions.ts'
import { brokenWatches } from './broken/watching.ts'

const brokenStores = [
  ...brokenCommits,
  ...brokenVersions,
  ...brokenKeys,
  ...brokenStreams,
  ...brokenForgetting,
  ...brokenWatches,
  ...brokenTimes,
]

function promiseOf(beginning: string): StorePromise {
  const found = storePromises.filter(({ name }) => name.startsWith(beginning))
  if (found.length !== 1) throw new Error(`${found.length} promises begin with "${beginning}"`)
  return found[0]!
}

async function brokenPromises(make: () => StoreSubject): Promise<string[]> {
  const names: string[] = []
  for (const promise of storePromises)
    await promise.holds(make()).catch(() => names.push(promise.name))
  return names
}

describe('the promises of a store', () => {
  const cases = brokenStores.flatMap(({ breaks, ...store }) =>
    breaks.map((beginning) => ({ ...store, promise: promiseOf(beginning) })),
  )

  for (const { that, make, throws, promise } of cases)
    it(`STO-01 find out a store that ${that}: ${promise.name}`, async () => {
      await expect(promise.holds(make())).rejects.toThrow(throws ?? AssertionError)
    }, 30_000)

  it('STO-01 each find out a store that breaks it', () => {
    const found = new Set(cases.map(({ promise }) => promise.name))
    expect(storePromises.map(({ name }) => name).filter((name) => !found.has(name))).toEqual([])
  })

  it('STO-01 find nothing wrong in stores that keep them, whether their watch names keys or not', async () => {
    let count = 0
    const sound = (): StoreSubject => {
      const rows = emptyRows()
      const open = () => versioned(rows, () => String(++count))
      return { store: open(), others: [open()], reopen: async () => open() }
    }
    const vague = (): StoreSubject => {
      const { watch, ...real } = memoryStore()
      const on = (ear: StoreWatcher): StoreWatcher => ({ ...ear, changed: () => ear.changed(null) })
      return { store: { ...real, watch: (_, ear) => watch!([], on(ear)) } }
    }
    expect(await brokenPromises(() => ({ store: memoryStore() }))).toEqual([])
    expect(await brokenPromises(vague)).toEqual([])
    expect(await brokenPromises(sound)).toEqual([])
  }, 30_000)
})
