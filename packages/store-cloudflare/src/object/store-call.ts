import type { Store } from '@pair/core'

/** What a Worker may ask of the object. `watch` is not among it: no line stays open between requests. */
export type CallableStore = Required<Omit<Store, 'watch'>>

/** A call of the store on its way to the object: its name and its arguments. */
export type StoreCall = {
  [Name in keyof CallableStore]: [name: Name, ...args: Parameters<CallableStore[Name]>]
}[keyof CallableStore]

const names: Readonly<Record<keyof CallableStore, true>> = {
  read: true,
  list: true,
  commit: true,
  increment: true,
  tail: true,
  purge: true,
  time: true,
}

/**
 * Does in the object what `durableObjectStore` asks for.
 *
 * @example
 * export class PairStore extends DurableObject {
 *   store = objectStore(this.ctx.storage)
 *   callStore(call: StoreCall) {
 *     return answerStoreCall(this.store, call)
 *   }
 * }
 */
export async function answerStoreCall(store: Store, call: StoreCall): Promise<unknown> {
  const [name, ...args] = call
  if (!Object.hasOwn(names, name)) throw new TypeError('The store has no such call')
  const method = store[name] as (...args: unknown[]) => Promise<unknown>
  return method(...args)
}
