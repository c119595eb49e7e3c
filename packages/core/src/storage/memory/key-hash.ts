import type { Key } from '../../ports/store.ts'
import { absorb, finishHalf, startHash, type SipState } from './half-sip-hash.ts'

/** The keyed hash of a key's text, in two signed halves. */
export interface KeyHash {
  /** Reckons that of one more key. @throws TypeError as `toKeyText` */
  take(key: Key): void
  readonly low: number
  readonly high: number
}

/** What was reckoned before a part. */
interface Stage {
  readonly state: SipState
  /** The last four characters. */
  word: number
  length: number
}

const JOINT = 0x20
const LONGEST = 512

/** Hashes under a key of two words. What a key begins with like the one before is not reckoned again. */
export function createKeyHash(k0: number, k1: number): KeyHash {
  const stages: Stage[] = [{ state: startHash(k0, k1), word: 0, length: 0 }]
  /** The parts of the last key whose stages stand. */
  const parts: string[] = []
  let known = 0
  const state = new Int32Array(4)
  let low = 0
  let high = 0

  function absorbPart(text: unknown, part: number, stage: Stage): Stage {
    if (typeof text !== 'string' || text.length === 0 || text.length > LONGEST) throw noKey()
    let { word, length } = stage
    let wrong = 0
    // one step before its characters: the joint
    for (let at = part === 0 ? 0 : -1; at < text.length; at++) {
      const byte = at < 0 ? JOINT : text.charCodeAt(at)
      // negative where it is no printable ASCII
      if (at >= 0) wrong |= (byte - 0x21) | (0x7e - byte)
      word = (word >>> 8) | (byte << 24)
      if ((++length & 3) === 0) absorb(state, word)
    }
    if (wrong < 0) throw noKey()
    const next = (stages[part + 1] ??= { state: new Int32Array(4), word, length })
    copy(state, next.state)
    next.word = word
    next.length = length
    parts[part] = text
    known = part + 1
    return next
  }

  return {
    take(key) {
      if (key.length === 0) throw noKey()
      let part = 0
      while (part < known && part < key.length && parts[part] === key[part]) part++
      let stage = stages[part]!
      copy(stage.state, state)
      for (; part < key.length; part++) stage = absorbPart(key[part], part, stage)
      const { word, length } = stage
      const rest = length & 3
      absorb(state, (rest === 0 ? 0 : word >>> ((4 - rest) << 3)) | (length << 24))
      low = finishHalf(state, 0)
      high = finishHalf(state, 1)
    },
    get low() {
      return low
    },
    get high() {
      return high
    },
  }
}

/** Faster than `set` for four words. */
function copy(from: SipState, to: SipState): void {
  for (let at = 0; at < 4; at++) to[at] = from[at]!
}

function noKey(): TypeError {
  return new TypeError('Not a key for a store')
}
