import { describe, expect, test } from 'vitest'
import { recordKinds } from '../../src/store.ts'
import { millions } from './millions.ts'
import { kinds, stored } from './tables/stored.ts'

describe('what stood in a store', () => {
  millions(stored.filter(({ name }) => name !== 'decodeRecord'))

  test('each kind of record is among them', () => {
    expect([...kinds.keys()].sort()).toEqual(
      recordKinds()
        .map(({ kind }) => kind)
        .sort(),
    )
  })
})
