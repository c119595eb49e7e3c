import { expect, it } from 'vitest'
import { createPositions } from '../src/positions.ts'

const old = createPositions('0198a0000000aaaaa')
const young = createPositions('0198a0000001aaaaa')
const places = [1, 2, 35, 36, 37, 1295, 1296, 2 ** 31, 2 ** 53 - 1]

it('SEC-18 positions sort by their bytes as their places do, and lead back to them', () => {
  const positions = places.map(old.toPosition)
  expect(positions.toSorted()).toEqual(positions)
  expect(positions.map(old.toPlace)).toEqual(places)
  for (const position of positions) expect(position).toMatch(/^[!-~]+$/)
})

it('SEC-18 positions of tables that were made later come behind all of the older ones, which lead to the begin', () => {
  expect(old.toPosition(2 ** 53 - 1) < young.toPosition(1)).toBe(true)
  for (const place of places) {
    expect(young.toPlace(old.toPosition(place))).toBe(0)
    expect(old.toPlace(young.toPosition(place))).toBe(Number.MAX_SAFE_INTEGER)
  }
})

it('what is no position of ours leads to the begin or behind the end, and is never no number', () => {
  expect(old.toPlace(null)).toBe(0)
  for (const wrong of ['', '0', '~', 'no position', '0198a0000000aaaaa-', '0198a0000000aaaaa-!!'])
    expect([0, Number.MAX_SAFE_INTEGER]).toContain(old.toPlace(wrong))
})
