export { recordKinds } from './record-kinds.ts'
export {
  fromKeyText,
  isWatchedText,
  toBelowText,
  toEndText,
  toKeyText,
} from './storage/key-text.ts'
export type { RecordField, RecordFields } from './storage/record-fields.ts'
export { toLimit, toPurgeAt, toRaise, toStep, type Step } from './storage/steps.ts'
