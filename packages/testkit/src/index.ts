export { describeStore, type DescribeStoreOptions } from './store/describe-store.ts'
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
export { fixedClock, type FixedClock } from './runtime/fixed-clock.ts'
export { fixedRandom } from './runtime/fixed-random.ts'
export {
  signIn,
  type KeyedSignedIn,
  type KeyedSignInOptions,
  type SignedIn,
  type SignInOptions,
} from './session/sign-in.ts'
export type { SignInPlace } from './session/pair-device.ts'
export { describeAdapter } from './adapter/describe-adapter.ts'
export type { AdapterApp, AdapterHarness, AdapterScope } from './adapter/harness.ts'
export { adapterTranscript, type Exchange } from './adapter/transcript.ts'
export {
  faultProxy,
  type FaultProxy,
  type FaultProxyOptions,
  type Storm,
} from './network/fault-proxy.ts'
export type { NetworkFault, NetworkFaultName } from './network/faulty-line.ts'
