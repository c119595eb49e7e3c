import { broken, type BrokenStore } from './broken-store.ts'

const START = Date.now()

/** What is wrong, and what is told in place of the time. */
const TOLD: readonly [that: string, tell: () => unknown][] = [
  ['tells no time that can be compared', () => Number.NaN],
  ['tells the time as text', () => String(Date.now())],
  ['tells nothing where it has a time', () => undefined],
  ['tells seconds', () => Math.floor(Date.now() / 1_000)],
  ['tells microseconds', () => Date.now() * 1_000],
  ['tells how long it runs', () => Date.now() - START],
  ['tells the time of another zone', () => Date.now() + 15 * 60_000],
  ['tells when it was opened', () => START],
  ['tells a time that runs backwards', () => 2 * START - Date.now()],
]

/** Stores whose time is none. */
export const brokenTimes: readonly BrokenStore[] = TOLD.map(([that, tell]) => ({
  that,
  make: broken(() => ({ time: async () => tell() as number })),
  breaks: ['a store that tells the time tells milliseconds'],
}))
