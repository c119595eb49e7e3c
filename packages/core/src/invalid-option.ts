import { PairError } from './errors.ts'

/** What is wrong with an option, and how it would be right. */
export function invalid(option: string, must: string, mend: string): PairError {
  return new PairError('config_invalid', {
    message: `createPair: \`${option}\` must ${must}.`,
    hint: `For example ${mend}`,
  })
}
