import { equal } from 'node:assert/strict'
import { describe, expect, it } from 'vitest'
import { createCounterTable } from '../../../src/storage/memory/counter-table.ts'
import { resizeWords } from '../../../src/storage/memory/growable-words.ts'

const MOST = 50_000
const T0 = 1_800_000_000_000

/** What a platform before ES2024 answers. */
function withoutResizable<T>(call: () => T): T {
  const own = Object.getOwnPropertyDescriptor(ArrayBuffer.prototype, 'resizable')!
  Reflect.deleteProperty(ArrayBuffer.prototype, 'resizable')
  try {
    return call()
  } finally {
    Object.defineProperty(ArrayBuffer.prototype, 'resizable', own)
  }
}

describe('words that grow', () => {
  it('keep their memory from some size on', () => {
    const made = [new Uint16Array(10)]
    for (const length of [1_000, 2_000, 40_000, MOST, 5_000, 10]) {
      made.push(resizeWords(made.at(-1)!, length, MOST))
      expect(made.at(-1)!.length).toBe(length)
    }
    expect(new Set(made).size).toBe(3)
  })

  it('are made anew where buffers never change their size, and count alike', () => {
    withoutResizable(() => {
      const made = [new Uint16Array(10)]
      for (const length of [1_000, 2_000, 40_000, 5_000, 10]) {
        made.push(resizeWords(made.at(-1)!, length, MOST))
        expect(made.at(-1)!.length).toBe(length)
      }
      expect(new Set(made).size).toBe(6)

      const table = createCounterTable({ quota: 8_192, seed: [1, 2] })
      for (let n = 0; n < 12_000; n++)
        equal(table.raise(['a', String(n % 6_000)], 1, T0), n < 6_000 ? 1 : 2)
      expect(table.purge(T0 + 1, 5_000)).toBe(5_000)
      expect(table.purge(T0 + 1, 5_000)).toBe(1_000)
    })
  })
})
