import type { Store } from '@pair/core'

/** One empty store, and the ways to reach it. */
export interface StoreSubject {
  store: Store
  /** More handles on the same data: other connections, other processes. */
  others?: readonly Store[]
  /** A handle on the same data whose commits dawdle between taking their place in a stream and becoming visible. */
  slowStore?: Store
  /** `true`: the backend forgets by itself at its own time, and `purge` may leave that to it. Default `false`. */
  forgetsByItself?: boolean
  /** Opens the same data as a restarted process does. The handles from before are used no more. */
  reopen?(): Promise<Store>
  /** Cuts the line on which `store` hears of the changes that other handles make. */
  dropWatch?(): void | Promise<void>
  /** Mends that line. */
  restoreWatch?(): void | Promise<void>
  close?(): void | Promise<void>
}

/** What a subject may be without. Each is needed to show some promise. */
export type StoreAbility = 'watch' | 'dropWatch' | 'reopen'

/** One fact that holds for every store. */
export interface StorePromise {
  /** The requirement that it proves. */
  id: string
  name: string
  /** Without this ability of the subject there is nothing to show, and `holds` shows nothing. */
  needs?: StoreAbility
  /** Throws an AssertionError where it does not hold, or what the store threw that should have answered. */
  holds(subject: StoreSubject): Promise<void>
}

/** Whether the subject can show what asks for that ability. */
export function isAble(subject: StoreSubject, ability: StoreAbility): boolean {
  switch (ability) {
    case 'watch':
      return subject.store.watch !== undefined
    case 'dropWatch':
      return subject.dropWatch !== undefined && subject.restoreWatch !== undefined
    case 'reopen':
      return subject.reopen !== undefined
  }
}

/** All handles of a subject, the slow one last. */
export function handlesOf({ store, others = [], slowStore }: StoreSubject): Store[] {
  return [store, ...others, ...(slowStore ? [slowStore] : [])]
}
