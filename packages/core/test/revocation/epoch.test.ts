import { expect, test } from 'vitest'
import { epochOf, FIRST_EPOCH } from '../../src/revocation/epoch.ts'

test('APP-01 who came in by a way that was ended alone is held to the age of that way', () => {
  expect(FIRST_EPOCH).toBe('epo_first')
  const epoch = {
    id: 'epo_one',
    since: 0,
    entries: [
      { entry: 'code', id: 'epo_two' },
      { entry: 'approval', id: 'epo_three' },
    ],
  } as const
  const all = { ...epoch, entries: [...epoch.entries] }
  expect(epochOf(all, 'code')).toBe('epo_two')
  expect(epochOf(all, 'approval')).toBe('epo_three')
  expect(epochOf(all, 'owner')).toBe('epo_one')
  expect(epochOf({ id: 'epo_one', since: 0 }, 'code')).toBe('epo_one')
})
