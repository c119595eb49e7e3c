import * as z from 'zod/mini'
import { sha256Base64Url } from '../encoding/bytes.ts'
import type { Thumbprint } from '../ids.ts'
import { Instant } from '../storage/fields.ts'
import type { RecordKind } from '../storage/record-codec.ts'
import type { Change } from '../storage/space.ts'
import type { Millis } from '../time.ts'

export const SPENT: RecordKind<{ at: Millis }> = {
  name: 'proof',
  schema: z.object({ at: Instant }),
}

export interface ProofRecords {
  /** The mark of a spent proof. Its commit is lost where the proof was spent before. */
  spend(thumbprint: Thumbprint, jti: string, at: Millis, purgeAt: Millis): Change
}

export function createProofRecords(): ProofRecords {
  return {
    spend(thumbprint, jti, at, purgeAt) {
      const key = ['proof', thumbprint, sha256Base64Url(jti)]
      return {
        checks: [{ key, version: null }],
        writes: [{ key, kind: SPENT.name, record: { at }, purgeAt }],
        journal: [],
      }
    },
  }
}
