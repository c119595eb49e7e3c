export type { D1Binding, D1Statement, D1Value } from './d1/d1-database.ts'
export { d1Store, type D1StoreOptions } from './d1/d1-store.ts'
export {
  durableObjectStore,
  type DurableObjectOptions,
  type ObjectNamespace,
} from './object/durable-object-store.ts'
export type { ObjectStorage } from './object/object-storage.ts'
export { objectStore, type ObjectStoreOptions } from './object/object-store.ts'
export { answerStoreCall, type CallableStore, type StoreCall } from './object/store-call.ts'
