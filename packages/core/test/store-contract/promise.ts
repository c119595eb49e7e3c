import type { Check, Key, Put, Store } from '../../src/ports/store.ts'

/** One empty store, and the ways to reach it. */
export interface StoreSubject {
  store: Store
  /** More handles on the same data: other connections, other processes. */
  others?: readonly Store[]
  /** A handle on the same data whose commits dawdle between taking their place in a stream and becoming visible. */
  slowStore?: Store
  /** `true`: the backend forgets by itself at its own time, and `purge` may leave that to it. Default `false`. */
  forgetsByItself?: boolean
  close?(): Promise<void>
}

/** One fact that holds for every store. */
export interface StorePromise {
  /** The requirement that it proves. */
  id: string
  name: string
  /** Throws where it does not hold. */
  holds(subject: StoreSubject): Promise<void>
}

/** An instant far from any clock: stores compare instants, they don't read the time. */
export const T0 = 1_800_000_000_000

export const put = (key: Key, value = 'x', purgeAt: number | null = null): Put => ({
  key,
  value,
  purgeAt,
})
export const absent = (key: Key): Check => ({ key, version: null })

/** All handles of a subject, the slow one last. */
export function handlesOf({ store, others = [], slowStore }: StoreSubject): Store[] {
  return [store, ...others, ...(slowStore ? [slowStore] : [])]
}

/** Lets 40 rivals start together, spread over the handles, and answers what each got. */
export function race<T>(
  subject: StoreSubject,
  run: (store: Store, rival: number) => Promise<T>,
  rivals = 40,
): Promise<T[]> {
  const handles = handlesOf(subject)
  return Promise.all(
    Array.from({ length: rivals }, (_, rival) => run(handles[rival % handles.length]!, rival)),
  )
}

export async function versionOf(store: Store, key: Key): Promise<string | null> {
  return (await store.read(key))?.version ?? null
}

/** Lets timers and sockets have their turn. */
export function breath(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 0))
}

export function countTrue(answers: readonly boolean[]): number {
  return answers.filter(Boolean).length
}
