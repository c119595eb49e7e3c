export { describeStore, type DescribeStoreOptions } from './store/describe-store.ts'
export { faultyStore, type Fault, type FaultyStore, type StoreCall } from './store/faulty-store.ts'
export type { WatchDrop } from './store/faulty-watch.ts'
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
