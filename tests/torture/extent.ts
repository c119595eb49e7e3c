const SHORT = {
  codes: 1_000,
  fileCodes: 60,
  trialMs: 30_000,
  crashes: 3,
  ends: 3,
  kills: 12,
  sqliteKills: 100,
  rounds: 24,
}
const LONG: typeof SHORT = {
  codes: 25_000,
  fileCodes: 700,
  trialMs: 300_000,
  crashes: 40,
  ends: 60,
  kills: 200,
  sqliteKills: 1_000,
  rounds: 160,
}

/** How much of it. `PAIR_TORTURE=long`: what a night has time for; else what each run of all tests has. */
export const EXTENT = process.env['PAIR_TORTURE'] === 'long' ? LONG : SHORT

/** More than any of it takes. */
export const PATIENCE_MS = 3_600_000
