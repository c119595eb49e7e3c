import {
  checkHistories,
  killProcesses,
  raceForCodes,
  type TorturedStore,
} from '@pair/testkit/torture'
import { expect, test } from 'vitest'
import { PATIENCE_MS } from './extent.ts'
import type { BrokenPlace, Defect } from './places/broken-sqlite.ts'
import type { FilePlace } from './places/sqlite.ts'
import { inFolders } from './stores.ts'

// what runners find where something is wrong: a runner that finds nothing would find nothing in any store

const placeOf = (name: string): string => new URL(`places/${name}.ts`, import.meta.url).href

function broken(defect: Defect): TorturedStore {
  const right = inFolders('sqlite')
  return {
    module: placeOf('broken-sqlite'),
    async fresh() {
      const place = await right.fresh()
      const setting: BrokenPlace = { ...(place.setting as FilePlace), defect }
      return { ...place, setting }
    },
  }
}

test(
  'CODE-03 a store that looks and then writes lets two processes win one code',
  async () => {
    const race = { codes: 60, processes: 4, attempts: 2 }
    const { faults } = await raceForCodes(broken('looks, then writes'), race)
    expect(faults.join('\n')).toMatch(/has [2-8] winners/)
  },
  PATIENCE_MS,
)

test(
  'CODE-06 of a store that answers before it writes, what killed processes acknowledged is not there',
  async () => {
    const { faults } = await killProcesses(broken('answers, then writes'), { kills: 6 })
    expect(faults.join('\n')).toMatch(/the acknowledged session ses_.* is not there/)
  },
  PATIENCE_MS,
)

test(
  'CODE-06 of a store that writes in halves, killed processes leave one half',
  async () => {
    const { faults } = await killProcesses(broken('writes in halves'), { kills: 8 })
    expect(faults.join('\n')).toMatch(/without its grant|0 times in the journal/)
  },
  PATIENCE_MS,
)

test(
  'CODE-06 SEC-05 processes that end by themselves were not killed, nor are they done',
  async () => {
    const ending = broken('ends its process')
    const killed = await killProcesses(ending, { kills: 4 })
    expect(killed.faults.join('\n')).toMatch(/a process that redeems ended by itself: 3/)
    const fought = await checkHistories(ending, { histories: 1, rounds: 6 })
    expect(fought.faults.join('\n')).toMatch(/process 1 ended by itself: 3/)
  },
  PATIENCE_MS,
)
