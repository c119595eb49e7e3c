import { describe, expect, it } from 'vitest'
import type { Key } from '../../../src/ports/store.ts'
import { toKeyText } from '../../../src/storage/key-text.ts'
import { absorb, finishHalf, startHash } from '../../../src/storage/memory/half-sip-hash.ts'
import { createKeyHash } from '../../../src/storage/memory/key-hash.ts'

const [K0, K1] = [0x9e3779b9, 0x85ebca6b]

/** The hash of a key's text, with nothing kept from one key to the next. */
function plain(key: Key): [low: number, high: number] {
  const bytes = Buffer.from(toKeyText(key), 'latin1')
  const padded = Buffer.concat([bytes, Buffer.alloc(4 - (bytes.length % 4))])
  padded[padded.length - 1] = bytes.length & 0xff
  const state = startHash(K0, K1)
  for (let at = 0; at < padded.length; at += 4) absorb(state, padded.readInt32LE(at))
  return [finishHalf(state, 0), finishHalf(state, 1)]
}

function drawNumbers(seed: number): (below: number) => number {
  let last = seed
  return (below) => {
    last = (Math.imul(last, 1_664_525) + 1_013_904_223) >>> 0
    return Math.floor((last / 2 ** 32) * below)
  }
}

describe('the hash of keys', () => {
  it('is that of their text, whatever key came before', () => {
    const draw = drawNumbers(7)
    const parts = ['pair', 'limit', 'redeem', 'a', '!', '~', '10.1.2.3', 'ab', 'x'.repeat(512)]
    const hash = createKeyHash(K0, K1)
    for (let round = 0; round < 5_000; round++) {
      const key = Array.from({ length: 1 + draw(6) }, () => parts[draw(parts.length)]!)
      hash.take(key)
      expect([hash.low, hash.high], key.join(' ')).toEqual(plain(key))
    }
  })

  it('tells parts from parts: what is joined otherwise is another key', () => {
    const hash = createKeyHash(K0, K1)
    const seen = new Set<string>()
    const keys = [['abc'], ['a', 'bc'], ['ab', 'c'], ['a', 'b', 'c'], ['a'], ['a', 'a'], ['aa']]
    for (const key of keys) {
      hash.take(key)
      seen.add(`${hash.low} ${hash.high}`)
    }
    expect(seen.size).toBe(keys.length)
  })

  it('refuses what is no key, as elsewhere, and goes on rightly', () => {
    const hash = createKeyHash(K0, K1)
    const good = ['pair', 'limit', 'a']
    const wrong: unknown[] = [
      [],
      [''],
      ['pair', ''],
      ['pair', 'limit', ' '],
      ['pair', 'limit', 'a', '\x7f'],
      ['pair', 'lim\x00t'],
      ['pair', 'é'],
      ['pair', '\u0141'],
      ['pair', '\ud800'],
      ['pair', 'x'.repeat(513)],
      ['pair', null],
      ['pair', undefined],
      ['pair', 1],
      [['pair']],
    ]
    for (const key of wrong) {
      hash.take(good)
      expect(() => toKeyText(key as Key), JSON.stringify(key)).toThrow(TypeError)
      expect(() => hash.take(key as Key), JSON.stringify(key)).toThrow(TypeError)
      // a beginning that was good stays one, what was refused does not become one
      expect(() => hash.take(key as Key), JSON.stringify(key)).toThrow(TypeError)
      hash.take(['pair', 'limit'])
      expect([hash.low, hash.high]).toEqual(plain(['pair', 'limit']))
      hash.take(good)
      expect([hash.low, hash.high]).toEqual(plain(good))
    }
  })

  it('is another under another key', () => {
    const [one, other] = [createKeyHash(1, 2), createKeyHash(1, 3)]
    one.take(['a'])
    other.take(['a'])
    expect([one.low, one.high]).not.toEqual([other.low, other.high])
  })
})
