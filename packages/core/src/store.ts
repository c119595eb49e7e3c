export { timers as systemTimers } from './platform.ts'
export { recordKinds } from './record-kinds.ts'
export {
  fromKeyText,
  isWatchedText,
  toBelowText,
  toEndText,
  toKeyText,
} from './storage/key-text.ts'
export {
  createLineWatch,
  type LineEar,
  type LineWatch,
  type LineWatchPorts,
  type WatchLine,
} from './storage/line-watch.ts'
export { withPatience } from './storage/patience.ts'
export { quietly } from './storage/quietly.ts'
export type { RecordField, RecordFields } from './storage/record-fields.ts'
export { toLimit, toPurgeAt, toRaise, toStep, type Step } from './storage/steps.ts'
