// Two stores on one place, that fight with all others over the same keys, and write down each call before it goes on.
import { openSync, writeSync } from 'node:fs'
import { recordHistory } from '../history/record-history.ts'
import { contend } from './contend.ts'
import type { Line } from './line.ts'
import { openPlace } from './open.ts'

interface Given {
  module: string
  setting: unknown
  rounds: number
  /** Where its lines are found, also when it was killed. */
  log: string
  /** Apart from all others of the history. */
  name: string
}

export async function fight(given: Given, line: Line): Promise<void> {
  const { module, setting, rounds, log } = given
  const file = openSync(log, 'a')
  const stores = await Promise.all(
    ['one', 'other'].map(async (which) => {
      const { store } = await openPlace(module, setting)
      await store.list(['none'], { limit: 1 })
      const name = `${given.name} ${which}`
      const onEvent = (event: object): void => void writeSync(file, `${JSON.stringify(event)}\n`)
      return { name, ...recordHistory(store, { process: name, onEvent }) }
    }),
  )
  line.hear(() => {
    const fights = stores.map(({ name, store }) => contend(store, { name, workers: 6, rounds }))
    void Promise.all(fights).then(() => line.tell({ done: true }))
  })
}
