import { memoryStore } from '@pair/core'
import { describeStore, faultyStore } from '@pair/testkit'

describeStore(
  'memory, behind a line whose watch can be cut',
  () => {
    const store = memoryStore()
    const line = faultyStore(store)
    return {
      store: line.store,
      others: [store],
      dropWatch: () => line.dropWatch(),
      restoreWatch: () => line.restoreWatch(),
    }
  },
  { lacks: ['reopen'] },
)
