/** How often each row does what it does. */
export interface Extent {
  /** Each is redeemed by eight processes four times, those of a file once. */
  codes: number
  fileCodes: number
  /** Of processes on one machine, and of those of a server. */
  localKills: number
  remoteKills: number
  serverKills: number
  histories: number
  stormMs: number
  failovers: number
  /** Kilobytes of the disks that are filled. */
  disks: readonly number[]
  /** Of so many writing calls one fails in its turn. */
  writes: number
}

export const LONG: Extent = {
  codes: 6_250,
  fileCodes: 1_000,
  localKills: 1_000,
  remoteKills: 200,
  serverKills: 200,
  histories: 20,
  stormMs: 60_000,
  failovers: 20,
  disks: [1_000, 1_500, 2_000, 3_000],
  writes: 1,
}

export const SHORT: Extent = {
  codes: 120,
  fileCodes: 40,
  localKills: 20,
  remoteKills: 6,
  serverKills: 3,
  histories: 1,
  stormMs: 6_000,
  failovers: 5,
  disks: [1_000],
  writes: 7,
}
