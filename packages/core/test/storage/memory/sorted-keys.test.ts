import { describe, expect, it } from 'vitest'
import { createSortedKeys } from '../../../src/storage/memory/sorted-keys.ts'

describe('sorted keys', () => {
  it('hold their order through thousands of additions and removals in any order', () => {
    for (const step of [1, 7919, -1]) {
      const keys = createSortedKeys()
      const name = (n: number): string =>
        String((((n * step) % 5000) + 5000) % 5000).padStart(4, '0')
      const all = Array.from({ length: 5000 }, (_, n) => name(n))
      for (const key of all) keys.add(key)
      expect([...keys.after('')]).toEqual(all.toSorted())
      for (const key of all) if (Number(key) % 7 !== 0) keys.remove(key)
      const left = all.filter((key) => Number(key) % 7 === 0).toSorted()
      expect([...keys.after('')]).toEqual(left)
      for (const bound of ['0', '0007', '0008', '2499', '4998', '4999', '9']) {
        expect([...keys.after(bound)]).toEqual(left.filter((key) => key > bound))
      }
      for (const key of left) keys.remove(key)
      expect([...keys.after('')]).toEqual([])
      keys.add('again')
      expect([...keys.after('')]).toEqual(['again'])
    }
  })

  it('a range that was emptied is filled again in its place', () => {
    const keys = createSortedKeys()
    const all = Array.from({ length: 6000 }, (_, n) => String(n).padStart(4, '0'))
    const isMiddle = (key: string): boolean => key >= '1000' && key < '5000'
    for (const key of all) keys.add(key)
    for (const key of all.filter(isMiddle)) keys.remove(key)
    expect([...keys.after('')]).toEqual(all.filter((key) => !isMiddle(key)))
    expect(keys.after('3000')[Symbol.iterator]().next().value).toBe('5000')
    for (const key of all.filter(isMiddle).toReversed()) keys.add(key)
    expect([...keys.after('')]).toEqual(all)
  })

  it('to remove what is not there changes nothing', () => {
    const keys = createSortedKeys()
    keys.remove('a')
    keys.add('b')
    for (const key of ['a', 'bb', 'c']) keys.remove(key)
    expect([...keys.after('')]).toEqual(['b'])
  })
})
