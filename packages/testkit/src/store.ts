export { faultyStore, type Fault, type FaultyStore, type StoreCall } from './store/faulty-store.ts'
export type { WatchDrop } from './store/faulty-watch.ts'
export {
  mergeHistories,
  type Answer,
  type Asked,
  type HistoryEvent,
  type HistoryVerdict,
} from './history/history.ts'
export { recordHistory, type RecordedStore, type RecordOptions } from './history/record-history.ts'
export { checkHistory, type CheckOptions } from './history/check-history.ts'
export { checkInvariants } from './history/invariants.ts'
export { storePromises } from './store/store-promises.ts'
export type { StoreAbility, StorePromise, StoreSubject } from './store/subject.ts'
