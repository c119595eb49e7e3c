import { describe, expect, it } from 'vitest'
import { isHeld, toCount, toPage, toRecord, toTail, toTime, toTotal } from '../src/replies.ts'

const odd = { code: 'store_unavailable', reason: 'Redis did not say what came of it' }
const readers = {
  toRecord: (answer: unknown) => toRecord(['a'], answer),
  toPage,
  toTail,
  toTotal,
  isHeld,
}

describe.each(Object.entries(readers))('%s', (name, read) => {
  const [list, text] = [['toPage', 'toTail'].includes(name), name === 'toRecord']
  it.each([
    'QUEUED',
    'OK',
    '',
    7,
    -1,
    1.5,
    true,
    {},
    undefined,
    ['x'],
    ['x', 'y', 'z'],
    [1],
    ['k', null],
    ...(text ? [] : [null]),
    ...(list ? [] : [[]]),
  ])('STO-02 refuses %j', (answer) => {
    expect(() => read(answer)).toThrow(expect.objectContaining(odd))
  })
})

it.each(['QUEUED', '', -1, 1.5, null, undefined, ['x', '1'], {}])(
  'STO-02 %j is no count, and no time',
  (answer) => {
    for (const read of [toCount, toTime])
      expect(() => read(answer)).toThrow(expect.objectContaining(odd))
  },
)

it('STO-02 what is no record of the store does not break a list, and is known by no version', () => {
  const { from, entries } = toPage(['c(k b', 'kk a', 'v1 {}', 'kk b', 'foreign'])
  expect(from).toBe('(k b')
  expect(entries).toEqual([
    { key: ['k', 'a'], value: '{}', version: 'v1' },
    { key: ['k', 'b'], value: 'foreign', version: '' },
  ])
})

it('STO-02 reads what scripts answer', () => {
  expect(toRecord(['a'], null)).toBeNull()
  expect(toRecord(['a'], 'v1 a b')).toEqual({ key: ['a'], value: 'a b', version: 'v1' })
  expect(toTotal('n9007199254740991')).toBe(Number.MAX_SAFE_INTEGER)
  expect([isHeld(1), isHeld('0')]).toEqual([true, false])
  expect([toCount(7), toCount('8'), toTime(['2', '5999'])]).toEqual([7, 8, 2_005])
  expect(toTail([])).toEqual({ items: [], oldest: null, latest: null, settled: true })
})
