export { faultyStore, type Fault, type FaultyStore, type StoreCall } from './store/faulty-store.ts'
export type { WatchDrop } from './store/faulty-watch.ts'
export { storePromises } from './store/store-promises.ts'
export type { StoreAbility, StorePromise, StoreSubject } from './store/subject.ts'
