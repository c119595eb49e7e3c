export { raceForCodes, type RaceOptions } from './torture/code-races.ts'
export { killProcesses, type KillOptions } from './torture/process-kills.ts'
export {
  killServer,
  loseAnswers,
  type ServerKillOptions,
  type StormRunOptions,
} from './torture/server-faults.ts'
export { checkHistories, type HistoriesOptions } from './torture/histories.ts'
export { disagreeOnTime, type ClockOptions } from './torture/clocks.ts'
export type {
  OpenedStore,
  OpenStore,
  TorturedPlace,
  TorturedStore,
  TortureRow,
} from './torture/tortured-store.ts'
