// A process with two stores on one place, that fight with all others over the same keys, and write down each call.
import { recordHistory, type HistoryEvent } from '@pair/testkit/store'
import { contend, repeating } from './contend.ts'
import { openPlace, type Place } from './place.ts'

export interface HistorianSetting {
  place: Place
  rounds: number
  /** Do its stores repeat what was not answered? */
  repeats: boolean
}

const { place, rounds, repeats } = JSON.parse(process.argv[2]!) as HistorianSetting
const stores = await Promise.all(
  ['one', 'other'].map(async (which) => {
    const { store } = openPlace(place)
    await store.list(['none'], { limit: 1 })
    const name = `${process.pid} ${which}`
    return { name, ...recordHistory(repeats ? repeating(store) : store, { process: name }) }
  }),
)

process.on('message', () => {
  void Promise.all(
    stores.map(({ name, store }) => contend(store, { name, workers: 6, rounds })),
  ).then(() => {
    const told: HistoryEvent[] = stores.flatMap(({ events }) => events)
    process.send!(told)
  })
})
process.on('disconnect', () => process.exit(0))
process.send!('ready')
