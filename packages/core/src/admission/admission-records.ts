import * as z from 'zod/mini'
import type { Key } from '../ports/store.ts'
import type { RecordKind } from '../storage/record-codec.ts'
import type { RecordWrite, Slot, Space } from '../storage/space.ts'
import { ADMISSION_MODES, type Admission, type AdmissionMode } from './admission.ts'

export const ADMISSION: RecordKind<Admission> = {
  name: 'admission',
  schema: z.object({ mode: z.enum(ADMISSION_MODES), version: z.string() }),
}

/** What another version may have written: enough to name it to the operator. */
const FOREIGN: RecordKind<{ mode: string }> = {
  name: 'admission',
  schema: z.object({ mode: z.string() }),
}

export interface AdmissionSlot extends Slot<Admission> {
  /** `null`: what is stored is not a mode of this version, and nobody is admitted. */
  mode: AdmissionMode | null
  /** The stored word that is not one of ours. */
  stored: string | null
}

export interface AdmissionRecords {
  read(): Promise<AdmissionSlot>
  put(admission: Admission): RecordWrite
  /** The write that makes the mode of the first start last, where nothing is kept yet. */
  settle(slot: AdmissionSlot): RecordWrite[]
}

const key: Key = ['admission']
/** Of the mode that came from the options. */
const FIRST = 'first'

export function createAdmissionRecords(space: Space, first: AdmissionMode): AdmissionRecords {
  const put = (admission: Admission): RecordWrite => ({
    key,
    kind: ADMISSION.name,
    record: admission,
    purgeAt: null,
  })
  return {
    put,
    async read() {
      const slot = await space.read(ADMISSION, key)
      if (slot.state !== 'corrupt')
        return { ...slot, mode: slot.record?.mode ?? first, stored: null }
      const { record } = await space.read(FOREIGN, key)
      return { ...slot, mode: null, stored: record?.mode.slice(0, 100) ?? '' }
    },
    settle: ({ record, mode }) =>
      record === null && mode !== null ? [put({ mode, version: FIRST })] : [],
  }
}
