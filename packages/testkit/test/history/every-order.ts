import type { Asked } from '@pair/testkit/store'
import type { Line } from './script.ts'

type State = ReadonlyMap<string, string | number>

/** Whether some order of the lines is right, found out by trying each one. Only for a few lines. */
export function hasOrder(lines: readonly Line[], state: State = new Map()): boolean {
  if (lines.every(([, , ended]) => ended === null)) return true
  return lines.some((line, index) => {
    const [asked, began, ended, answer] = line
    const others = lines.filter((_, other) => other !== index)
    if (others.some((other) => other[2] !== null && other[2] < began)) return false
    const [next, right] = carriedOut(asked, state)
    if (ended !== null && !sameAnswer(right, answer)) return false
    return hasOrder(others, next)
  })
}

/** What a store of records and counters makes of a call, and what it answers: of an entry its value. */
function carriedOut(asked: Asked, state: State): [State, string | number | boolean | null] {
  const next = new Map(state)
  switch (asked.do) {
    case 'read':
      return [state, state.get(`record ${asked.key.join()}`) ?? null]
    case 'increment': {
      const name = `counter ${asked.counter.join()}`
      const total = Number(state.get(name) ?? 0) + asked.by
      return [next.set(name, total), total]
    }
    case 'commit': {
      const isHeld = asked.checks.every(({ key, version }) => {
        const value = state.get(`record ${key.join()}`)
        return version === (value === undefined ? null : `v-${value}`)
      })
      if (!isHeld) return [state, false]
      for (const { key, value } of asked.writes)
        if (value === null) next.delete(`record ${key.join()}`)
        else next.set(`record ${key.join()}`, value)
      return [next, true]
    }
    case 'list':
      throw new Error('lists are not tried')
  }
}

function sameAnswer(right: string | number | boolean | null, answer: Line[3]): boolean {
  const told = typeof answer === 'object' && answer && 'value' in answer ? answer.value : answer
  return right === (told ?? null)
}
