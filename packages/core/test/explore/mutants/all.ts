import { MINT_CHECKS } from './checks.ts'
import { COMMITS } from './commits.ts'
import { EXTENSIONS } from './extensions.ts'
import type { Mutant } from './mutant.ts'
import { OTHER_CHECKS } from './other-checks.ts'
import { VERDICTS } from './verdicts.ts'
import { WRITES } from './writes.ts'

export const MUTANTS: readonly Mutant[] = [
  ...MINT_CHECKS,
  ...OTHER_CHECKS,
  ...VERDICTS,
  ...WRITES,
  ...COMMITS,
  ...EXTENSIONS,
]
