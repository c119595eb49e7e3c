import { describe, expect, test } from 'vitest'
import {
  ADMISSION_MODES,
  admits,
  entryByCode,
  isAdmissionMode,
  reevaluate,
  refuseEntry,
  type AdmissionMode,
} from '../../src/admission/admission.ts'
import type { Epoch } from '../../src/revocation/epoch.ts'
import type { Entry } from '../../src/session/session.ts'

const ENTRIES: readonly Entry[] = ['owner', 'code', 'approval', 'code+approval']

describe('a mode', () => {
  test('APP-01 is one of four', () => {
    expect(ADMISSION_MODES).toEqual(['closed', 'code', 'approval', 'code+approval'])
    for (const mode of ADMISSION_MODES) expect(isAdmissionMode(mode)).toBe(true)
    for (const value of ['owner', 'Code', '', null, undefined, 0, ['code']])
      expect(isAdmissionMode(value)).toBe(false)
  })

  test('APP-01 lets in by the very way that it names, and by no other', () => {
    for (const mode of ADMISSION_MODES)
      for (const entry of ENTRIES) expect(admits(mode, entry)).toBe(mode === entry)
    for (const entry of ENTRIES) expect(admits(null, entry)).toBe(false)
  })

  test('APP-01 tells which way a code opens', () => {
    expect(entryByCode('code+approval')).toBe('code+approval')
    for (const mode of ['closed', 'code', 'approval', null] as const)
      expect(entryByCode(mode)).toBe('code')
  })
})

describe('the refusal', () => {
  test('APP-01 of an unknown mode names what is stored', () => {
    expect(refuseEntry({ mode: null, stored: 'open' }, 'code')).toEqual([
      'admission_unknown',
      { reason: 'the stored admission mode is "open"' },
    ])
  })

  test('APP-01 of another way names the mode', () => {
    expect(refuseEntry({ mode: 'closed', stored: 'closed' }, 'code')).toEqual([
      'admission_refused',
      { members: { admission: 'closed' }, reason: 'by code while the admission mode is closed' },
    ])
    expect(refuseEntry({ mode: 'code', stored: 'code' }, 'code')).toBeNull()
  })
})

describe('a mode that is set', () => {
  const after = (mode: AdmissionMode, epoch: Epoch = { id: 'epo_one', since: 7 }): Epoch =>
    reevaluate(epoch, mode, 'epo_two')
  const ended = (mode: AdmissionMode): unknown =>
    after(mode).entries?.map(({ entry, id }) => `${entry} ${id}`)

  test('APP-01 ends those who came in by a way that is not as good, and never the owner', () => {
    expect(ended('closed')).toEqual(['code epo_two', 'approval epo_two', 'code+approval epo_two'])
    expect(ended('code')).toEqual([])
    expect(ended('approval')).toEqual(['code epo_two'])
    expect(ended('code+approval')).toEqual(['code epo_two', 'approval epo_two'])
  })

  test('APP-01 leaves the epoch, and the ages of other ways, as they were', () => {
    const epoch: Epoch = {
      id: 'epo_one',
      since: 7,
      entries: [
        { entry: 'code', id: 'epo_old' },
        { entry: 'code+approval', id: 'epo_old' },
      ],
    }
    expect(after('approval', epoch)).toEqual({
      id: 'epo_one',
      since: 7,
      entries: [
        { entry: 'code+approval', id: 'epo_old' },
        { entry: 'code', id: 'epo_two' },
      ],
    })
  })
})
