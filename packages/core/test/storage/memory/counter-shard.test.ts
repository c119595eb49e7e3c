import { equal } from 'node:assert/strict'
import { describe, expect, it } from 'vitest'
import { createShard } from '../../../src/storage/memory/counter-shard.ts'

describe('a shard of counters', () => {
  it('tells hashes apart that differ in any one bit', () => {
    for (const [low, high] of [
      [0, 0],
      [-1, 0xffff],
    ] as const) {
      const shard = createShard({ most: 1_000, room: new Uint16Array(0) })
      const all: number[][] = [[low, high]]
      for (let bit = 0; bit < 32; bit++) all.push([low ^ (1 << bit), high])
      for (let bit = 0; bit < 16; bit++) all.push([low, high ^ (1 << bit)])
      for (const [n, [lower, upper]] of all.entries())
        expect(shard.raise(lower!, upper!, n + 1, 1)).toBe(n + 1)
      for (const [n, [lower, upper]] of all.entries())
        expect(shard.total(lower!, upper!)).toBe(n + 1)
      expect(shard.size).toBe(49)
    }
  })

  it('finds those that all begin at its last place, and each once others are forgotten', () => {
    const shard = createShard({ most: 3_000, room: new Uint16Array(0) })
    for (let n = 0; n < 2_000; n++) equal(shard.raise(-1, n, n + 1, n % 2), n + 1)
    expect(shard.purge(1, 300)).toBe(300)
    for (let n = 1; n < 2_000; n += 2) equal(shard.total(-1, n), n + 1)
    expect(shard.purge(1, 3_000)).toBe(700)
    expect(shard.earliest).toBe(1)
    for (let n = 0; n < 2_000; n++) equal(shard.total(-1, n), n % 2 === 0 ? 0 : n + 1)
    expect(shard.size).toBe(1_000)
  })

  it('looks at none again once it was looked at to its end', () => {
    const shard = createShard({ most: 3_000, room: new Uint16Array(0) })
    for (let n = 0; n < 2_000; n++) shard.raise(n << 20, n, 1, n < 500 ? 5 : 900)
    expect([shard.earliest, shard.purge(6, 500), shard.purge(6, 500)]).toEqual([5, 500, 0])
    expect(shard.earliest).toBe(900)
  })
})
