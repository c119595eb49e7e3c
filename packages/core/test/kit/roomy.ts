import type { LimitOptions } from '../../src/limit/limits.ts'

const ALL = { max: 1_000_000 }

/** For tests of something else: as many requests as they like, by one address and in one minute. */
export const ROOMY: LimitOptions = { redeem: ALL, preview: ALL, change: ALL, poll: ALL }
