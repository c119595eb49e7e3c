import { memoryStore, type StoreWatcher } from '@pair/core'
import { faultyStore } from '@pair/testkit/store'
import { broken, targetOf, type BrokenStore } from './broken-store.ts'

/** Stores whose watch claims more than it hears. */
export const brokenWatches: readonly BrokenStore[] = [
  {
    that: 'is deaf and says that it is live',
    make: broken(() => ({
      watch(_, on) {
        on.live(true)
        return () => {}
      },
    })),
    breaks: ['a watch says that it is live and hears within a second'],
  },
  {
    that: 'hears 2.5 seconds late and says that it is live',
    make: broken((real) => ({
      watch: (prefix, on) =>
        real.watch!(prefix, {
          ...on,
          changed: (keys) => setTimeout(() => on.changed(keys), 2_500),
        }),
    })),
    breaks: ['a watch says that it is live and hears within a second'],
  },
  {
    that: 'never says that its watch is down',
    make() {
      const line = faultyStore(memoryStore())
      const dropWatch = (): void => line.dropWatch('silent')
      return { store: line.store, dropWatch, restoreWatch: line.restoreWatch }
    },
    breaks: ['a watch whose line is cut says so within a second'],
  },
  {
    that: 'is live again and keeps silent on what it missed',
    make() {
      const ears = new Set<StoreWatcher>()
      const real = memoryStore()
      let isDown = false
      const tell = (isLive: boolean): void => {
        isDown = !isLive
        for (const ear of ears) ear.live(isLive)
      }
      return {
        store: {
          ...real,
          watch(prefix, on) {
            ears.add(on)
            return real.watch!(prefix, { ...on, changed: (keys) => isDown || on.changed(keys) })
          },
        },
        dropWatch: () => tell(false),
        restoreWatch: () => tell(true),
      }
    },
    breaks: ['a watch whose line is cut says so within a second'],
  },
  {
    that: 'tells of a commit before it is done',
    make: broken((real) => {
      const ears = new Set<StoreWatcher>()
      return {
        async commit(checks, writes) {
          for (const ear of ears) ear.changed(writes.map(targetOf))
          return real.commit(checks, writes)
        },
        watch(_, on) {
          ears.add(on)
          on.live(true)
          return () => void ears.delete(on)
        },
      }
    }),
    breaks: ['each watch hears its own prefix', 'who hears of a commit reads all of it'],
  },
  {
    that: 'lets a commit fail by a watcher',
    make: broken((real) => {
      const ears = new Set<StoreWatcher>()
      return {
        async commit(checks, writes) {
          const done = await real.commit(checks, writes)
          for (const ear of ears) ear.changed(writes.map(targetOf))
          return done
        },
        watch(prefix, on) {
          ears.add(on)
          return real.watch!(prefix, { ...on, changed: () => {} })
        },
      }
    }),
    breaks: ['a watcher that throws, writes or leaves'],
    throws: 'a listener failed',
  },
  {
    that: 'takes silence for a fault',
    make: broken((real) => ({
      watch(prefix, on) {
        const stop = real.watch!(prefix, on)
        const timer = setTimeout(() => {
          stop()
          on.live(false)
        }, 500)
        return () => {
          clearTimeout(timer)
          stop()
        }
      },
    })),
    breaks: ['a watch that hears nothing for a second'],
  },
]
