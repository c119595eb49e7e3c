import type { ErrorCode, ErrorDetail } from '../errors.ts'
import type { EpochId } from '../ids.ts'
import type { Epoch } from '../revocation/epoch.ts'
import type { Entry } from '../session/session.ts'

/** How newcomers may enter. */
export const ADMISSION_MODES = ['closed', 'code', 'approval', 'code+approval'] as const
export type AdmissionMode = (typeof ADMISSION_MODES)[number]

export interface Admission {
  mode: AdmissionMode
  /** Random, and new with each change: who decides names the one that he saw. */
  version: string
}

export function isAdmissionMode(value: unknown): value is AdmissionMode {
  return (ADMISSION_MODES as readonly unknown[]).includes(value)
}

/** By which way a newcomer is let in. Only by the very one that the mode names. */
export function admits(mode: AdmissionMode | null, entry: Entry): boolean {
  return mode === entry
}

/** Which entries are as good as the mode asks. What a person approved is as good as a code; the owner stays the owner. */
const KEPT: Readonly<Record<AdmissionMode, readonly Entry[]>> = {
  closed: ['owner'],
  code: ['owner', 'code', 'approval', 'code+approval'],
  approval: ['owner', 'approval', 'code+approval'],
  'code+approval': ['owner', 'code+approval'],
}
const ENTRIES: readonly Entry[] = KEPT.code

/** The epoch after a mode was set that live sessions are held to: whoever came in otherwise belongs to an age that is over. */
export function reevaluate(epoch: Epoch, mode: AdmissionMode, next: EpochId): Epoch {
  const ended = ENTRIES.filter((entry) => !KEPT[mode].includes(entry))
  return {
    ...epoch,
    entries: [
      ...(epoch.entries ?? []).filter(({ entry }) => !ended.includes(entry)),
      ...ended.map((entry) => ({ entry, id: next })),
    ],
  }
}

/** Why nobody enters by that way now, as it is told; `null`: it is open. */
export function refuseEntry(
  { mode, stored }: { mode: AdmissionMode | null; stored: string | null },
  entry: Entry,
): [ErrorCode, ErrorDetail] | null {
  if (mode === null)
    return ['admission_unknown', { reason: `the stored admission mode is "${stored}"` }]
  if (admits(mode, entry)) return null
  return [
    'admission_refused',
    { members: { admission: mode }, reason: `by ${entry} while the admission mode is ${mode}` },
  ]
}

/** The way in that a code opens under that mode, if it opens any. */
export function entryByCode(mode: AdmissionMode | null): 'code' | 'code+approval' {
  return mode === 'code+approval' ? mode : 'code'
}
