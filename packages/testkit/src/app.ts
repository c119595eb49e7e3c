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
