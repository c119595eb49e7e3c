import type { Law } from '../law.ts'
import { actingLaw } from './acting.ts'
import { agentMintLaw, agentStateLaw, agentToldLaw } from './agents.ts'
import {
  answersLaw,
  oneVerdictLaw,
  refusedLaw,
  renewedLaw,
  revokeLaw,
  starveLaw,
} from './answers.ts'
import {
  collectorLaw,
  queueLaw,
  renderedLaw,
  stampsLaw,
  stickyLaw,
  verdictLaw,
} from './approvals.ts'
import { capLaw, countedLaw, issueLaw, usesLaw } from './codes.ts'
import { typedLaw } from './devices.ts'
import { journalLaw } from './journal.ts'
import { mintLaw } from './mint.ts'
import { relayLaw } from './relays.ts'
import { markLaw, oneLaw, renewLaw, toldLaw } from './sessions.ts'

/** All that has to hold, written down without looking at how the product sees to it. */
export const LAWS: readonly Law[] = [
  mintLaw,
  usesLaw,
  issueLaw,
  capLaw,
  countedLaw,
  renewLaw,
  oneLaw,
  markLaw,
  verdictLaw,
  stampsLaw,
  renderedLaw,
  collectorLaw,
  stickyLaw,
  queueLaw,
  journalLaw,
  toldLaw,
  answersLaw,
  oneVerdictLaw,
  refusedLaw,
  actingLaw,
  revokeLaw,
  starveLaw,
  renewedLaw,
  agentMintLaw,
  agentStateLaw,
  agentToldLaw,
  typedLaw,
  relayLaw,
]
