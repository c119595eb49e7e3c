import type { Key } from '@pair/core'
import type { Answer, Asked } from '@pair/testkit/store'
import { dice } from './dice.ts'
import { commit, entry, raise, read, type Line } from './script.ts'

const KEYS = ['a', 'b']

/**
 * A few calls that overlap, on a store that carries each out somewhere between its begin and its end. Some answers are
 * lost, and some are made wrong, so that of such histories about as many are right as wrong.
 */
export function randomHistory(seed: number, length: number): Line[] {
  const draw = dice(seed)
  const records = new Map<string, string>()
  const readBefore = new Map<string, string[]>(KEYS.map((key) => [key, []]))
  let total = 0
  const lines: Line[] = []
  for (let call = 0; call < length; call++) {
    const asked = randomCall()
    const began = call * 10 - draw(35)
    const isLost = draw(5) === 0
    const isDone = !isLost || draw(2) === 0
    const answer = isDone ? carryOut(asked) : null
    const told = draw(12) === 0 ? wrong(asked, answer) : answer
    if (!isLost && asked.do === 'read') remember(told)
    lines.push([asked, began, isLost ? null : call * 10 + 1 + draw(35), told])
  }
  return lines

  function remember(answer: Answer): void {
    if (typeof answer !== 'object' || answer === null || Array.isArray(answer)) return
    readBefore.get(keyOf(answer.key))!.push(answer.value)
  }

  function randomKey(): string {
    return KEYS[draw(KEYS.length)]!
  }

  /** A version is checked that somebody read, or absence. */
  function randomCheck(key: string): string | null {
    const known = readBefore.get(key)!
    return draw(3) === 0 ? null : (known[known.length - 1 - draw(2)] ?? null)
  }

  function randomCall(): Asked {
    const kind = draw(10)
    if (kind < 4) return read(randomKey())
    if (kind < 6) return raise(draw(3))
    const checks = KEYS.filter(() => draw(3) > 0).map((key) => [key, randomCheck(key)])
    const writes = KEYS.filter(() => draw(2) === 0).map((key) => [
      key,
      draw(4) === 0 ? null : `${key}${lines.length}`,
    ])
    return commit(
      Object.fromEntries(checks) as Record<string, string | null>,
      Object.fromEntries(writes) as Record<string, string | null>,
    )
  }

  function carryOut(asked: Asked): Answer {
    switch (asked.do) {
      case 'increment':
        return (total += asked.by)
      case 'commit': {
        const stale = asked.checks.some(({ key, version }) => {
          const value = records.get(keyOf(key))
          return version !== (value === undefined ? null : `v-${value}`)
        })
        if (stale) return false
        for (const { key, value } of asked.writes)
          if (value === null) records.delete(keyOf(key))
          else records.set(keyOf(key), value)
        return true
      }
      case 'read': {
        const key = keyOf(asked.key)
        const value = records.get(key)
        return value === undefined ? null : entry(key, value)
      }
      case 'list':
        return []
    }
  }

  function wrong(asked: Asked, answer: Answer): Answer {
    if (typeof answer === 'boolean') return !answer
    if (asked.do === 'increment') return Math.max(asked.by, Number(answer) + draw(3) - 1)
    if (asked.do !== 'read') return answer
    const key = keyOf(asked.key)
    const known = readBefore.get(key)!
    const value = known[draw(known.length + 1)]
    return value === undefined ? null : entry(key, value)
  }
}

function keyOf(key: Key): string {
  return key.join()
}
